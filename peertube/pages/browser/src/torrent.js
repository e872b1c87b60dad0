/**
 * Playing by WebTorrent: pieces from the web seed of the video's server and from other viewers, through the service
 * worker to the same <video> that plays the plain file until then and again if this fails.
 */

import WebTorrent from 'webtorrent/dist/webtorrent.min.js'

const READY_MS = 12_000
const STALLED_MS = 15_000
const MAXIMUM_TORRENT = 10_000_000

export async function play (video, player, data, panel) {
  const plain = video.currentSrc || video.src
  const registration = await withLimit(register(data.worker), READY_MS, 'the service worker does not start')
  const metainfo = await withLimit(fetchTorrent(data.torrent), READY_MS, 'the torrent does not come')
  const client = new WebTorrent({ maxConns: 30, maxWebConns: 2, tracker: { rtcConfig: data.rtc ?? undefined } })
  const numbers = { fromPeers: 0, fromWebSeed: 0, toPeers: 0 }
  let over = false
  let stalled = null
  let counting = null

  const fallBack = reason => {
    if (over) return
    over = true
    console.warn('back to the plain file:', reason)
    clearInterval(counting)
    clearTimeout(stalled)
    panel.fellBack()
    resume(video, plain)
    client.destroy()
  }

  client.on('error', fallBack)
  client.createServer({ controller: registration })
  const torrent = client.add(metainfo, { announce: data.trackers, strategy: 'sequential', destroyStoreOnDestroy: true })
  torrent.on('error', fallBack)
  torrent.on('warning', warning => console.debug('torrent:', warning.message ?? warning))
  torrent.on('wire', wire => {
    const seed = wire.type === 'webSeed'
    wire.on('download', bytes => { numbers[seed ? 'fromWebSeed' : 'fromPeers'] += bytes })
    wire.on('upload', bytes => { numbers.toPeers += bytes })
  })
  addEventListener('pagehide', () => client.destroy())

  await withLimit(new Promise(resolve => {
    if (torrent.ready) resolve()
    else torrent.once('ready', resolve)
  }), READY_MS, 'the torrent is not ready')
  if (over) return
  const file = torrent.files.reduce((largest, one) => one.length > largest.length ? one : largest)
  // The web seed is in the torrent (url-list); a torrent that names none gets the file the page knows.
  if (data.file && !torrent.urlList?.length) torrent.addWebSeed(data.file)

  counting = setInterval(() => {
    const peers = torrent.wires.filter(wire => wire.type !== 'webSeed').length
    panel.show({ ...numbers, peers, downloadSpeed: torrent.downloadSpeed, uploadSpeed: torrent.uploadSpeed, progress: torrent.progress })
  }, 500)

  const guard = () => {
    clearTimeout(stalled)
    stalled = setTimeout(() => { if (!video.paused || video.readyState < 2) fallBack(new Error('no picture came')) }, STALLED_MS)
  }
  const calm = () => clearTimeout(stalled)
  video.addEventListener('waiting', () => { if (!over) guard() })
  for (const good of ['timeupdate', 'canplay', 'loadeddata', 'ended']) video.addEventListener(good, calm)
  video.addEventListener('error', () => { if (!over) fallBack(video.error) })

  guard()
  resume(video, file.streamURL)
  panel.playing()
}

/** Change what plays, and go on where it was. */
function resume (video, source) {
  const { currentTime, paused } = video
  video.src = source
  video.addEventListener('loadedmetadata', () => {
    if (currentTime > 0) video.currentTime = currentTime
    if (!paused) video.play().catch(() => {})
  }, { once: true })
  video.load()
}

async function register (url) {
  const registration = await navigator.serviceWorker.register(url, { scope: '/' })
  const worker = registration.active || registration.waiting || registration.installing
  if (worker.state !== 'activated') {
    await new Promise((resolve, reject) => {
      worker.addEventListener('statechange', () => {
        if (worker.state === 'activated') resolve()
        if (worker.state === 'redundant') reject(new Error('the service worker was replaced'))
      })
    })
  }
  if (!navigator.serviceWorker.controller) {
    await new Promise(resolve => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }))
  }
  return registration
}

async function fetchTorrent (url) {
  const answer = await fetch(url, { credentials: 'omit' })
  if (!answer.ok) throw new Error(`the torrent: ${answer.status}`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  if (bytes.length > MAXIMUM_TORRENT) throw new Error('the torrent is too large')
  return bytes
}

function withLimit (promise, milliseconds, text) {
  let timer
  const late = new Promise((_resolve, reject) => { timer = setTimeout(() => reject(new Error(text)), milliseconds) })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
