import type { Locator, Page } from '@playwright/test'
import { expect, openLive, test, unguarded } from './page'
import { down, newTicker, publishTo, up } from './provider'

test.beforeAll(() => up())

const panel = (page: Page, name: string): Locator => page.locator(`[data-panel="${name}"]`)

/** Publishes until what is wanted shows: a channel may not be joined yet, and the provider replays nothing. */
async function publishUntil(channel: string, payload: object, shown: Locator): Promise<void> {
  await expect(async () => {
    await publishTo(channel, payload)
    await expect(shown.first()).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 20_000 })
}

/** A price of our own making, as a program on this machine broadcasts it. */
async function broadcastPrice(page: Page, ticker: string, fields: object): Promise<void> {
  const answer = await page.request.post('/api/ws/broadcast/price', { data: { ticker, ...fields } })
  expect(answer.ok()).toBe(true)
}

const totals = (ticker: string, more: object = {}): object => ({
  ticker,
  timestamp: Date.now(),
  price: '101.5',
  gamma_per_one_percent_move_oi: '6931204411.7219332',
  gamma_per_one_percent_move_vol: '54210993118.1833',
  gamma_per_one_percent_move_dir: '-3971102880.0021',
  ...more,
})
const strike = (ticker: string, at: number, call: number, put: number): object => ({
  ticker,
  timestamp: Date.now(),
  strike: String(at),
  price: '101.5',
  call_gamma_oi: `${call}.123456789`,
  put_gamma_oi: String(put),
  call_gamma_vol: String(call / 10),
  put_gamma_vol: String(put / 10),
})
const print = (symbol: string, more: object = {}): object => ({
  symbol,
  price: '117.2985',
  size: 10_900,
  executed_at: '2026-11-20T16:47:52Z',
  nbbo_bid: '117.29',
  nbbo_ask: '117.30',
  ...more,
})

test.describe('Gamma exposure', () => {
  test('of a ticker the reader chooses shows totals, strikes and levels, and is remembered', async ({
    page,
    relay: { commands },
  }) => {
    await openLive(page)
    const gamma = panel(page, 'Gamma exposure')
    const field = gamma.getByRole('textbox')
    await expect(field).toHaveValue('SPY')
    const ticker = newTicker()
    await field.fill(ticker.toLowerCase())
    await field.press('Enter')
    await expect.poll(() => commands).toContain('unsubscribe gex:SPY')
    expect(commands).toContain('unsubscribe gex_strike:SPY')
    await expect(gamma.getByTestId('panel-empty')).toContainText(`No gamma exposure of ${ticker} yet`)

    await publishUntil(`gex:${ticker}`, totals(ticker), gamma.getByText('+$6.93B'))
    for (const text of ['+$54.2B', '−$3.97B']) await expect(gamma).toContainText(text)
    const rows = gamma.getByTestId('strike-row')
    await publishUntil(`gex_strike:${ticker}`, strike(ticker, 100, 2e9, -3e9), rows)
    await publishTo(`gex_strike:${ticker}`, strike(ticker, 105, 4e9, -1e9))
    await publishTo(`gex_strike:${ticker}`, strike(ticker, 95, 1e9, -2e9))
    await expect(rows).toHaveCount(3)
    await expect(gamma).toContainText('spot 101.50')
    // From below: −1, −2, +1 billion. The sum crosses zero two thirds of the way from 100 to 105.
    for (const text of ['Zero level103.33', 'Call wall105', 'Put wall100'])
      await expect(gamma.locator('dl')).toContainText(text)
    await expect(rows.filter({ hasText: '105' }).locator('title')).toHaveText(
      '105: calls +$4.00B, puts −$1.00B',
    )
    await gamma.getByRole('button', { name: 'Vol' }).click()
    await expect(rows.filter({ hasText: '105' }).locator('title')).toHaveText(
      '105: calls +$400.0M, puts −$100.0M',
    )

    await page.reload()
    await expect(field).toHaveValue(ticker)
    await expect(gamma.getByRole('button', { name: 'Vol' })).toHaveAttribute('aria-pressed', 'true')
    await expect(rows).toHaveCount(3)
  })

  test('is not asked for of what is no ticker, and the field says why', async ({
    page,
    relay: { commands },
  }) => {
    await openLive(page)
    const gamma = panel(page, 'Gamma exposure')
    const field = gamma.getByRole('textbox')
    await field.fill('<b>no</b>')
    await field.press('Enter')
    await expect(gamma.getByRole('alert')).toHaveText(/“<b>no<\/b>” is no ticker/)
    await expect(field).toHaveAttribute('aria-invalid', 'true')
    await field.press('Escape')
    await expect(field).toHaveValue('SPY')
    expect(commands.filter(command => command.includes('gex'))).toEqual([
      'subscribe gex:SPY',
      'subscribe gex_strike:SPY',
    ])
  })
})

test.describe('The watch-list', () => {
  test('shows the price of a ticker that is added, remembers it, and reads no more of one that is removed', async ({
    page,
    relay: { commands },
  }) => {
    await openLive(page)
    const list = panel(page, 'Watch-list')
    const ticker = newTicker()
    const field = list.getByRole('textbox', { name: 'Add a ticker to the watch-list' })
    await field.fill(` ${ticker.toLowerCase()} `)
    await field.press('Enter')
    await expect(field).toHaveValue('')
    const row = list.locator(`[data-ticker=${ticker}]`)
    await expect(row).toContainText('no price yet')
    await broadcastPrice(page, ticker, {
      price: 191.25,
      change: -1.5,
      change_percent: -0.78,
      volume: 41_250_000,
      high: 193.1,
      low: 189.4,
    })
    for (const text of ['191.25', '−0.78%']) await expect(row).toContainText(text)
    const tile = row.getByRole('button').first()
    for (const text of ['change −1.50', 'volume 41.3M', 'low 189.40, high 193.10'])
      await expect(tile).toHaveAttribute('title', new RegExp(text))

    await field.fill(ticker)
    await field.press('Enter')
    await expect(list.getByRole('alert')).toHaveText(`${ticker} is on the list.`)

    await page.reload()
    await expect(row).toContainText('191.25') // from history: nothing was published since
    await list.getByRole('button', { name: 'Edit the watch-list' }).click()
    await row.getByRole('button', { name: `Remove ${ticker}` }).click()
    await expect(row).toHaveCount(0)
    await expect.poll(() => commands).toContain(`unsubscribe ticker:${ticker}`)
    await page.reload()
    await expect(list.locator('[data-ticker=SPY]')).toBeVisible()
    await expect(row).toHaveCount(0)
  })

  test('changes the cells of the ticker that ticks, and of no other', async ({ page }) => {
    await openLive(page)
    const list = panel(page, 'Watch-list')
    await broadcastPrice(page, 'QQQ', { price: 500, change: 1 })
    await broadcastPrice(page, 'SPY', { price: 600, change: 1 })
    await expect(list.locator('[data-ticker=SPY]')).toContainText('600.00')
    await expect(list.locator('[data-ticker=QQQ]')).toContainText('500.00')
    const changed = await page.evaluateHandle(() => {
      const seen = new Set<string>()
      const observer = new MutationObserver(records => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement
          seen.add(element?.closest('[data-ticker]')?.getAttribute('data-ticker') ?? '')
        }
      })
      for (const row of document.querySelectorAll('[data-ticker]'))
        observer.observe(row, { attributes: true, childList: true, characterData: true, subtree: true })
      return seen
    })
    await broadcastPrice(page, 'SPY', { price: 601, change: 2 })
    await expect(list.locator('[data-ticker=SPY]')).toContainText('601.00')
    await expect(list.locator('[data-ticker=SPY] [data-moved]')).toHaveAttribute('data-moved', 'up')
    expect(await changed.evaluate(seen => [...seen])).toEqual(['SPY'])
  })
})

test.describe('Dark pool', () => {
  test('shows prints as the socket and as REST spell them', async ({ page }) => {
    await openLive(page)
    const rows = panel(page, 'Dark pool').getByTestId('print-row')
    const ticker = newTicker()
    await publishUntil('off_lit_trades', print(ticker), rows.filter({ hasText: ticker }))
    const row = rows.filter({ hasText: ticker }).first()
    for (const text of ['11:47:52', '117.30', 'ask', '10,900', '$1.3M']) await expect(row).toContainText(text)

    const other = newTicker()
    await publishTo('off_lit_trades', {
      ticker: other,
      price: '592.98',
      size: 184_000,
      premium: '109108320.00',
      executed_at: '2026-11-20 16:47:53+00:00',
      canceled: true,
    })
    const canceled = rows.filter({ hasText: other }).first()
    for (const text of ['11:47:53', '184K', '$109.1M']) await expect(canceled).toContainText(text)
    await expect(canceled).toHaveAttribute('data-canceled', 'true')
  })

  test('holds still for a reader further down, and lets in what waits', async ({ page }) => {
    await openLive(page)
    const pane = panel(page, 'Dark pool')
    const rows = pane.getByTestId('print-row')
    const filler = newTicker()
    await publishUntil('off_lit_trades', print(filler), rows.filter({ hasText: filler }))
    for (let index = 0; index < 30; index++) await publishTo('off_lit_trades', print(filler))
    await expect.poll(() => rows.count()).toBeGreaterThan(30)
    const list = pane.getByRole('region', { name: 'Prints' })
    await list.evaluate(element => element.scrollTo({ top: 220 }))
    await expect(pane).toContainText('held while you read')
    const late = newTicker()
    for (let index = 0; index < 3; index++) await publishTo('off_lit_trades', print(late))
    await expect(pane.getByTestId('panel-waiting')).toHaveText('3 new')
    await expect(rows.filter({ hasText: late })).toHaveCount(0)
    expect(await list.evaluate(element => element.scrollTop)).toBe(220)
    await pane.getByTestId('panel-waiting').click()
    await expect(rows.filter({ hasText: late })).toHaveCount(3)
    expect(await list.evaluate(element => element.scrollTop)).toBe(0)
  })

  test('marks where something is missing', async ({ page }) => {
    await openLive(page)
    const pane = panel(page, 'Dark pool')
    const ticker = newTicker()
    await publishUntil('off_lit_trades', print(ticker), pane.getByText(ticker))
    await down()
    await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'reconnecting')
    await up()
    await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await publishUntil('off_lit_trades', print(newTicker()), pane.getByTestId('panel-gap'))
    await expect(pane.getByTestId('panel-gap').first()).toContainText('Connection to the provider lost.')
  })
})

test('A headline is text, whatever it holds', async ({ page }) => {
  await openLive(page)
  const rows = panel(page, 'News').getByTestId('news-row')
  const ticker = newTicker()
  const headline = `<img src=x onerror="document.title='taken'"><b>bold</b> &amp; ${ticker}`
  await publishUntil(
    'news',
    { headline, timestamp: new Date().toISOString(), source: '<i>wire</i>', tickers: [ticker, '<u>', 'B'] },
    rows.filter({ hasText: ticker }),
  )
  const row = rows.filter({ hasText: ticker }).first()
  for (const text of [headline, '<i>wire</i>', '+1']) await expect(row).toContainText(text)
  await expect(row.locator('img, i, u')).toHaveCount(0)
  await expect(page).toHaveTitle('Tidewire')

  const major = newTicker()
  await publishTo('news', {
    headline: `Rates ${major}`,
    created_at: new Date(Date.now() - 864e5 * 3).toISOString().replace('T', ' ').replace('Z', '+00:00'),
    source: 'wire',
    tickers: [major],
    sentiment: 'negative',
    is_major: true,
  })
  const old = rows.filter({ hasText: major }).first()
  for (const text of ['Major', 'negative']) await expect(old).toContainText(text)
  await expect(old.locator('time')).toHaveText(/^[A-Z][a-z]{2} \d+/) // older than today: a day, not a time
})

test.describe('Feeds on trial', () => {
  test('are asked for only after the reader has said so, and no more after taking it back', async ({
    page,
    relay: { commands },
  }) => {
    await openLive(page)
    await page.getByRole('tab', { name: 'Movers' }).click()
    const offer = panel(page, 'Movers')
    await expect(offer).toContainText('nothing is asked for')
    await expect(offer.getByTestId('feed-tag')).toHaveCount(2)
    const trial = (): string[] => commands.filter(command => /market_movers|congress_trades/.test(command))
    expect(trial()).toEqual([])

    await offer.getByRole('switch').click()
    await expect.poll(trial).toEqual(['subscribe market_movers'])
    await expect(panel(page, 'Movers').getByTestId('feed-tag')).toBeVisible()
    await page.getByRole('tab', { name: 'Congress' }).click()
    await expect.poll(trial).toEqual(['subscribe market_movers', 'subscribe congress_trades'])

    await page.reload()
    await expect(panel(page, 'Congress')).toBeVisible()
    await expect.poll(() => trial().at(-1)).toBe('subscribe congress_trades')
    await panel(page, 'Congress').getByRole('switch').click()
    await expect(panel(page, 'Congress')).toContainText('nothing is asked for')
    await expect.poll(() => trial().at(-1)).toBe('unsubscribe congress_trades')
  })

  test('say what is measured of them', async ({ page }) => {
    let measured: object = { measured: 'silent', reason: 'Nothing for 90 s.' }
    await page.route('**/api/stream/channels', route =>
      route.fulfill({
        json: {
          channels: [
            { id: 'market_movers', active: [{ channel: 'market_movers', state: 'requested', ...measured }] },
          ],
        },
      }),
    )
    await openLive(page)
    await page.getByRole('tab', { name: 'Movers' }).click()
    await panel(page, 'Movers').getByRole('switch').click()
    const movers = panel(page, 'Movers')
    const tag = movers.getByTestId('feed-tag')
    await expect(tag).toHaveAttribute('data-measured', 'silent')
    await expect(tag).toHaveAttribute('title', /sends nothing\. Nothing for 90 s\./)
    await expect(movers.getByTestId('panel-empty')).toContainText('Nothing for 90 s.')
    // A server that does not measure says only a state.
    for (const [says, word] of [
      [{ measured: 'fallback' }, 'fallback'],
      [{ state: 'live' }, 'verified'],
    ] as const) {
      measured = says
      await page.reload()
      await expect(tag).toHaveAttribute('data-measured', word)
      await expect(tag).toContainText(word)
    }
  })
})

test.describe('On a phone', () => {
  test('one pane is shown, and only it is read', async ({ page, relay: { commands } }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await openLive(page)
    await expect(page.getByRole('tab', { name: 'Flow' })).toHaveAttribute('aria-selected', 'true')
    // The tide line is over every pane.
    await expect.poll(() => [...commands].sort()).toEqual(['subscribe flow-alerts', 'subscribe market_tide'])
    await page.getByRole('tab', { name: 'Gamma' }).click()
    await expect(panel(page, 'Gamma exposure')).toBeVisible()
    await expect.poll(() => commands.slice(2)).toEqual(['subscribe gex:SPY', 'subscribe gex_strike:SPY'])
    await page
      .getByRole('tablist', { name: 'Panels', exact: true })
      .getByRole('tab', { name: 'News' })
      .click()
    await expect
      .poll(() => commands.slice(4))
      .toEqual(['unsubscribe gex:SPY', 'unsubscribe gex_strike:SPY', 'subscribe news'])

    await page.reload()
    await expect(panel(page, 'News')).toBeVisible()
    const dock = page.getByRole('tablist', { name: 'Panels', exact: true })
    await dock.getByRole('tab', { name: 'News' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect(panel(page, 'Dark pool')).toBeVisible()
    await expect(dock.getByRole('tab', { name: 'Prints' })).toBeFocused()
    await page.keyboard.press('Home')
    await expect(page.getByRole('grid', { name: 'Flow tape' })).toBeVisible()
  })

  test('nothing stands over the edge, in any pane', async ({ page }) => {
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 700 })
      await openLive(page)
      const dock = page.getByRole('tablist', { name: 'Panels', exact: true })
      for (const name of ['Prices', 'Gamma', 'Prints', 'News', 'Tide', 'Flow']) {
        await dock.getByRole('tab', { name, exact: true }).click()
        expect(await overflow(page), `${name} at ${width}`).toEqual([])
      }
    }
  })
})

test('Beside the tape nothing stands over an edge, at any width', async ({ page }) => {
  await openLive(page)
  const list = panel(page, 'Watch-list')
  await broadcastPrice(page, 'SPY', {
    price: 21_427.94,
    change: -1_234.56,
    change_percent: -12.34,
    volume: 999_400_000,
    high: 22_000,
    low: 21_000,
  })
  await expect(list).toContainText('21,427.94')
  const ticker = newTicker()
  await publishUntil(
    'off_lit_trades',
    print(ticker, { price: '5930.88', size: 98_765, nbbo_bid: '5930', nbbo_ask: '5931' }),
    panel(page, 'Dark pool').getByText(ticker),
  )
  for (const width of [1920, 1600, 1440, 1280, 1024]) {
    await page.setViewportSize({ width, height: 900 })
    await expect(list).toBeVisible()
    expect(await overflow(page), `at ${width}`).toEqual([])
  }
  await page.setViewportSize({ width: 900, height: 900 })
  await expect(page.getByRole('tab', { name: 'Prices' })).toBeVisible()
  expect(await overflow(page), 'at 900').toEqual([])
})

/** What is wider than the room it has: the page, or a figure in a cell that would cut it off. */
async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page')
    for (const cell of document.querySelectorAll('[data-panel] :is(td, th, dd)')) {
      if (cell.clientWidth > 1 && cell.scrollWidth > cell.clientWidth + 1) found.push(cell.textContent ?? '')
    }
    for (const bar of document.querySelectorAll('[data-panel] > div:first-child, [role=tablist]')) {
      if (bar.scrollWidth > bar.clientWidth + 1) found.push(`bar: ${bar.textContent}`)
    }
    return found
  })
}

// A browser logs every request that fails, and here they do.
unguarded(
  'Without a server the panels keep what they have, greyed, and say of when it is',
  async ({ page, relay }) => {
    await openLive(page)
    const list = panel(page, 'Watch-list')
    await broadcastPrice(page, 'SPY', { price: 612.34, change: 1 })
    await expect(list).toContainText('612.34')
    relay.cut()
    await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'offline')
    for (const name of ['Watch-list', 'Gamma exposure', 'Dark pool', 'News'])
      await expect(panel(page, name)).toContainText(/at \d\d:\d\d:\d\d/)
    await expect(list).toContainText('612.34')
    const [change, stale] = await list.locator('[data-ticker=SPY] [data-way=up]').evaluate(element => {
      const probe = document.createElement('span')
      probe.className = 'probe'
      element.append(probe)
      probe.style.color = 'var(--stale)'
      return [getComputedStyle(element).color, getComputedStyle(probe).color]
    })
    expect(change).toBe(stale)

    relay.mend()
    await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await broadcastPrice(page, 'SPY', { price: 613.45, change: 2 })
    await expect(list).toContainText('613.45')
  },
)
