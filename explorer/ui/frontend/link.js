// Copies the page's address, and lists the keys when somebody presses "?".
import { root, escape } from "./kit.js"

export default function ({ parentElement, data }) {
  const element = root(parentElement, "link")
  return data.part === "copy" ? copyButton(element) : help(element, data.keys)
}

function copyButton(element) {
  if (element.firstChild) return
  element.innerHTML = `<button type="button">Copy link</button><span class="sr" role="status"></span>`
  const button = element.querySelector("button"), status = element.querySelector("[role=status]")
  button.onclick = async () => {
    const copied = await copy(location.href)
    button.textContent = copied ? "Copied" : "Copy it from the address bar"
    status.textContent = copied ? "The link to this view is copied." : "The browser did not allow copying."
    setTimeout(() => { button.textContent = "Copy link" }, 1600)
  }
}

// Without https the clipboard is closed to pages; a selected text field still works there.
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text).then(() => true, () => false)
  const field = document.createElement("textarea")
  field.value = text
  document.body.append(field)
  field.select()
  const copied = document.execCommand("copy")
  field.remove()
  return copied
}

const NARROW = 900 // pixels: below, the side bar would take a third of the page

// Once a visit: Streamlit itself closes the side bar only below 768 pixels.
function closeOnNarrowWindows() {
  if (window.explorerSideBarSeen) return
  window.explorerSideBarSeen = true
  if (innerWidth > NARROW) return
  const open = document.querySelector('[data-testid=stSidebar][data-collapsed=false]')
  open?.querySelector('[data-testid=stSidebarCollapseButton] button')?.click()
}

function help(element, keys) {
  if (!element.firstChild) {
    closeOnNarrowWindows()
    const rows = keys.map(([key, what]) => `<dt>${escape(key)}</dt><dd>${escape(what)}</dd>`).join("")
    element.innerHTML = `<dialog aria-labelledby="keys"><h2 id="keys">Keys</h2><dl>${rows}</dl><button type="button">Close</button></dialog>`
    element.querySelector("button").onclick = () => element.querySelector("dialog").close()
  }
  const onKey = (event) => {
    const target = event.composedPath()[0]
    if (event.key !== "?" || target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)) return
    const dialog = element.querySelector("dialog")
    if (!dialog.open) dialog.showModal()
  }
  document.addEventListener("keydown", onKey)
  return () => document.removeEventListener("keydown", onKey)
}
