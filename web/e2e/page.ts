import { test as base, expect, type Page } from '@playwright/test'

declare global {
  interface Window {
    policyViolations: string[]
  }
}

/** A page that fails its test when it logs an error, leaves its origin or breaks its content security policy. */
export const test = base.extend<{ page: Page }>({
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
    page.on('websocket', socket => {
      if (new URL(socket.url()).host !== host) faults.push(`socket: ${socket.url()}`)
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
