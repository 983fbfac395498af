// Opens a page in headless Chromium and ends with 0 as soon as a row of the tape is visible.
// node wait-for-row.mjs CHROMIUM URL SECONDS
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../web/package.json', import.meta.url))('playwright-core')
const [executablePath, url, seconds] = process.argv.slice(2)

const browser = await chromium.launch({ executablePath })
try {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(String(error)))
  await page.goto(url)
  await page.locator('[data-testid="tape-row"]').first().waitFor({ timeout: Number(seconds) * 1000 })
} finally {
  await browser.close()
}
