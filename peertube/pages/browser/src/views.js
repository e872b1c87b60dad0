/** Tells the server every few seconds of playing where the viewer is; the server decides what counts as a view. */

import { accessToken } from './token.js'

export function countViews (video, { url, session, token, every }) {
  let played = 0
  let last = null
  let sought = false
  let told = false

  video.addEventListener('timeupdate', () => {
    const now = video.currentTime
    if (last !== null && !video.paused && now > last && now - last < 2) played += now - last
    last = now
    if (!told && !video.paused) {
      told = true
      tell()
    } else if (played >= every) {
      played = 0
      tell()
    }
  })
  video.addEventListener('seeking', () => { last = null; sought = told })
  video.addEventListener('ended', () => { if (played > 0) tell() })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && played > 1) { played = 0; tell() }
  })

  async function tell () {
    const body = { currentTime: Math.floor(video.currentTime), sessionId: session }
    if (sought) body.viewEvent = 'seek'
    sought = false
    const headers = { 'Content-Type': 'application/json' }
    try {
      if (token) headers.Authorization = `Bearer ${await accessToken(token.url, token.csrf)}`
      await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), keepalive: true })
    } catch { /* views are not worth a message */ }
  }
}
