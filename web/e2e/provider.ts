import { expect, type Locator, type Page } from '@playwright/test'

/** Of values with a space between them the one of the worker that asks. */
export const ofWorker = (values: string): string =>
  values.split(' ')[Number(process.env.TEST_PARALLEL_INDEX ?? 0)] ?? ''

const control = ofWorker(process.env.FAKE_CONTROL_URLS ?? '')

/** Tells the provider behind the server under test what to do. */
async function tell(command: string, body = ''): Promise<void> {
  const answer = await fetch(`${control}/${command}`, { method: 'POST', body })
  expect(answer.ok, `the provider’s ${command} answered ${answer.status}`).toBe(true)
}

/** The provider refuses connections and drops the one it has. */
export const down = (): Promise<void> => tell('down')
/** The provider accepts connections again. */
export const up = (): Promise<void> => tell('up')
/** The provider answers 401 from now on. */
export const unauthorized = (): Promise<void> => tell('unauthorized')

let made = 0

/** A ticker no other test uses, of six letters: the longest the column has to hold. */
export function newTicker(): string {
  made++
  return `QZ${made
    .toString(26)
    .padStart(4, '0')
    .replace(/[0-9a-p]/g, digit => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[Number.parseInt(digit, 26)] ?? 'Z')}`
}

/** Publishes one flow alert at the provider, as raw bytes in its own form. */
export async function publish(ticker: string, changes: object = {}): Promise<void> {
  const now = Date.now()
  const alert = {
    id: crypto.randomUUID(),
    rule_id: crypto.randomUUID(),
    rule_name: 'RepeatedHits',
    ticker,
    option_chain: `${ticker}270115C00150000`,
    underlying_price: 135.23,
    volume: 1200,
    total_size: 40,
    total_premium: 44_600.0,
    start_time: now - 6_000,
    end_time: now - 5_000,
    executed_at: now - 5_000,
    price: 11.15,
    bid: '11.05',
    ask: '11.15',
    open_interest: 900,
    volume_oi_ratio: 0.0,
    has_sweep: true,
    has_floor: false,
    has_multileg: false,
    has_singleleg: true,
    all_opening_trades: false,
    exchanges: ['XCBO', 'MPRL'],
    a_field_of_the_future: { nested: [1, null] },
    ...changes,
  }
  await tell('send', JSON.stringify(['flow-alerts', alert]))
}

/** Publishes a payload on a channel at the provider, as raw bytes in its own form. Nothing happens where nobody joined. */
export const publishTo = (channel: string, payload: object): Promise<void> =>
  tell('send', JSON.stringify([channel, payload]))

/** The rows of a ticker. */
export function rowsOf(page: Page, ticker: string): Locator {
  return page.getByTestId('tape-row').filter({ hasText: ticker })
}

/** Publishes until a row shows: right after a reconnect the channel may not be joined yet, and the provider replays nothing. */
export async function publishUntilShown(page: Page, ticker: string, changes: object = {}): Promise<void> {
  await expect(async () => {
    await publish(ticker, changes)
    await expect(rowsOf(page, ticker).first()).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 20_000 })
}
