import { initAll } from "./govuk-frontend.min.js"

initAll()

// A page that shows work in progress names itself with data-refresh (seconds). Its live part is
// fetched again and swapped in place; when the fresh page no longer asks for it, we stop.
const live = document.querySelector("[data-refresh]")
if (live) {
  for (const control of document.querySelectorAll("[data-without-script]")) control.hidden = true
  // The status stays where it is and changes only when it says something new: a screen reader then
  // speaks it once, and focus is never lost.
  const refresh = (fresh) => {
    const [status, news] = [live, fresh].map((part) => part.querySelector("[role=status]"))
    if (status.textContent !== news.textContent) status.textContent = news.textContent
    const [bar, now] = [live, fresh].map((part) => part.querySelector("progress"))
    if (bar && now) bar.value = now.value
  }
  const again = async () => {
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } })
      const page = new DOMParser().parseFromString(await answer.text(), "text/html")
      const fresh = page.querySelector("[data-refresh]")
      if (!answer.ok || !fresh) {
        window.location.reload()
        return
      }
      refresh(fresh)
    } catch {
      // The network dropped: the next turn tries again.
    }
    window.setTimeout(again, Number(live.dataset.refresh) * 1000)
  }
  window.setTimeout(again, Number(live.dataset.refresh) * 1000)
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false
  button.addEventListener("click", () => window.print())
}

// A control that may not be used stays reachable by keyboard, says why, and does nothing.
document.addEventListener("click", (event) => {
  if (event.target.closest("[aria-disabled=true]")) event.preventDefault()
})

// Choices that reveal a question. The library's own way marks radios with aria-expanded, which radios
// may not carry; the question follows its choice directly, so being shown is enough.
const reveal = (form) => {
  for (const choice of form.querySelectorAll("[data-reveals]")) {
    const hidden = `govuk-${choice.type === "radio" ? "radios" : "checkboxes"}__conditional--hidden`
    document.getElementById(choice.dataset.reveals)?.classList.toggle(hidden, !choice.checked)
  }
}
document.addEventListener("change", (event) => event.target.form && reveal(event.target.form))
window.addEventListener("pageshow", () => {
  for (const choice of document.querySelectorAll("[data-reveals]")) reveal(choice.form)
})

// On a phone the filter would push the list out of sight.
if (window.matchMedia("(max-width: 40em)").matches) {
  for (const filter of document.querySelectorAll("[data-closed-on-phone]")) {
    filter.open = filter.querySelector(".govuk-error-summary") !== null
  }
}

// Cells copied from a spreadsheet fill a table of boxes from the one they are pasted into.
for (const hint of document.querySelectorAll("[data-with-script]")) hint.hidden = false
for (const table of document.querySelectorAll("[data-paste]")) {
  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "")
    if (!/[\t\n]/.test(text)) return
    event.preventDefault()
    const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")])
    const top = rows.findIndex((row) => row.includes(event.target))
    const left = rows[top].indexOf(event.target)
    text.split(/\r?\n/).forEach((line, down) => {
      line.split("\t").forEach((value, across) => {
        const box = rows[top + down]?.[left + across]
        if (box) box.value = value.trim()
      })
    })
  })
}

// A file dropped on its field is chosen, as if it had been picked.
for (const field of document.querySelectorAll("input[type=file]")) {
  const place = field.closest(".govuk-form-group")
  const mark = (on) => place.classList.toggle("fp-drop", on)
  place.addEventListener("dragover", (event) => {
    event.preventDefault()
    mark(true)
  })
  place.addEventListener("dragleave", () => mark(false))
  place.addEventListener("drop", (event) => {
    event.preventDefault()
    mark(false)
    if (!event.dataTransfer.files.length) return
    field.files = event.dataTransfer.files
    field.dispatchEvent(new Event("change", { bubbles: true }))
    field.focus()
  })
}

// A map is a large script of its own: only its page fetches it.
const map = document.querySelector("[data-map]")
if (map) import(map.dataset.mapScript)
