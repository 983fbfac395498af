import { expect, openLive, test, unguarded } from './page'
import { down, newTicker, publish, publishUntilShown, rowsOf, up } from './provider'

test.beforeAll(() => up())

test.describe('A live tape', () => {
  test('shows rows as they arrive, and says LIVE', async ({ page }) => {
    await openLive(page)
    await expect(page).toHaveTitle('Tidewire')
    const pill = page.getByTestId('status-pill')
    await expect(pill).toHaveAttribute('title', 'LIVE - Connected to UW WebSocket')
    await expect(pill).toHaveText(/^LIVE \d+\sms$/)

    const ticker = newTicker()
    await publishUntilShown(page, ticker, { total_premium: 12_299_565, total_size: 11_031 })
    const row = rowsOf(page, ticker).first()
    for (const text of [
      ticker,
      '150',
      'C',
      'ask',
      '11.15',
      '11,031',
      '$12.3M',
      '135.23',
      '+10.9%',
      '1.3×',
      'Hits',
    ]) {
      await expect(row).toContainText(text)
    }
    await expect(row).toHaveAttribute('data-offset', /^\d+$/)
  })

  test('is served at / and /dashboard under a policy that allows nothing foreign and nothing inline', async ({
    page,
  }) => {
    for (const path of ['/', '/dashboard']) {
      const answer = await page.goto(path)
      const policy = answer?.headers()['content-security-policy'] ?? ''
      expect(policy).toMatch(/(default|script)-src 'self'/)
      expect(policy).not.toContain('unsafe')
      await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'live')
    }
  })

  test('puts the newest on top and draws no row again for it', async ({ page }) => {
    await openLive(page)
    const before = newTicker()
    await publishUntilShown(page, before)
    const changed = await page.evaluateHandle(() => {
      const rows = [...document.querySelectorAll('[data-testid=tape-row]')]
      const mutations: string[] = []
      const observer = new MutationObserver(records => {
        for (const record of records) {
          // The index of a row and the text of its age may change; nothing else of it does.
          const isAge = record.target.parentElement?.matches('[role=gridcell]:first-child') ?? false
          if (record.attributeName === 'aria-rowindex' || record.attributeName === 'data-new' || isAge)
            continue
          mutations.push(`${record.type} ${record.attributeName ?? ''}`)
        }
      })
      for (const row of rows)
        observer.observe(row, { attributes: true, childList: true, characterData: true, subtree: true })
      return mutations
    })
    const after = newTicker()
    await publishUntilShown(page, after)
    await expect(page.getByTestId('tape-row').first()).toContainText(after)
    expect(await changed.jsonValue()).toEqual([])
  })

  test('still has its rows after a reload', async ({ page }) => {
    await openLive(page)
    const ticker = newTicker()
    await publishUntilShown(page, ticker)
    await page.reload()
    await expect(rowsOf(page, ticker).first()).toBeVisible()
  })

  test('holds figures of every size without cutting one off', async ({ page }) => {
    await openLive(page)
    const ticker = newTicker()
    await publishUntilShown(page, ticker, {
      total_premium: 0.01,
      price: 0.01,
      bid: '0.01',
      ask: '0.09',
      total_size: 1,
    })
    await publish(ticker, {
      total_premium: 123_900_000,
      price: 400.45,
      option_chain: `${ticker}281215P21450000`,
      underlying_price: 21_427.94,
      total_size: 98_765,
      volume: 99_999,
      open_interest: 12,
    })
    await publish(ticker, {
      total_premium: null,
      price: null,
      bid: null,
      open_interest: null,
      option_chain: 'not an option',
    })
    await expect(rowsOf(page, ticker).filter({ hasText: '$123.9M' })).toBeVisible()
    for (const width of [1440, 1024, 800, 700]) {
      await page.setViewportSize({ width, height: 900 })
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('[data-testid=tape-row] > [role=gridcell]:not([title=RepeatedHits])')]
          .filter(cell => cell.clientWidth > 0 && cell.scrollWidth > cell.clientWidth + 1)
          .filter(cell => getComputedStyle(cell).overflowX !== 'visible')
          .map(cell => cell.textContent),
      )
      expect(cut, `cut off at ${width}`).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    }
  })

  // A busy machine bends a time: measured only when asked to, as ./test.sh --long does.
  const timed = process.env.PAGE_TIMED ? test : test.skip
  timed('shows its bones within 300 ms', async ({ page }) => {
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector('[data-testid=skeleton], [data-testid=tape-row]') === null) return
        observer.disconnect()
        document.documentElement.dataset.drawnAfter = String(performance.now())
      }).observe(document, { childList: true, subtree: true })
    })
    await page.goto('/')
    await page.reload() // a warm cache: what is measured is the page, not the disk
    await expect(page.locator('html')).toHaveAttribute('data-drawn-after', /./)
    expect(Number(await page.locator('html').getAttribute('data-drawn-after'))).toBeLessThan(300)
  })
})

test.describe('A reader', () => {
  test('pauses with Space, sees what waits and lets it in', async ({ page }) => {
    await openLive(page)
    const before = newTicker()
    await publishUntilShown(page, before)
    await page.keyboard.press(' ')
    await expect(page.getByTestId('pause')).toHaveText('Resume')
    const waiting = newTicker()
    await publish(waiting, { total_premium: 12_299_565 })
    await publish(waiting)
    const pill = page.getByTestId('new-pill')
    await expect(pill).toContainText(`2 new, largest ${waiting} 150 C $12.3M`)
    await expect(rowsOf(page, waiting)).toHaveCount(0)
    await pill.click()
    await expect(rowsOf(page, waiting)).toHaveCount(2)
    await expect(pill).toBeHidden()
    await expect(page.getByTestId('pause')).toHaveText('Pause')
  })

  test('who has scrolled down keeps the row under the eyes', async ({ page }) => {
    await openLive(page)
    const filler = newTicker()
    await publishUntilShown(page, filler)
    for (let index = 0; index < 60; index++) await publish(filler)
    await page.mouse.move(700, 500)
    await page.mouse.wheel(0, 480)
    const scroller = page.getByRole('rowgroup', { name: 'Rows' })
    await expect.poll(() => scroller.evaluate(element => element.scrollTop)).toBe(480)
    const row = page.getByTestId('tape-row').nth(25)
    const offset = await row.getAttribute('data-offset')
    const place = await row.boundingBox()

    await publish(newTicker())
    await expect(page.getByTestId('new-pill')).toContainText('1 new')
    const same = page.locator(`[data-testid=tape-row][data-offset="${offset}"]`)
    expect(await same.boundingBox()).toEqual(place)

    await page.keyboard.press('n')
    await expect.poll(() => scroller.evaluate(element => element.scrollTop)).toBe(0)
    await expect(page.getByTestId('new-pill')).toBeHidden()
  })

  test('has a theme that is remembered', async ({ page }) => {
    await openLive(page)
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
    await page.getByRole('button', { name: 'Theme and density' }).click()
    await page.getByRole('button', { name: 'Light' }).click()
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
    await page.reload()
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  })

  test('opens the full status, and Escape gives the focus back', async ({ page }) => {
    await openLive(page)
    const pill = page.getByTestId('status-pill')
    await pill.click()
    const popover = page.getByRole('dialog', { name: 'Connection' })
    for (const text of ['connected', 'flow-alerts', 'Round trip', 'Clients', 'Tidewire', 'messagesReceived'])
      await expect(popover).toContainText(text)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await popover.getByTestId('copy-diagnostics').click()
    await expect(popover).toContainText('Copied.')
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    for (const text of ['condition: live', 'reconnectAttempts: 0', 'flow-alerts: '])
      expect(copied).toContain(text)
    await page.keyboard.press('Escape')
    await expect(popover).toBeHidden()
    await expect(pill).toBeFocused()
  })

  test('on a phone has cards', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await openLive(page)
    const ticker = newTicker()
    await publishUntilShown(page, ticker, { total_premium: 12_299_565 })
    await expect(page.getByRole('columnheader')).toHaveCount(0)
    const card = rowsOf(page, ticker).first()
    for (const text of [ticker, '150C', '$12.3M', '40 × 11.15']) await expect(card).toContainText(text)
    expect((await card.boundingBox())?.height).toBe(62)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })
})

// A browser logs every request that fails, and here they do.
unguarded(
  'A server that does not answer is OFFLINE with the rows held, and what was missed comes after',
  async ({ page, relay }) => {
    await openLive(page)
    const before = newTicker()
    await publishUntilShown(page, before)

    relay.cut()
    const pill = page.getByTestId('status-pill')
    await expect(pill).toHaveAttribute('data-state', 'offline')
    await expect(pill).toHaveText(/^OFFLINE · cached data \d+\ss old$/)
    await expect(pill).toHaveAttribute('title', 'OFFLINE - Using cached data')
    await expect(page.getByTestId('notice')).toContainText(/The server does not answer since \d\d:\d\d:\d\d/)
    await expect(page.locator('html')).toHaveClass('stale')
    await expect(rowsOf(page, before).first()).toBeVisible()
    const missed = newTicker()
    for (let index = 0; index < 3; index++) await publish(missed)

    // While it is still gone: afterwards the page may be back by itself before the button is reached.
    const made = relay.attempts
    await page.getByRole('button', { name: 'Try now' }).click()
    await expect.poll(() => relay.attempts).toBeGreaterThan(made)

    relay.mend()
    await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expect(rowsOf(page, missed)).toHaveCount(3)
    await expect(page.locator('html')).not.toHaveClass('stale')
    const offsets = await page
      .getByTestId('tape-row')
      .evaluateAll(rows => rows.map(row => row.getAttribute('data-offset')))
    expect(new Set(offsets).size).toBe(offsets.length)
  },
)

unguarded(
  'A page that is opened while the server is away shows what it had, greyed and with its age, and goes on from there',
  async ({ page, relay }) => {
    await openLive(page)
    const before = newTicker()
    await publishUntilShown(page, before)
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    const kept = (): Promise<string> =>
      page.evaluate(
        () =>
          new Promise<string>(resolve => {
            const opening = indexedDB.open('tidewire')
            opening.onsuccess = () => {
              const asked = opening.result.transaction('kept').objectStore('kept').get('channel flow-alerts')
              asked.onsuccess = () => resolve(JSON.stringify(asked.result ?? null))
            }
          }),
      )
    await expect.poll(kept).toContain(before)

    relay.cut()
    await page.reload()
    const pill = page.getByTestId('status-pill')
    await expect(pill).toHaveText(/^OFFLINE · cached data \d+\ss old$/)
    await expect(page.locator('html')).toHaveClass('stale')
    await expect(rowsOf(page, before).first()).toBeVisible()
    const missed = newTicker()
    for (let index = 0; index < 3; index++) await publish(missed)

    relay.mend()
    await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expect(rowsOf(page, missed)).toHaveCount(3)
    await expect(page.getByText('This page was not connected.')).toHaveCount(0)
    expect(
      await page
        .locator('[data-offset]')
        .evaluateAll(rows => rows.length - new Set(rows.map(row => row.getAttribute('data-offset'))).size),
    ).toBe(0)
    await expect(page.locator('html')).not.toHaveClass('stale')
  },
)

test.describe('Two tabs', () => {
  for (const way of ['a shared worker', 'the tab that was elected'] as const) {
    test(`have one connection, in ${way}; when the first closes, the other loses and repeats nothing`, async ({
      context,
      page,
    }) => {
      const isElected = way !== 'a shared worker'
      if (isElected) await context.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'))
      const connections = async (): Promise<number> => {
        const answer = await page.request.get('/api/ws/stats')
        return ((await answer.json()) as { active_connections: number }).active_connections
      }
      const first = await context.newPage()
      await openLive(first)
      await openLive(page)
      const ticker = newTicker()
      await publishUntilShown(first, ticker)
      await expect(rowsOf(page, ticker).first()).toBeVisible()
      await expect.poll(connections).toBe(1)

      const during = newTicker()
      await publish(during)
      await Promise.all([first.close(), publish(during), publish(during)])
      await publish(during)
      await expect(rowsOf(page, during)).toHaveCount(4)
      await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'live')
      await expect.poll(connections).toBe(1)
      const offsets = await page
        .getByTestId('tape-row')
        .evaluateAll(rows => rows.map(row => row.getAttribute('data-offset')))
      expect(new Set(offsets).size).toBe(offsets.length)
    })
  }
})

test.describe('A provider', () => {
  test('that goes down is RECONNECTING…, and LIVE with new rows once it is back', async ({ page }) => {
    await openLive(page)
    const before = newTicker()
    await publishUntilShown(page, before)

    await down()
    const pill = page.getByTestId('status-pill')
    await expect(pill).toHaveAttribute('data-state', 'reconnecting')
    await expect(pill).toContainText('RECONNECTING…')
    await expect(pill).toHaveAttribute('title', 'RECONNECTING...')
    await expect(page.getByTestId('notice')).toContainText(/Connection lost at \d\d:\d\d:\d\d/)
    await expect(rowsOf(page, before).first()).toBeVisible()

    await up()
    await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expect(page.getByTestId('notice')).toBeHidden()
    await publishUntilShown(page, newTicker())
  })
})
