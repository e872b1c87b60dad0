/**
 * One file on its way to the server in chunks (PeerTube's resumable protocol): it can pause, go on after the connection
 * was lost, and go on after the page was left.
 */

const CHUNK = 16 * 2 ** 20
const TRIES = 5
const FIRST_PAUSE_MS = 1000

/** What went wrong, as the server said it; `code` is empty when the connection was lost. */
export class Refused extends Error {
  constructor (code, detail = '', fields = []) {
    super(detail || code)
    this.code = code
    this.detail = detail
    this.fields = fields
  }
}

export class Sending {
  /**
   * @param file what is sent
   * @param description the fields of the REST API
   * @param options `url`; `largestChunk`, 0 for any; `token`, an async function; `progress`, called with bytes;
   *   `address` of an upload that was begun earlier
   */
  constructor (file, description, { url, largestChunk, token, progress, address = null }) {
    Object.assign(this, { file, description, url, token, progress, address })
    this.chunk = largestChunk ? Math.min(CHUNK, largestChunk) : CHUNK
    this.request = null
    this.turn = 0
  }

  /** Send, or go on; the video when the file is there, null when it was paused meanwhile. `begun`: it has an address. */
  async run (begun) {
    const turn = ++this.turn
    const stopped = () => turn !== this.turn
    let tries = 0
    let from = null
    for (;;) {
      try {
        if (from === null) from = this.address ? await this.position() : await this.begin()
        if (stopped()) return null
        if (this.address) begun()
        if (typeof from === 'object') return from
        from = await this.send(from)
        tries = 0
      } catch (error) {
        if (stopped()) return null
        const again = error.code === '' || error.retry
        if (!again || ++tries >= TRIES) throw error
        await new Promise(resolve => setTimeout(resolve, error.retry ?? FIRST_PAUSE_MS * 2 ** (tries - 1)))
        if (stopped()) return null
        from = null
      }
    }
  }

  pause () {
    this.turn++
    this.request?.abort()
  }

  /** Give up; the server forgets what it has. */
  async cancel () {
    this.pause()
    const { address } = this
    this.address = null
    if (address) await this.ask('DELETE', address).catch(() => {})
  }

  async begin () {
    const { file } = this
    const answer = await this.ask('POST', this.url, {
      'Content-Type': 'application/json',
      'X-Upload-Content-Length': file.size,
      'X-Upload-Content-Type': file.type || 'application/octet-stream'
    }, JSON.stringify({ ...this.description, filename: file.name, lastModified: file.lastModified }))
    if (answer.status !== 200 && answer.status !== 201) throw refusal(answer)
    const location = new URL(answer.getResponseHeader('Location'), globalThis.location.href)
    this.address = location.pathname + location.search
    return next(answer)
  }

  /** Where the server stands: the next byte, or the video. */
  async position () {
    const answer = await this.ask('PUT', this.address, { 'Content-Range': `bytes */${this.file.size}` })
    if (answer.status === 404 || answer.status === 410) {
      this.address = null
      return await this.begin()
    }
    return this.after(answer)
  }

  async send (from) {
    const { file } = this
    const until = Math.min(file.size, from + this.chunk)
    const answer = await this.ask('PUT', this.address, {
      'Content-Type': 'application/octet-stream',
      'Content-Range': `bytes ${from}-${until - 1}/${file.size}`
    }, file.slice(from, until), from)
    if (answer.status === 409) return await this.position()
    return this.after(answer)
  }

  after (answer) {
    if (answer.status === 308) return next(answer)
    if (answer.status === 200) return JSON.parse(answer.responseText).video
    throw refusal(answer)
  }

  async ask (method, url, headers = {}, body = null, from = null) {
    const token = await this.token()
    return await new Promise((resolve, reject) => {
      const request = this.request = new XMLHttpRequest()
      request.open(method, url)
      request.setRequestHeader('Authorization', `Bearer ${token}`)
      request.setRequestHeader('Accept', 'application/json')
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
      if (from !== null) request.upload.addEventListener('progress', ({ loaded }) => this.progress(from + loaded))
      request.addEventListener('load', () => resolve(request))
      request.addEventListener('error', () => reject(new Refused('')))
      request.addEventListener('abort', () => reject(new Refused('')))
      request.send(body)
    })
  }
}


function next (answer) {
  const range = /^bytes=0-(\d+)$/.exec(answer.getResponseHeader('Range') ?? '')
  return range ? Number(range[1]) + 1 : 0
}

function refusal (answer) {
  let problem = {}
  try { problem = JSON.parse(answer.responseText) } catch { /* no JSON: the status says enough */ }
  const error = new Refused(problem.code ?? `${answer.status}`, problem.detail ?? '', Object.keys(problem['invalid-params'] ?? {}))
  if (answer.status === 429 || answer.status === 503) {
    error.retry = Math.min(30, Number(answer.getResponseHeader('Retry-After')) || 2) * 1000
  }
  if (answer.status === 502 || answer.status === 504) error.code = ''
  return error
}
