/** The watch page: keys, views, rating notes, and sharing between viewers when the viewer agreed to it. */

import { watchKeys } from './keys.js'
import { playerTools } from './tools.js'
import { countViews } from './views.js'
import { Panel } from './panel.js'

const data = JSON.parse(document.getElementById('watch-data').textContent)
const player = document.getElementById('player')
const video = player.querySelector('video')

watchKeys(player, video)
playerTools(player, video, data)
countViews(video, data.views)
showProblems()

if (document.getElementById('sensitive')) askFirst()
if (data.sharing && data.torrent) share()

/** Play by WebTorrent; whatever goes wrong, the plain file plays on. */
async function share () {
  const panel = new Panel(document.getElementById('sharing'), player, data.texts, document.documentElement.lang)
  if (!('serviceWorker' in navigator) || !window.isSecureContext) return panel.say(data.texts.insecure)
  if (!('RTCPeerConnection' in window)) return panel.say(data.texts.unsupported)
  panel.say(data.texts.starting)
  try {
    const { play } = await import('./torrent.js')
    await play(video, player, data, panel)
  } catch (error) {
    console.warn('sharing is off:', error)
    panel.fellBack()
  }
}

function askFirst () {
  const cover = document.getElementById('sensitive')
  cover.hidden = false
  video.classList.add('covered')
  video.pause()
  cover.querySelector('button').addEventListener('click', () => {
    cover.hidden = true
    video.classList.remove('covered')
    video.focus()
  })
}

function showProblems () {
  const note = document.getElementById('unplayable')
  const hopeless = [MediaError.MEDIA_ERR_DECODE, MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED]
  const check = () => {
    if (video.error && player.dataset.mode === 'native') note.hidden = !hopeless.includes(video.error.code)
  }
  video.addEventListener('error', check)
  video.addEventListener('loadeddata', () => { note.hidden = true })
  check()
}
