/** Uploads that this browser began and did not finish: kept, so that they go on after the page was left. */

const KEY = 'peertube-uploads'
const MOST = 20
const OLD_MS = 24 * 3600 * 1000

/** All of them that the server may still know. */
export function unfinished () {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return kept.filter(one => Date.now() - one.since < OLD_MS)
  } catch {
    return []
  }
}

/** Keep what belongs to a file. */
export function remember (file, description, address, user) {
  const { name, size, lastModified } = file
  put([...others(file), { name, size, lastModified, description, address, user, since: Date.now() }].slice(-MOST))
}

export function forget (file) {
  put(others(file))
}

/** What was kept of a file, if it is the same one. */
export function known (file) {
  return unfinished().find(one => same(one, file)) ?? null
}

function others (file) {
  return unfinished().filter(one => !same(one, file))
}

function same (one, file) {
  return one.name === file.name && one.size === file.size && one.lastModified === file.lastModified
}

function put (kept) {
  try { localStorage.setItem(KEY, JSON.stringify(kept)) } catch { /* not kept, then */ }
}
