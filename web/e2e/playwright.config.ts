import { defineConfig } from '@playwright/test'

/** The server under test. `./test.sh` starts it with a provider it controls and names both in the environment. */
const baseURL = process.env.TIDEWIRE_BASE_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // The tests take one provider down and up again, so they take turns.
  workers: 1,
  fullyParallel: false,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'Asia/Tokyo', // not the market's: times on the page must be New York's all the same
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
})
