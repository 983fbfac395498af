import type { Page } from '@playwright/test'
import { expectAccessible } from './axe'
import { expect, openLive, test } from './page'
import { newTicker, publish, publishTo, publishUntilShown, up } from './provider'

test.beforeAll(() => up())

const panel = (page: Page, name: string) => page.locator(`[data-panel="${name}"]`)

/** Keeps a look before the page is loaded. */
const look = async (page: Page, kept: object): Promise<void> => {
  await page.addInitScript(value => localStorage.setItem('tidewire.look', value), JSON.stringify(kept))
}

test.describe('The look', () => {
  for (const theme of ['dark', 'light', 'contrast'])
    for (const pair of ['green-red', 'blue-orange']) {
      // Each takes most of a minute: all of them with the long tests.
      const chosen = process.env.PAGE_LONG || `${theme} ${pair}` === 'light green-red' ? test : test.skip
      chosen(`${theme} with ${pair} has no violation that axe knows of`, async ({ page }) => {
        test.setTimeout(150_000)
        await look(page, { theme, pair })
        await openLive(page)
        await publishUntilShown(page, newTicker(), { total_premium: 2_400_000 })
        await expectAccessible(page, 'the desk')
        await page.keyboard.press('Control+k')
        await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible()
        await expectAccessible(page, 'the palette')
        await page.keyboard.press('Escape')
        await page.getByTestId('sound').click()
        await expectAccessible(page, 'sound')
      })
    }

  test('on a phone has no violation that axe knows of, in any pane', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await openLive(page)
    const dock = page.getByRole('tablist', { name: 'Panels', exact: true })
    for (const name of ['Gamma', 'Prices', 'News', 'Prints', 'Tide', 'Flow']) {
      await dock.getByRole('tab', { name }).click()
      await expectAccessible(page, name)
    }
  })

  test('is chosen in the menu: theme, hues and density, and remembered', async ({ page }) => {
    await openLive(page)
    await page.getByRole('button', { name: 'Theme and density' }).click()
    const menu = page.getByRole('dialog', { name: 'Theme and density' })
    for (const name of ['Contrast', 'Blue, orange', 'Comfortable'])
      await menu.getByRole('button', { name }).click()
    await page.keyboard.press('Escape')
    await expect(menu).toBeHidden()
    await expect(page.getByRole('button', { name: 'Theme and density' })).toBeFocused()
    await page.reload()
    const root = page.locator('html')
    await expect(root).toHaveAttribute('data-theme', 'contrast')
    await expect(root).toHaveAttribute('data-pair', 'blue-orange')
    await expect(root).toHaveAttribute('data-density', 'comfortable')
  })
})

test.describe('Keys', () => {
  test('go to panels, open and close the palette and the sheet of keys, and rest in a field', async ({
    page,
  }) => {
    await openLive(page)
    await page.keyboard.press('g')
    await expect(page.getByText('and a letter to go to a panel')).toBeVisible()
    await page.keyboard.press('h')
    await expect(panel(page, 'Halts')).toBeVisible()
    await page.keyboard.press('?')
    const sheet = page.getByRole('dialog', { name: 'Keys' })
    await expect(sheet).toContainText('Pause or resume the tape')
    await page.keyboard.press('Escape')
    await expect(sheet).toBeHidden()

    await page.keyboard.press('Control+k')
    await page.keyboard.type('theme')
    await page.keyboard.press('Enter')
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
    await expect(page.getByRole('dialog')).toBeHidden()

    const field = panel(page, 'Watch-list').getByRole('textbox')
    await field.click()
    await page.keyboard.type('t')
    await expect(field).toHaveValue('t')
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  })

  test('find a ticker and show its price', async ({ page }) => {
    await openLive(page)
    const ticker = newTicker()
    await page.keyboard.press('Control+k')
    await page.keyboard.type(ticker.toLowerCase())
    await page.keyboard.press('Enter')
    const price = panel(page, 'Price')
    await expect(price.getByRole('textbox')).toHaveValue(ticker)
    const answer = await page.request.post('/api/ws/broadcast/price', {
      data: { ticker, price: 12.5, change: -0.5 },
    })
    expect(answer.ok()).toBe(true)
    await expect(price.getByTestId('quote')).toContainText('12.50')
    await expect(price.getByTestId('candle-chart')).toHaveAttribute('data-drawn', 'true')
    await expect(price.locator('canvas').first()).toBeVisible()
  })

  test('single letters can be switched off', async ({ page }) => {
    await openLive(page)
    await page.keyboard.press('?')
    await page.getByRole('switch', { name: 'Single letters' }).click()
    await page.keyboard.press('Escape')
    await page.keyboard.press('t')
    await page.keyboard.press(' ')
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  })
})

test.describe('Sound', () => {
  test('is allowed by one click, tested, and says on the next visit that the browser mutes it', async ({
    page,
  }) => {
    await page.addInitScript(() => {
      const made: AudioContext[] = []
      const Native = AudioContext
      Object.assign(globalThis, {
        audioContexts: made,
        AudioContext: class extends Native {
          constructor() {
            super()
            made.push(this)
          }
        },
      })
    })
    const states = (): Promise<string[]> =>
      page.evaluate(() =>
        (globalThis as never as { audioContexts: AudioContext[] }).audioContexts.map(({ state }) => state),
      )
    await openLive(page)
    expect(await states()).toEqual([])
    const button = page.getByTestId('sound')
    await expect(button).toHaveAttribute('data-output', 'closed')
    await button.click()
    await page.getByTestId('test-premium').click()
    await expect(page.getByRole('alert')).toContainText('Sound is off')
    await page.getByTestId('enable-sound').click()
    await expect(button).toHaveAttribute('data-output', 'running')
    expect(await states()).toEqual(['running'])
    await page.getByTestId('test-premium').click()
    await expect(page.getByRole('alert')).toBeHidden()

    await page.reload()
    await expect(button).toHaveAttribute('data-output', 'muted')
    expect(await states()).toEqual([])
    await page.mouse.click(700, 500)
    await expect(button).toHaveAttribute('data-output', 'running')
  })

  test('notices are asked for when a rule wants them and not before', async ({ page }) => {
    await page.addInitScript(() => {
      const asked: string[] = []
      class Scripted {
        static permission = 'default'
        static async requestPermission() {
          asked.push('asked')
          Scripted.permission = 'granted'
          return 'granted'
        }
        constructor(title: string) {
          asked.push(title)
        }
        close() {}
      }
      Object.assign(globalThis, { Notification: Scripted, asked })
    })
    const asked = (): Promise<string[]> =>
      page.evaluate(() => (globalThis as never as { asked: string[] }).asked)
    await openLive(page)
    const ticker = newTicker()
    await publishUntilShown(page, ticker, { total_premium: 900_000 })
    expect(await asked()).toEqual([])
    await page.getByTestId('sound').click()
    await page.getByRole('button', { name: 'Notify' }).first().click()
    await expect.poll(asked).toEqual(['asked'])
    await page.keyboard.press('Escape')
    await publish(ticker, { total_premium: 900_000 })
    await expect.poll(async () => (await asked()).at(-1)).toBe(`${ticker} 150 calls, 900 thousand, sweep`)
  })
})

test.describe('The session', () => {
  test('The tide line stops with a paused reader and goes on', async ({ page }) => {
    await openLive(page)
    await publishUntilShown(page, newTicker())
    const line = page.getByTestId('tide-line')
    await expect(line.getByRole('img')).toHaveAttribute(
      'aria-label',
      /^Net premium from \d\d:\d\d to \d\d:\d\d/,
    )
    await page.getByTestId('pause').click()
    await expect(line.getByRole('img')).toHaveAttribute('aria-label', /paused at \d\d:\d\d:\d\d/)
    await page.getByTestId('pause').click()
    await expect(line.getByRole('img')).not.toHaveAttribute('aria-label', /paused/)
  })

  test('A halt is said with its reason in words', async ({ page }) => {
    await openLive(page)
    await page.getByRole('tab', { name: 'Halts' }).click()
    const pane = panel(page, 'Halts')
    const ticker = newTicker()
    const halt = { ticker, state: 'halted', reason: 'LUDP', timestamp: new Date().toISOString() }
    await expect(async () => {
      await publishTo('trading_halts', halt)
      await expect(pane.getByTestId('halt-row').filter({ hasText: ticker }).first()).toBeVisible({
        timeout: 1_000,
      })
    }).toPass({ timeout: 20_000 })
    await expect(pane.getByTestId('halt-row').first()).toContainText('volatility pause')
    await expect(pane).toContainText('1 halted now')
  })
})
