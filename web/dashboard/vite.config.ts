import { readFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** Where `npm run dev` finds a server: Tidewire itself or the mock in dev/. */
const server = process.env.TIDEWIRE_DEV_SERVER ?? 'http://127.0.0.1:8000'

/** The worker that keeps the page for a time without its server: it has to know the page's files. */
const offline: Plugin = {
  name: 'offline',
  apply: 'build',
  generateBundle(_, bundle) {
    const files = JSON.stringify(
      ['/', ...Object.keys(bundle).map(file => `/${file}`)].filter(file => file !== '/index.html'),
    )
    const source = readFileSync(`${import.meta.dirname}/offline.js`, 'utf8').replace('FILES', files)
    this.emitFile({ type: 'asset', fileName: 'offline.js', source })
  },
}

/** `/design` in development: every component in every state. It is no part of what is built. */
const design: Plugin = {
  name: 'design-page',
  apply: 'serve',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, _response, next) => {
      if (request.url === '/design') request.url = '/design.html'
      next()
    })
  },
}

export default defineConfig({
  plugins: [react(), offline, design],
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
