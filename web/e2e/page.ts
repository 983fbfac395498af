import { test as base, expect, type Page } from '@playwright/test'
import { ofWorker } from './provider'
import { Relay } from './relay'

declare global {
  interface Window {
    policyViolations: string[]
  }
}

/** A page behind a relay of its own, which the test can hear and cut. */
export const unguarded = base.extend<{ relay: Relay }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted, and wants a pattern.
  relay: async ({}, use) => {
    const relay = await Relay.before(ofWorker(process.env.TIDEWIRE_BASE_URLS ?? 'http://127.0.0.1:8000'))
    await use(relay)
    relay.close()
  },
  baseURL: ({ relay }, use) => use(relay.url),
})

/** A page that fails its test when it logs an error, leaves its origin or breaks its content security policy. */
export const test = unguarded.extend<{ page: Page }>({
  page: async ({ page, baseURL }, use) => {
    const faults: string[] = []
    const { host } = new URL(baseURL ?? '')
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning')
        faults.push(`console: ${message.text()}`)
    })
    page.on('pageerror', error => faults.push(`error: ${error.message}`))
    page.on('request', request => {
      if (new URL(request.url()).host !== host) faults.push(`request: ${request.url()}`)
    })
    await page.addInitScript(() => {
      window.policyViolations = []
      addEventListener('securitypolicyviolation', event => {
        window.policyViolations.push(`${event.effectiveDirective} ${event.blockedURI}`)
      })
    })
    await use(page)
    expect(faults).toEqual([])
    expect(await page.evaluate(() => window.policyViolations)).toEqual([])
  },
})

export { expect }

/** Opens the page and waits until it is live. */
export async function openLive(page: Page, path = '/'): Promise<void> {
  await page.goto(path)
  await expect(page.getByTestId('status-pill')).toHaveAttribute('data-state', 'live')
}
