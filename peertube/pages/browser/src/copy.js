/** Buttons that copy what stands in a field beside them. */

for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break
  const field = document.getElementById(button.dataset.copy)
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(field.value)
    const said = button.querySelector('.spoken')
    const before = said.textContent
    said.setAttribute('role', 'status')
    said.textContent = field.dataset.copied
    button.dataset.done = ''
    setTimeout(() => { said.textContent = before; delete button.dataset.done }, 2000)
  })
}
