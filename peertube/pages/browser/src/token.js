/** A short-lived token for the REST API, from the page session; asked for again when it is old. */

const GOOD_MS = 10 * 60_000
let known = null

export async function accessToken (url, csrf) {
  if (known && performance.now() - known.since < GOOD_MS) return known.token
  const answer = await fetch(url, { method: 'POST', headers: { 'X-CSRF-Token': csrf } })
  if (!answer.ok) throw new Error(`no token: ${answer.status}`)
  known = { token: (await answer.json()).accessToken, since: performance.now() }
  return known.token
}
