const Ticker = /^[A-Z0-9.\-/_^]{1,24}$/

/** The ticker as the server writes it, or null when it takes none such: 1 to 24 letters, digits and `. - / _ ^`. */
export function parseTicker(text: unknown): string | null {
  if (typeof text !== 'string') return null
  const ticker = text.trim().toUpperCase()
  return Ticker.test(ticker) ? ticker : null
}

/** Why a text is no ticker, for whoever typed it. */
export function tickerFault(text: string): string {
  return text.trim() === ''
    ? 'Type a ticker, such as SPY.'
    : `“${text.trim().slice(0, 24)}” is no ticker. Letters, digits and . - / _ ^ are, up to 24.`
}
