// Keeps the page itself, so that it opens while its server is away and shows what it has kept of the data. Of the data it
// keeps nothing. The build fills in its files, and with them its name.
const files = FILES
const name = `page ${files.join(' ')}`

addEventListener('install', event => {
  const keep = async () => {
    const cache = await caches.open(name)
    await cache.addAll(files)
    await skipWaiting()
  }
  event.waitUntil(keep())
})

addEventListener('activate', event => {
  const take = async () => {
    for (const other of await caches.keys()) if (other !== name) await caches.delete(other)
    await clients.claim()
  }
  event.waitUntil(take())
})

addEventListener('fetch', event => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (request.mode === 'navigate' && (pathname === '/' || pathname === '/dashboard')) {
    event.respondWith(fetch(request).catch(() => caches.match('/')))
  } else if (pathname.startsWith('/assets/')) {
    event.respondWith(caches.match(request).then(kept => kept ?? fetch(request)))
  }
})
