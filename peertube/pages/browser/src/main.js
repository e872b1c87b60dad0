/** What every page does in the browser beside showing itself: notes that go away, dates in the reader's own time. */

import './copy.js'

const TOAST_MS = 6000

function letGo (toast) {
  let timer
  const start = () => { timer = setTimeout(() => toast.remove(), TOAST_MS) }
  const pause = () => clearTimeout(timer)
  toast.addEventListener('mouseenter', pause)
  toast.addEventListener('mouseleave', start)
  toast.addEventListener('focusin', pause)
  toast.addEventListener('focusout', start)
  start()
}

for (const toast of document.querySelectorAll('[data-toast]')) letGo(toast)

for (const time of document.querySelectorAll('time[datetime]')) {
  const moment = new Date(time.dateTime)
  if (!Number.isNaN(moment.getTime())) {
    time.title = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' }).format(moment)
  }
}

document.getElementById('problem')?.focus()

// A confirmation page as a dialog where the browser has one: the form, focus on Cancel.
for (const link of document.querySelectorAll('a[data-confirm]')) {
  link.addEventListener('click', async event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const away = () => { location.href = link.href }
    let page
    try {
      const answer = await fetch(link.href)
      if (!answer.ok) return away()
      page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    } catch {
      return away()
    }
    const question = page.querySelector('[data-confirmation]')
    if (!question) return away()
    const dialog = document.createElement('dialog')
    dialog.setAttribute('aria-labelledby', 'confirm-title')
    dialog.append(document.importNode(question, true))
    document.body.append(dialog)
    const cancel = dialog.querySelector('[data-cancel]')
    cancel.addEventListener('click', click => { click.preventDefault(); dialog.close() })
    dialog.addEventListener('close', () => { dialog.remove(); link.focus() })
    dialog.showModal()
    cancel.focus()
  })
}
