/** The upload page: a row for each file, sent by script with progress, pause, cancel and retry. */

import { Sending } from './resumable.js'
import { accessToken } from './token.js'
import { forget, known, remember, unfinished } from './unfinished.js'

const data = JSON.parse(document.getElementById('upload-data').textContent)
const form = document.getElementById('upload-form')
const list = document.getElementById('uploads')
const template = document.getElementById('upload-row')
const file = form.querySelector('input[type="file"]')
const language = document.documentElement.lang
const AT_ONCE = 2
/** In which states each part of a row is there. */
const SHOWN = {
  pause: ['waiting', 'sending'],
  resume: ['paused'],
  cancel: ['waiting', 'sending', 'paused'],
  retry: ['failed', 'cancelled'],
  remove: ['failed', 'cancelled', 'ready', 'interrupted'],
  progress: ['waiting', 'sending', 'paused', 'checking', 'preparing']
}
const waiting = []
let sending = 0

file.multiple = true
document.querySelectorAll('[data-script-only]').forEach(one => { one.hidden = false })
document.querySelectorAll('[data-without-script]').forEach(one => { one.hidden = true })

form.addEventListener('submit', event => {
  event.preventDefault()
  take([...file.files])
})
file.addEventListener('change', () => {
  const name = form.elements.name
  if (file.files.length === 1 && !name.value) name.value = titleOf(file.files[0].name)
})
form.addEventListener('dragover', event => { event.preventDefault(); form.classList.add('over') })
form.addEventListener('dragleave', () => form.classList.remove('over'))
form.addEventListener('drop', event => {
  event.preventDefault()
  form.classList.remove('over')
  file.files = event.dataTransfer.files
  file.dispatchEvent(new Event('change'))
})
addEventListener('beforeunload', event => { if (sending + waiting.length > 0) event.preventDefault() })
for (const one of unfinished()) if (one.user === data.user) addInterrupted(one)

function take (files) {
  if (!files.length) return file.focus()
  for (const one of files) {
    const kept = known(one)
    const begun = kept && kept.user === data.user ? kept : null
    if (begun) list.querySelector(`[data-file="${CSS.escape(keyOf(one))}"]`)?.remove()
    add(one, begun?.description ?? descriptionOf(one, files.length), begun?.address ?? null)
  }
  form.reset()
  list.scrollIntoView({ block: 'center' })
}

/** The form as the REST API wants it. */
function descriptionOf (one, count) {
  const fields = new FormData(form)
  const description = {}
  for (const name of ['category', 'licence', 'language', 'description', 'support', 'privacy', 'channelId']) {
    const value = fields.get(name)
    if (value) description[name] = ['language', 'description', 'support'].includes(name) ? value : Number(value)
  }
  for (const name of ['nsfw', 'downloadEnabled']) description[name] = form.elements[name].checked
  const flags = { nsfwViolent: 1, nsfwSex: 2, nsfwShocking: 4 }
  if (description.nsfw) {
    description.nsfwFlags = Object.keys(flags).reduce((sum, name) => sum + (form.elements[name].checked ? flags[name] : 0), 0)
    description.nsfwSummary = fields.get('nsfwSummary').trim() || null
  }
  const passwords = fields.get('videoPasswords').split('\n').map(line => line.trim()).filter(Boolean)
  if (passwords.length) description.videoPasswords = [...new Set(passwords)]
  const at = fields.get('scheduleAt')
  if (at) description.scheduleUpdate = { updateAt: `${at}:00Z`, privacy: Number(fields.get('schedulePrivacy')) }
  const typed = fields.get('name').trim()
  description.name = count === 1 && typed ? typed : titleOf(one.name)
  description.tags = fields.get('tags').split(',').map(tag => tag.trim()).filter(Boolean)
  return description
}

function titleOf (name) {
  const title = name.replace(/\.[^.]+$/, '').replace(/[_-]+/g, ' ').trim().slice(0, 120)
  return title.length < 3 ? title.padEnd(3, '.') : title
}

function keyOf ({ name, size, lastModified }) {
  return `${size} ${lastModified} ${name}`
}

function rowFor (one, title) {
  const row = template.content.firstElementChild.cloneNode(true)
  const part = name => row.querySelector(`[data-part="${name}"]`)
  row.dataset.file = keyOf(one)
  part('name').textContent = title
  part('size').textContent = sizeOf(one.size)
  part('progress').max = one.size
  list.append(row)
  return { row, part }
}

/** An upload of an earlier visit: it goes on when the same file is chosen again. */
function addInterrupted (one) {
  const upload = { one, sending: null, ...rowFor(one, one.description.name) }
  state(upload, 'interrupted')
  upload.part('remove').addEventListener('click', async () => {
    forget(one)
    upload.row.remove()
    await new Sending(one, one.description, { ...options(() => {}), address: one.address }).cancel()
  })
}

function add (one, description, address) {
  const upload = { one, ...rowFor(one, description.name) }
  const { part } = upload
  upload.sending = new Sending(one, description, { ...options(bytes => progress(upload, bytes)), address })
  part('pause').addEventListener('click', () => pause(upload))
  for (const name of ['resume', 'retry']) part(name).addEventListener('click', () => { queue(upload) })
  part('cancel').addEventListener('click', () => cancel(upload))
  part('remove').addEventListener('click', () => { forget(one); upload.row.remove(); upload.sending.cancel() })
  if (data.largest && one.size > data.largest) return failed(upload, data.texts.tooLarge, false)
  if (data.quotaLeft !== null && one.size > data.quotaLeft) return failed(upload, data.texts.overQuota, false)
  queue(upload)
}

function options (progressed) {
  return {
    url: data.uploadUrl,
    largestChunk: data.largestChunk,
    token: () => accessToken(data.tokenUrl, data.csrf),
    progress: progressed
  }
}

function queue (upload) {
  state(upload, 'waiting')
  waiting.push(upload)
  next()
}

function next () {
  while (sending < AT_ONCE && waiting.length) {
    sending++
    send(waiting.shift()).finally(() => { sending--; next() })
  }
}

async function send (upload) {
  const { one, sending: way } = upload
  state(upload, 'sending')
  upload.since = null
  try {
    const video = await way.run(() => remember(one, way.description, way.address, data.user))
    if (video === null) return
    forget(one)
    const link = upload.part('link')
    link.href = `/w/${video.shortUUID ?? video.uuid}`
    link.hidden = false
    state(upload, 'preparing')
    list.dispatchEvent(new CustomEvent('uploaded', { detail: video }))
    follow(upload, video.uuid)
  } catch (error) {
    failed(upload, reasonOf(error))
  }
}

function progress (upload, bytes) {
  const { one, part } = upload
  const now = performance.now()
  upload.since ??= { bytes, now }
  part('progress').value = bytes
  if (bytes >= one.size) return state(upload, 'checking')
  const left = (now - upload.since.now) / (bytes - upload.since.bytes) * (one.size - bytes) / 1000
  part('left').textContent = timeLeft(left)
}

function reasonOf (error) {
  if (error.code === '') return data.texts.noConnection
  if (error.code === undefined) return data.texts.signInAgain
  const fields = error.fields.map(name => data.texts.fields[name] ?? name).join(', ')
  const text = data.texts.byCode[error.code] ?? error.detail
  return fields ? `${text} ${fields}` : text
}

/** Ask until the video is ready to be watched, at most three minutes. */
async function follow (upload, uuid) {
  for (let turn = 0; turn < 90; turn++) {
    await new Promise(resolve => setTimeout(resolve, turn < 5 ? 400 : 2000))
    try {
      const token = await accessToken(data.tokenUrl, data.csrf)
      const answer = await fetch(`/api/v1/videos/${uuid}`, { headers: { Authorization: `Bearer ${token}` } })
      const video = await answer.json()
      if (video.state?.id === 1) return state(upload, 'ready')
      if (video.state?.id === 7) return failed(upload, data.texts.notPrepared, false)
    } catch { /* ask again */ }
  }
}

function pause (upload) {
  unqueue(upload)
  upload.sending.pause()
  state(upload, 'paused')
  upload.part('resume').focus()
}

function cancel (upload) {
  unqueue(upload)
  forget(upload.one)
  upload.sending.cancel()
  state(upload, 'cancelled')
}

function unqueue (upload) {
  const position = waiting.indexOf(upload)
  if (position >= 0) waiting.splice(position, 1)
}

function failed (upload, reason, again = true) {
  state(upload, 'failed')
  upload.part('state').textContent = `${data.texts.failed}: ${reason}`
  upload.part('retry').hidden = !again
}

function state (upload, name) {
  const { row, part } = upload
  row.dataset.state = name
  part('state').textContent = data.texts[name]
  for (const [control, states] of Object.entries(SHOWN)) part(control).hidden = !states.includes(name)
  if (name === 'cancelled') part('progress').value = 0
  if (name === 'preparing') part('progress').removeAttribute('value')
  if (name !== 'sending') part('left').textContent = ''
}

function timeLeft (seconds) {
  if (!Number.isFinite(seconds)) return ''
  const [amount, unit] = seconds >= 90 ? [Math.round(seconds / 60), 'minute'] : [Math.ceil(seconds), 'second']
  const shown = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount)
  return data.texts.left.replace('{time}', shown)
}

function sizeOf (bytes) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  let index = 0
  while (bytes >= 1000 && index < units.length - 1) { bytes /= 1000; index++ }
  return new Intl.NumberFormat(language, { style: 'unit', unit: units[index], maximumFractionDigits: 1 }).format(bytes)
}
