import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@tidewire/sdk': `${import.meta.dirname}/src/index.ts` } },
  test: { include: ['src/**/*.test.ts', 'react/**/*.test.tsx', 'docs.test.ts'], testTimeout: 10_000 },
})
