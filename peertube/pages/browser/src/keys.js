/** The keys of the player. They work wherever the focus is, except in fields, and can be switched off. */

import { preferredCaptions, showCaptions } from './tools.js'

const OFF = 'peertube-keys-off'

export function watchKeys (player, video) {
  const list = document.getElementById('keys')
  const off = list.querySelector('[data-keys-off]')
  off.checked = remembered()
  off.addEventListener('change', () => remember(off.checked))

  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || list.open) return
    const at = event.target
    const field = at.closest('input, textarea, select, [contenteditable], dialog')
    if (field && !(field.matches('input[type=range]') && !event.key.startsWith('Arrow'))) return
    if (event.key === '?') {
      event.preventDefault()
      return list.showModal()
    }
    if (off.checked) return
    const pressable = at.closest('button, a, summary')
    if (pressable && (event.key === ' ' || event.key === 'Enter')) return
    if (at === video && (event.key === ' ' || event.key.startsWith('Arrow'))) return // the browser's own player does these
    const act = actionOf(event, player, video)
    if (act) {
      event.preventDefault()
      act()
    }
  })
}

function actionOf (event, player, video) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const rtl = document.documentElement.dir === 'rtl'
  const jump = seconds => () => { video.currentTime = Math.min(Math.max(0, video.currentTime + seconds), video.duration || 0) }
  const louder = step => () => { video.volume = Math.min(1, Math.max(0, video.volume + step)); video.muted = false }
  if (/^[0-9]$/.test(key)) return () => { if (video.duration) video.currentTime = video.duration * Number(key) / 10 }
  switch (key) {
    case ' ': case 'k': return () => { video.paused ? video.play().catch(() => {}) : video.pause() }
    case 'j': return jump(-10)
    case 'l': return jump(10)
    case 'ArrowLeft': return jump(rtl ? 5 : -5)
    case 'ArrowRight': return jump(rtl ? -5 : 5)
    case 'ArrowUp': return louder(0.05)
    case 'ArrowDown': return louder(-0.05)
    case 'm': return () => { video.muted = !video.muted }
    case 'c': return () => switchCaptions(video)
    case 'f': return () => { document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen?.() }
    case 't': return () => { player.classList.toggle('wide') }
    case 'Escape': return player.classList.contains('wide') ? () => player.classList.remove('wide') : null
    case ',': return frame(video, -1)
    case '.': return frame(video, 1)
    default: return null
  }
}

function frame (video, direction) {
  return () => { video.pause(); video.currentTime = Math.max(0, video.currentTime + direction / 30) }
}

function switchCaptions (video) {
  const shown = [...video.textTracks].some(track => track.mode === 'showing')
  showCaptions(video, shown ? '' : preferredCaptions(video))
}

function remembered () {
  try { return localStorage.getItem(OFF) === 'yes' } catch { return false }
}

function remember (off) {
  try { localStorage.setItem(OFF, off ? 'yes' : 'no') } catch { /* not kept, then */ }
}
