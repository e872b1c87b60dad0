/** Tells the server every five seconds of playing where the viewer is; the server decides what counts as a view. */

const EVERY_SECONDS = 5

export function countViews (video, { url, session }) {
  let played = 0
  let last = null
  let sought = false

  video.addEventListener('timeupdate', () => {
    const now = video.currentTime
    if (last !== null && !video.paused && now > last && now - last < 2) played += now - last
    last = now
    if (played >= EVERY_SECONDS) {
      played = 0
      tell()
    }
  })
  video.addEventListener('seeking', () => { last = null; sought = true })
  video.addEventListener('ended', () => { if (played > 0) tell() })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && played > 1) { played = 0; tell() }
  })

  function tell () {
    const body = { currentTime: Math.floor(video.currentTime), sessionId: session }
    if (sought) body.viewEvent = 'seek'
    sought = false
    fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), keepalive: true })
      .catch(() => { /* views are not worth a message */ })
  }
}
