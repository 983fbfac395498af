import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: '@tidewire/sdk/react', replacement: `${import.meta.dirname}/react/index.tsx` },
      { find: /^@tidewire\/sdk$/, replacement: `${import.meta.dirname}/src/index.ts` },
    ],
  },
  test: { include: ['src/**/*.test.ts', 'react/**/*.test.tsx', 'docs.test.ts'], testTimeout: 10_000 },
})
