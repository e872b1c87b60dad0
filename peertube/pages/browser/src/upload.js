/** The upload page: a row for each file, sent by script with progress, cancel and retry. */

import { accessToken } from './token.js'

const data = JSON.parse(document.getElementById('upload-data').textContent)
const form = document.getElementById('upload-form')
const list = document.getElementById('uploads')
const template = document.getElementById('upload-row')
const file = form.querySelector('input[type="file"]')
const language = document.documentElement.lang
const AT_ONCE = 2
const waiting = []
let sending = 0
let unsaved = 0

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
addEventListener('beforeunload', event => { if (unsaved > 0) event.preventDefault() })

function take (files) {
  if (!files.length) return file.focus()
  for (const one of files) add(one, fieldsFor(one, files.length))
  form.reset()
  list.scrollIntoView({ block: 'center' })
}

function fieldsFor (one, count) {
  const fields = new FormData(form)
  for (const name of ['csrf', 'videofile']) fields.delete(name)
  for (const [name, value] of [...fields]) if (value === '') fields.delete(name)
  for (const name of ['nsfw', 'downloadEnabled']) fields.set(name, form.elements[name].checked)
  const typed = fields.get('name')
  fields.set('name', count === 1 && typed ? typed : titleOf(one.name))
  const tags = fields.get('tags')
  fields.delete('tags')
  for (const tag of (tags ?? '').split(',').map(one => one.trim()).filter(Boolean)) fields.append('tags[]', tag)
  fields.append('videofile', one, one.name)
  return fields
}

function titleOf (name) {
  const title = name.replace(/\.[^.]+$/, '').replace(/[_-]+/g, ' ').trim().slice(0, 120)
  return title.length < 3 ? title.padEnd(3, '.') : title
}

function add (one, fields) {
  const row = template.content.firstElementChild.cloneNode(true)
  const part = name => row.querySelector(`[data-part="${name}"]`)
  const upload = { one, fields, row, part, request: null }
  part('name').textContent = fields.get('name')
  part('size').textContent = sizeOf(one.size)
  part('cancel').addEventListener('click', () => cancel(upload))
  part('retry').addEventListener('click', () => { state(upload, 'waiting'); queue(upload) })
  part('remove').addEventListener('click', () => row.remove())
  list.append(row)
  if (data.largest && one.size > data.largest) return failed(upload, data.texts.tooLarge)
  if (data.quotaLeft !== null && one.size > data.quotaLeft) return failed(upload, data.texts.overQuota)
  state(upload, 'waiting')
  queue(upload)
}

function queue (upload) {
  waiting.push(upload)
  unsaved++
  next()
}

function next () {
  while (sending < AT_ONCE && waiting.length) {
    sending++
    const upload = waiting.shift()
    send(upload).finally(() => { sending--; unsaved--; next() })
  }
}

async function send (upload) {
  let token
  try {
    token = await accessToken(data.tokenUrl, data.csrf)
  } catch {
    return failed(upload, data.texts.signInAgain)
  }
  state(upload, 'sending')
  const started = performance.now()
  const progress = upload.part('progress')
  await new Promise(resolve => {
    const request = upload.request = new XMLHttpRequest()
    request.open('POST', data.uploadUrl)
    request.setRequestHeader('Authorization', `Bearer ${token}`)
    request.setRequestHeader('Accept', 'application/json')
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      progress.max = total
      progress.value = loaded
      const left = (performance.now() - started) / loaded * (total - loaded) / 1000
      upload.part('left').textContent = loaded < total ? timeLeft(left) : ''
      if (loaded >= total) state(upload, 'checking')
    })
    request.addEventListener('load', () => { finished(upload); resolve() })
    request.addEventListener('error', () => { failed(upload, data.texts.noConnection); resolve() })
    request.addEventListener('abort', () => { state(upload, 'cancelled'); resolve() })
    request.send(upload.fields)
  })
  upload.request = null
}

function finished (upload) {
  const { request } = upload
  let answer = {}
  try { answer = JSON.parse(request.responseText) } catch { /* no JSON: the status says enough */ }
  if (request.status >= 200 && request.status < 300 && answer.video) {
    state(upload, 'preparing')
    const link = upload.part('link')
    link.href = `/w/${answer.video.shortUUID ?? answer.video.uuid}`
    link.hidden = false
    list.dispatchEvent(new CustomEvent('uploaded', { detail: answer.video }))
    return follow(upload, answer.video.uuid)
  }
  const wrong = Object.values(answer['invalid-params'] ?? {}).map(param => param.msg)
  failed(upload, data.texts.byCode[answer.code] ?? ([answer.detail ?? answer.error ?? `${request.status}`, ...wrong].join(' ')))
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

function cancel (upload) {
  const position = waiting.indexOf(upload)
  if (position >= 0) {
    waiting.splice(position, 1)
    unsaved--
    return state(upload, 'cancelled')
  }
  upload.request?.abort()
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
  part('cancel').hidden = !['waiting', 'sending'].includes(name)
  part('retry').hidden = !['failed', 'cancelled'].includes(name)
  part('remove').hidden = !['failed', 'cancelled', 'ready'].includes(name)
  part('progress').hidden = !['waiting', 'sending', 'checking', 'preparing'].includes(name)
  if (name === 'waiting') part('progress').value = 0
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
