import { type APIRequestContext, expect, type Page } from '@playwright/test'
import { test } from './page'

// The panels on a simulated market. Run where SIMULATED_BASE_URL names a server that was started with
// TIDEWIRE_UPSTREAM=simulated; elsewhere they are skipped.
const baseURL = process.env.SIMULATED_BASE_URL || undefined
test.use({ baseURL: baseURL ?? 'http://127.0.0.1:8000' })
test.skip(baseURL === undefined, 'SIMULATED_BASE_URL is not set')

async function openDemo(page: Page): Promise<void> {
  await page.goto('/')
  await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'demo')
}

/** Whether a feed delivers here: it has published something. */
async function delivers(request: APIRequestContext, feed: string): Promise<boolean> {
  const { channels } = (await (await request.get('/api/stream/channels')).json()) as {
    channels: { id: string; active: { channel: string; last_at: string | null }[] }[]
  }
  return channels.some(({ id, active }) => id === feed && active.some(({ last_at }) => last_at !== null))
}

test('Prices, prints and gamma exposure of the simulated market fill the panels, which says that it is one', async ({
  page,
}) => {
  await openDemo(page)
  await expect(page.getByTestId('notice')).toContainText('Simulated market.')
  await expect(page.locator('[data-ticker=SPY]')).toContainText(/[▲▼+−]?\d+\.\d\d%/, { timeout: 20_000 })
  await expect(page.getByTestId('print-row').nth(5)).toBeVisible()
  const gamma = page.locator('[data-panel="Gamma exposure"]')
  await expect(gamma.getByTestId('strike-row').nth(10)).toBeVisible({ timeout: 20_000 })
  await expect(gamma.locator('dl')).toContainText(/Per 1% move, OI[+−]\$[\d.]+[KMBT]/)
  await expect(gamma).toContainText(/spot \d/)
})

for (const [feed, tab, row, words] of [
  ['market_movers', 'Movers', 'mover-row', /Most active.*Gainers.*Losers/s],
  ['congress_trades', 'Congress', 'filing-row', /(Buy|Sell|Purchase|Sale)/],
] as const) {
  test(`${tab} of the simulated market fill their panel once they are wanted`, async ({ page, request }) => {
    await openDemo(page)
    await page.getByRole('tab', { name: tab }).click()
    await page.getByRole('switch').click()
    await expect.poll(() => delivers(request, feed), { timeout: 15_000 }).toBe(true)
    await expect(page.getByTestId(row).first()).toBeVisible()
    await expect(page.locator(`[data-panel=${tab}]`)).toContainText(words)
    await expect(page.locator(`[data-panel=${tab}]`).getByTestId('feed-tag')).not.toHaveAttribute(
      'data-measured',
      'refused',
    )
  })
}
