/** What is below the player: a strip to seek on with previews and chapters, menus for captions, quality and speed. */

const LANGUAGE = 'peertube-captions'

export function playerTools (player, video, { storyboard, chapters }) {
  const tools = document.getElementById('player-tools')
  if (!tools) return
  const row = tools.querySelector('.tools')
  row.hidden = false
  menus(row)
  captions(row, video)
  quality(row, player, video)
  row.querySelectorAll('input[name=speed]').forEach(one => {
    one.addEventListener('change', () => { video.defaultPlaybackRate = video.playbackRate = Number(one.value) })
  })
  const small = row.querySelector('[data-picture-in-picture]')
  if (document.pictureInPictureEnabled) {
    small.hidden = false
    small.addEventListener('click', () => {
      const turned = document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()
      turned.catch(() => {})
    })
  }
  const wide = row.querySelector('[data-wide]')
  wide.addEventListener('click', () => player.classList.toggle('wide'))
  new MutationObserver(() => wide.setAttribute('aria-pressed', player.classList.contains('wide')))
    .observe(player, { attributes: true, attributeFilter: ['class'] })
  row.querySelector('[data-keys]').addEventListener('click', () => document.getElementById('keys').showModal())
  strip(tools.querySelector('.strip'), video, storyboard, chapters)
  links(video, chapters)
}

/** The captions of a language are shown or hidden; the last language is remembered. */
export function showCaptions (video, language) {
  for (const track of video.textTracks) track.mode = track.language === language ? 'showing' : 'disabled'
  try { if (language) localStorage.setItem(LANGUAGE, language) } catch { /* not kept, then */ }
}

export function preferredCaptions (video) {
  const there = [...video.textTracks].map(track => track.language)
  let last = null
  try { last = localStorage.getItem(LANGUAGE) } catch { /* none, then */ }
  return [last, document.documentElement.lang].find(one => there.includes(one)) ?? there[0]
}

function captions (row, video) {
  const choices = [...row.querySelectorAll('input[name=captions]')]
  choices.forEach(one => one.addEventListener('change', () => showCaptions(video, one.value)))
  video.textTracks.addEventListener('change', () => {
    const shown = [...video.textTracks].find(track => track.mode === 'showing')?.language ?? ''
    choices.forEach(one => { one.checked = one.value === shown })
  })
}

function quality (row, player, video) {
  row.querySelectorAll('input[name=quality]').forEach(one => one.addEventListener('change', () => {
    const { currentTime, paused } = video
    video.src = one.value
    video.addEventListener('loadedmetadata', () => {
      video.currentTime = currentTime
      if (!paused) video.play().catch(() => {})
    }, { once: true })
    video.load()
  }))
}

/** Menus open above their buttons, within the window; the first choice that counts has the focus. */
function menus (row) {
  for (const button of row.querySelectorAll('[popovertarget]')) {
    const menu = document.getElementById(button.getAttribute('popovertarget'))
    menu.addEventListener('toggle', event => {
      if (event.newState !== 'open') return
      const at = button.getBoundingClientRect()
      const size = menu.getBoundingClientRect()
      const left = Math.min(at.left, document.documentElement.clientWidth - size.width - 8)
      const above = at.top - size.height - 8
      menu.style.left = `${Math.max(8, left)}px`
      menu.style.top = `${above > 8 ? above : Math.min(at.bottom + 8, innerHeight - size.height - 8)}px`
      menu.querySelector('input:checked')?.focus()
    })
  }
}

function strip (element, video, storyboard, chapters) {
  const range = element.querySelector('input')
  const spoken = range.dataset.spoken
  const preview = element.querySelector('.strip-preview')
  element.hidden = false
  const say = () => {
    const at = Math.floor(Number(range.value))
    range.setAttribute('aria-valuetext', spoken.replace('{minutes}', Math.floor(at / 60)).replace('{seconds}', at % 60))
  }
  let held = false
  range.addEventListener('pointerdown', () => { held = true })
  addEventListener('pointerup', () => { held = false })
  range.addEventListener('input', () => { video.currentTime = Number(range.value); say() })
  video.addEventListener('timeupdate', () => {
    if (held) return
    range.value = video.currentTime
    say()
  })
  say()
  element.addEventListener('pointermove', event => {
    const box = range.getBoundingClientRect()
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
    const at = (document.documentElement.dir === 'rtl' ? 1 - share : share) * Number(range.max)
    preview.hidden = false
    show(preview, at, storyboard, chapters)
    const half = preview.offsetWidth / 2
    preview.style.left = `${Math.min(Math.max(half, event.clientX - box.left), box.width - half)}px`
  })
  element.addEventListener('pointerleave', () => { preview.hidden = true })
}

function show (preview, at, storyboard, chapters) {
  const picture = preview.querySelector('.strip-picture')
  picture.hidden = !storyboard
  if (storyboard) {
    const { url, width, height, columns, seconds } = storyboard
    const number = Math.floor(at / seconds)
    picture.style.width = `${width}px`
    picture.style.height = `${height}px`
    picture.style.backgroundImage = `url("${url}")`
    picture.style.backgroundPosition = `-${number % columns * width}px -${Math.floor(number / columns) * height}px`
  }
  const chapter = chapters.findLast(one => one.at <= at)
  const clock = `${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, '0')}`
  preview.querySelector('span').textContent = chapter ? `${clock} ${chapter.title}` : clock
}

/** Links to places in the video go there without loading the page; that of the present chapter is marked. */
function links (video, chapters) {
  const all = [...document.querySelectorAll('[data-seek]')]
  for (const link of all) {
    link.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      const go = () => { video.currentTime = Number(link.dataset.seek) }
      video.readyState ? go() : video.addEventListener('loadedmetadata', go, { once: true })
      video.play().catch(() => {})
      if ('resume' in link.dataset) { link.parentElement.hidden = true; video.focus() }
    })
  }
  const listed = all.filter(link => link.closest('.chapters'))
  if (!chapters.length) return
  video.addEventListener('timeupdate', () => {
    const now = listed.findLast(link => Number(link.dataset.seek) <= video.currentTime)
    for (const link of listed) link === now ? link.setAttribute('aria-current', 'true') : link.removeAttribute('aria-current')
  })
}
