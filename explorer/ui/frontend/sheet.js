// A sheet: controls and parts as Python describes them (explorer/lenses/_sheet.py). What is turned goes back as options.
import { escape, root, unpack } from "./kit.js"
import { bars, heat, numbers, tiles, words } from "./sheet_parts.js"
import { lines } from "./sheet_lines.js"
import { points } from "./sheet_points.js"

const PARTS = { tiles, heat, bars, numbers, words, lines, points }

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "sheet"), view = element.view ??= build(element)
  view.ask = (options) => setTriggerValue("ask", { options, id: Date.now() + Math.random() })
  view.theme = element.dataset.theme
  const arrays = new Map()
  view.array = (name) => { if (!arrays.has(name)) arrays.set(name, data.arrays[name] ? unpack(data.arrays[name]) : null); return arrays.get(name) }
  controls(view, data.controls)
  const layout = data.parts.map((part) => part.kind + strip(part)).join()
  if (view.layout !== layout) { view.layout = layout; lay(view, data.parts) }
  data.parts.forEach((part, i) => {
    const box = view.parts[i], key = `${view.theme}${JSON.stringify(part)}${Object.keys(data.arrays).filter((name) => name === part.array || name.startsWith(`${part.array}_`)).map((name) => digest(data.arrays[name].data)).join()}`
    if (box.key === key) return // nothing new: leave it as it stands, with whatever the pointer rests on
    box.key = key
    head(box, part)
    PARTS[part.kind](box.body, part, view)
  })
  caption(view, data.caption)
}

function build(element) {
  element.innerHTML = `<div class="controls"></div><div class="parts"></div><p class="caption" hidden></p>`
  return { controls: element.querySelector(".controls"), box: element.querySelector(".parts"), caption: element.querySelector(".caption"), parts: [] }
}

function lay(view, parts) {
  view.parts = parts.map((part) => {
    const box = document.createElement("figure")
    box.className = part.kind
    box.innerHTML = `<h4></h4><div class="body"></div>`
    return { figure: box, head: box.firstChild, body: box.lastChild, key: "" }
  })
  // rows of tiles as large as each other belong together: one below the other, and beside what is taller
  const stacked = []
  parts.forEach((part, i) => {
    const figure = view.parts[i].figure, before = parts[i - 1]
    if (!before || !strip(part) || strip(part) !== strip(before)) { stacked.push(figure); return }
    if (stacked.at(-1).className !== "stack") {
      const stack = document.createElement("div")
      stack.className = "stack"
      stack.append(stacked.pop())
      stacked.push(stack)
    }
    stacked.at(-1).append(figure)
  })
  view.box.replaceChildren(...stacked)
}

// The size of the tiles of a part that is one row of them, or 0.
const strip = (part) => (part.kind === "tiles" && part.count > 1 && part.count <= part.columns ? part.side : 0)

function head(box, part) {
  box.head.hidden = !part.title && !part.note
  box.head.innerHTML = `${escape(part.title ?? "")}${part.note ? `<span>${escape(part.note)}</span>` : ""}`
}

function caption(view, text) {
  view.caption.hidden = !text
  const end = text.search(/[.:?]\s|[.:?]$/) + 1
  view.caption.innerHTML = end > 0 ? `<b>${escape(text.slice(0, end))}</b>${escape(text.slice(end))}` : escape(text)
}

// A short fingerprint of a base64 text: enough to see that a picture has changed.
function digest(text) {
  let hash = text.length
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

// ---- controls --------------------------------------------------------------------------------------------------------

const WAIT = 120 // milliseconds without a move before a slider's value is sent

function controls(view, wanted) {
  const shape = JSON.stringify(wanted.map(({ value, ...rest }) => rest))
  if (view.shape !== shape) { view.shape = shape; view.controls.innerHTML = wanted.map(control).join(""); wire(view) }
  for (const each of wanted) {
    const field = view.controls.querySelector(`[name="${CSS.escape(each.name)}"]`)
    if (field !== field.getRootNode().activeElement) set(field, each)
  }
}

function control(each) {
  const name = escape(each.name), label = escape(each.label)
  if (each.kind === "slider") return `<label class="slider"><span>${label} <output></output></span><input type="range" name="${name}" min="${each.low}" max="${each.high}" step="${each.step}" data-words="${escape(JSON.stringify(each.words))}"></label>`
  if (each.kind === "switch") return `<label class="switch"><input type="checkbox" name="${name}">${label}</label>`
  if (each.kind === "text") return `<label class="text"><span>${label}</span><textarea name="${name}" rows="${each.rows}" maxlength="${each.most}" spellcheck="false"></textarea></label>`
  return `<label class="choice"><span>${label}</span><select name="${name}">${each.options.map(([key, title]) => `<option value="${escape(key)}">${escape(title)}</option>`).join("")}</select></label>`
}

function set(field, each) {
  if (field.type === "checkbox") field.checked = each.value
  else field.value = each.value
  if (field.type === "range") say(field)
}

function say(field) {
  const words = JSON.parse(field.dataset.words), at = Math.round((field.value - field.min) / field.step)
  field.parentElement.querySelector("output").textContent = words[at] ?? String(Number(field.value)).replace("-", "−")
}

function wire(view) {
  for (const field of view.controls.querySelectorAll("input, select, textarea")) {
    const send = () => view.ask({ [field.name]: field.type === "checkbox" ? field.checked : field.type === "range" ? Number(field.value) : field.value })
    let timer
    field.addEventListener("input", () => {
      field.closest("label").classList.add("yours")
      if (field.type === "range") say(field)
      clearTimeout(timer)
      timer = setTimeout(send, field.tagName === "TEXTAREA" ? 500 : field.type === "range" ? WAIT : 0)
    })
  }
}
