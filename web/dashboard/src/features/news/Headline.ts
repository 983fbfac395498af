import { asObject, asText, asTime } from '../../stream/json'

/** What a headline is said to mean for its tickers; REST says it, the socket does not. */
export type Sentiment = 'positive' | 'negative' | 'neutral'

/** One headline. What the payload lacks is null. All of it is text from outside and shown as text. */
export interface Headline {
  readonly text: string
  readonly source: string | null
  readonly tickers: readonly string[]
  readonly sentiment: Sentiment | null
  readonly isMajor: boolean
  /** When it was published, by the provider's clock, epoch ms. */
  readonly publishedAt: number | null
}

/** Longest headline kept, characters. */
const MostText = 600
const MostTickers = 12

/** Reads a payload of the socket (`timestamp`) or of REST (`created_at`). Null without a headline. */
export function parseHeadline(data: unknown): Headline | null {
  const payload = asObject(data)
  const text = asText(payload?.headline)?.trim()
  if (payload === null || text === undefined || text === '') return null
  const tickers = Array.isArray(payload.tickers) ? (payload.tickers as unknown[]) : []
  return {
    text: text.slice(0, MostText),
    source: asText(payload.source),
    tickers: tickers
      .filter(ticker => typeof ticker === 'string' && ticker !== '')
      .slice(0, MostTickers) as string[],
    sentiment: sentimentOf(payload.sentiment),
    isMajor: payload.is_major === true,
    publishedAt: asTime(payload.timestamp) ?? asTime(payload.created_at),
  }
}

function sentimentOf(value: unknown): Sentiment | null {
  const word = asText(value)?.toLowerCase()
  return word === 'positive' || word === 'negative' || word === 'neutral' ? word : null
}
