import { defineConfig } from '@playwright/test'

import { ofWorker } from './provider'

/** The servers under test, one for each worker. `./test.sh` starts them with providers it controls and names all in the environment. */
const bases = process.env.TIDEWIRE_BASE_URLS ?? 'http://127.0.0.1:8000'

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // The tests of a worker take its provider down and up again, so they take turns.
  workers: bases.split(' ').length,
  fullyParallel: false,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL: ofWorker(bases),
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
