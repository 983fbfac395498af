import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** Where `npm run dev` finds a server: Tidewire itself or the mock in dev/. */
const server = process.env.TIDEWIRE_DEV_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react()],
  build: {
    // The page's content security policy allows files of its own origin only: nothing may become a data: URI.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    // The tests take the SDK from its source; the page takes what is built of it.
    alias: [
      { find: '@tidewire/sdk/react', replacement: `${import.meta.dirname}/../sdk/react/index.tsx` },
      { find: /^@tidewire\/sdk$/, replacement: `${import.meta.dirname}/../sdk/src/index.ts` },
    ],
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
})
