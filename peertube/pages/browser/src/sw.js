/**
 * The service worker: hands requests below /webtorrent/ to the page that made them, whose WebTorrent client answers
 * with a stream of pieces. (WebTorrent's own worker asks every open page, and the first answer wins, so that two open
 * videos disturb each other; this one asks the page the request comes from.)
 */

const ANSWER_MS = 10_000
const IDLE_MS = 5000
let cancellable = false

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', event => {
  const base = self.registration.scope + 'webtorrent/'
  const { url } = event.request
  if (!url.startsWith(base)) return
  if (url.startsWith(base + 'keepalive/')) return event.respondWith(new Response())
  if (url.startsWith(base + 'cancel/')) {
    return event.respondWith(new Response(new ReadableStream({ cancel () { cancellable = true } })))
  }
  event.respondWith(serve(event))
})

async function serve ({ request, clientId }) {
  const page = await self.clients.get(clientId)
  if (!page) return new Response(null, { status: 404 })
  const { port1: port, port2 } = new MessageChannel()
  const answer = new Promise((resolve, reject) => {
    port.onmessage = ({ data }) => resolve(data)
    setTimeout(() => reject(new Error('the page does not answer')), ANSWER_MS)
  })
  const { url, method, headers, destination } = request
  page.postMessage(
    { url, method, headers: Object.fromEntries(headers.entries()), scope: self.registration.scope, destination, type: 'webtorrent' },
    [port2]
  )
  let head
  try {
    head = await answer
  } catch {
    return new Response(null, { status: 504 })
  }
  if (head.body !== 'STREAM') {
    port.postMessage(false)
    return new Response(head.body, head)
  }
  return new Response(stream(port), head)
}

/** Pieces, one for each time the browser asks. Firefox cannot cancel such a stream: it ends when nobody asks any more. */
function stream (port) {
  let timer = null
  const end = () => {
    port.postMessage(false)
    clearTimeout(timer)
    port.onmessage = null
  }
  return new ReadableStream({
    pull (controller) {
      return new Promise(resolve => {
        port.onmessage = ({ data }) => {
          if (data) {
            controller.enqueue(data)
          } else {
            end()
            controller.close()
          }
          resolve()
        }
        if (!cancellable) {
          clearTimeout(timer)
          timer = setTimeout(() => { end(); resolve() }, IDLE_MS)
        }
        port.postMessage(true)
      })
    },
    cancel () { end() }
  })
}
