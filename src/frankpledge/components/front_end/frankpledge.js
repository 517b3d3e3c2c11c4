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
