/**
 * Playing by WebTorrent: pieces from the web seed of the video's server and from other viewers, through the service
 * worker to the same <video> that plays the plain file until then and again if this fails.
 */

import WebTorrent from 'webtorrent/dist/webtorrent.min.js'

const READY_MS = 12_000
const PIECES_MS = 20_000
const STALLED_MS = 8000
const ENOUGH_BYTES = 1_000_000
const MAXIMUM_TORRENT = 10_000_000

export async function play (video, player, data, panel) {
  const plain = video.currentSrc || video.src
  const registration = await withLimit(register(data.worker), READY_MS, 'the service worker does not start')
  const metainfo = await withLimit(fetchTorrent(data.torrent), READY_MS, 'the torrent does not come')
  const client = new WebTorrent({ maxConns: 30, maxWebConns: 2 })
  const torrent = client.add(metainfo, { announce: data.trackers, strategy: 'sequential', destroyStoreOnDestroy: true })
  const broken = new Promise((_resolve, reject) => {
    client.on('error', reject)
    torrent.on('error', reject)
  })
  const counting = count(torrent, panel)
  const stop = () => {
    clearInterval(counting)
    client.destroy()
  }
  addEventListener('pagehide', stop)

  let file
  try {
    file = await Promise.race([broken, begun(torrent, data)])
    client.createServer({ controller: registration })
  } catch (error) {
    stop()
    throw error
  }
  watchOver(video, broken, error => {
    console.warn('back to the plain file:', error)
    stop()
    panel.fellBack()
    resume(video, plain)
  })
  resume(video, file.streamURL)
  panel.playing()
}

/** The file, as soon as its beginning is here; the plain file plays until then. */
async function begun (torrent, data) {
  await withLimit(new Promise(resolve => torrent.ready ? resolve() : torrent.once('ready', resolve)), READY_MS, 'the torrent is not ready')
  // The web seed is in the torrent (url-list); a torrent that names none gets the file the page knows.
  if (data.file && !torrent.urlList?.length) torrent.addWebSeed(data.file)
  const enough = Math.min(ENOUGH_BYTES, torrent.length)
  let timer
  await withLimit(new Promise(resolve => {
    timer = setInterval(() => {
      if (torrent.bitfield.get(0) && torrent.downloaded >= enough) resolve()
    }, 200)
  }), PIECES_MS, 'no pieces came').finally(() => clearInterval(timer))
  return torrent.files.reduce((largest, one) => one.length > largest.length ? one : largest)
}

/** Call `fallBack`, once, when playing by pieces breaks or stands still although the viewer wants to see something. */
function watchOver (video, broken, fallBack) {
  let over = false
  let stalled = null
  const give = error => {
    if (over) return
    over = true
    clearTimeout(stalled)
    fallBack(error)
  }
  const guard = () => {
    clearTimeout(stalled)
    stalled = setTimeout(() => { if (video.readyState < 3) give(new Error('no picture came')) }, STALLED_MS)
  }
  broken.catch(give)
  video.addEventListener('error', () => give(video.error ?? new Error('the player gave up')))
  for (const waits of ['loadstart', 'waiting', 'seeking']) video.addEventListener(waits, () => { if (!over) guard() })
  for (const good of ['canplay', 'playing', 'timeupdate', 'ended']) video.addEventListener(good, () => clearTimeout(stalled))
}

/** Keep the numbers of the panel up to date. */
function count (torrent, panel) {
  const bytes = { fromPeers: 0, fromWebSeed: 0, toPeers: 0 }
  torrent.on('wire', wire => {
    const source = wire.type === 'webSeed' ? 'fromWebSeed' : 'fromPeers'
    wire.on('download', amount => { bytes[source] += amount })
    wire.on('upload', amount => { bytes.toPeers += amount })
  })
  torrent.on('warning', warning => console.debug('torrent:', warning.message ?? warning))
  return setInterval(() => {
    const peers = torrent.wires.filter(wire => wire.type !== 'webSeed').length
    panel.show({ ...bytes, peers, downloadSpeed: torrent.downloadSpeed, uploadSpeed: torrent.uploadSpeed, progress: torrent.progress })
  }, 500)
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
