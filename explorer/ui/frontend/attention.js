// Attention from word to word: every head small, one enlarged, and the stages it goes through. Words come from visitors: all are escaped.
import { escape, paint, percent, root, unpack } from "./kit.js"
import { stages } from "./attention_stages.js"

const FAINT = 0.015 // weights below are not drawn as lines
const SHRUNK = 0.75 // of their size at least, that words may stand side by side; else they stand below each other

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "attention"), view = element.view ??= build(element)
  view.ask = (options) => setTriggerValue("ask", { options, id: Date.now() + Math.random() })
  view.theme = element.dataset.theme
  if (view.data && (view.data.index !== data.index || view.data.held !== data.held)) view.row = null
  view.data = data
  view.arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, packed]) => [name, unpack(packed)]))
  if (view.picked && (!data.places[view.picked[0]] || String(view.picked) === String(data.chosen))) view.picked = null
  draw(view)
}

function build(element) {
  element.innerHTML = `<div class="top"><label class="own"><span>Your own text</span><input type="text" maxlength="400" spellcheck="false" autocomplete="off"></label><div class="held"></div></div>
    <p class="notes" hidden></p>
    <div class="main"><div class="thumbs"></div>
      <div class="large"><h4></h4><div class="lines"></div><p class="caption" aria-live="polite"></p></div>
      <div class="side"><div class="facts"></div>
        <label class="slider"><span>Temperature <output>1.0</output></span><input type="range" min="-1" max="1" step="0.05" value="0"></label>
        <small>divides the scores before the softmax; here in the browser alone</small>
        <button type="button" class="off"></button><button type="button" class="on" hidden>Switch all heads on</button></div></div>
    <div class="stages"></div>`
  const find = (name) => element.querySelector(name), view = { element, row: null, temperature: 1 }
  Object.assign(view, { own: find(".own input"), held: find(".held"), notes: find(".notes"), thumbs: find(".thumbs"), title: find("h4"), lines: find(".lines"), caption: find(".caption"), facts: find(".facts"), heat: find(".slider input"), degrees: find(".slider output"), off: find(".off"), on: find(".on"), stages: find(".stages") })
  let timer
  const send = () => { clearTimeout(timer); if (view.own.value !== view.data.text) view.ask({ text: view.own.value }) }
  view.own.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(send, 600) })
  view.own.addEventListener("keydown", (event) => { if (event.key === "Enter") send() })
  view.heat.addEventListener("input", () => { view.temperature = 10 ** Number(view.heat.value); view.degrees.textContent = view.temperature.toFixed(view.temperature < 1 ? 2 : 1); enlarge(view) })
  view.off.addEventListener("click", () => { const name = chosen(view).join("."), off = view.data.off; view.ask({ off: (off.includes(name) ? off.filter((each) => each !== name) : [...off, name]).join(" ") }) })
  view.on.addEventListener("click", () => view.ask({ off: "" }))
  for (const box of [view.lines, view.stages]) wire(box, view)
  return view
}

// Pointing at a word that asks, or coming to it by keyboard, shows where it looks.
function wire(box, view) {
  const to = (event) => { const at = event.target.closest("[data-row]"), row = at ? Number(at.dataset.row) : null; if (row !== view.row) { view.row = row; point(view) } }
  box.addEventListener("pointerover", to)
  box.addEventListener("focusin", to)
  box.addEventListener("pointerleave", () => { if (view.row !== null) { view.row = null; point(view) } })
}

const chosen = (view) => view.picked ?? view.data.chosen
const shown = (word) => ({ " ": "␣", "\n": "⏎", "\t": "⇥" })[word] ?? word

function draw(view) {
  const { data } = view, own = view.own
  if (own !== own.getRootNode().activeElement) own.value = data.text
  own.previousElementSibling.textContent = `Your own text${data.hint ? ` (${data.hint})` : ""}`
  held(view)
  view.notes.hidden = !data.notes.length
  view.notes.textContent = data.notes.join(" ")
  thumbs(view)
  enlarge(view)
}

function held(view) {
  const { data } = view, says = data.text && data.says.length ? sentence(data.says) : ""
  const key = JSON.stringify([data.text, data.index, data.held, says])
  if (view.heldKey === key) return
  view.heldKey = key
  view.held.innerHTML = data.text
    ? (says ? `<span class="arrow" aria-hidden="true">→</span><output>${escape(says)}</output>` : "") + `<button type="button">Back to a held-out text</button>`
    : `<button type="button" aria-label="the held-out text before">←</button><button type="button" aria-label="the next held-out text">→</button><span>held out, ${data.index + 1} of ${data.held_out}: <b>${escape(data.held)}</b></span>`
  const buttons = view.held.querySelectorAll("button"), go = (step) => () => view.ask({ index: (data.index + step + data.held_out) % data.held_out, text: "" })
  if (data.text) buttons[0].onclick = () => { view.own.value = ""; view.ask({ text: "" }) }
  else { buttons[0].onclick = go(-1); buttons[1].onclick = go(1) }
}

// Words as a sentence: as far as the end token, no blank after an apostrophe nor before a full stop.
function sentence(words) {
  const end = words.findIndex((word) => word === "<end>")
  return words.slice(0, end < 0 ? words.length : end).join(" ").replace(/' (?=\w)/gu, "'").replace(/ ([,.;:!?])/g, "$1")
}

// ---- every head, small ---------------------------------------------------------------------------------------------------

function thumbs(view) {
  const { data } = view, shape = JSON.stringify(data.places.map((place) => [place.title, place.entropy.length, place.entropy[0].length]))
  if (view.shape !== shape) { view.shape = shape; lay(view) }
  data.places.forEach((place, p) => {
    const { values, shape: [layers, heads, rows, columns] } = view.arrays[`weights_${p}`], size = rows * columns
    for (let l = 0; l < layers; l++) for (let h = 0; h < heads; h++) {
      const box = view.heads[p][l][h], name = `${p}.${l}.${h}`, off = data.off.includes(name), start = (l * heads + h) * size
      paint(box.canvas, values.subarray(start, start + size), rows, columns, "attention", view.theme)
      box.note.textContent = off ? "off" : place.entropy[l][h].toFixed(1)
      box.button.classList.toggle("silent", off)
      box.button.setAttribute("aria-pressed", String(chosen(view)) === String([p, l, h]))
      box.button.setAttribute("aria-label", `${place.title}, layer ${l + 1}, head ${h + 1}${off ? ", switched off" : ""}: spread of ${place.entropy[l][h].toFixed(2)} bits`)
    }
  })
}

function lay(view) {
  view.heads = view.data.places.map(() => [])
  view.thumbs.replaceChildren(...view.data.places.map((place, p) => {
    const box = document.createElement("figure"), heads = place.entropy[0].length
    box.innerHTML = `<h4>${escape(place.title)}</h4><div class="grid" style="grid-template-columns:14px repeat(${Math.min(heads, 8)}, max-content)"></div>`
    const grid = box.lastChild
    place.entropy.forEach((layer, l) => {
      grid.append(Object.assign(document.createElement("span"), { textContent: l + 1 }))
      view.heads[p].push(layer.map((_, h) => {
        const button = document.createElement("button"), canvas = document.createElement("canvas"), note = document.createElement("small")
        button.type = "button"; button.className = "head"
        if (h && h % 8 === 0) button.style.gridColumnStart = 2
        button.append(canvas, note)
        button.onclick = () => { view.picked = [p, l, h]; view.row = null; view.ask({ place: p, layer: l, head: h }); thumbs(view); enlarge(view) }
        grid.append(button)
        return { button, canvas, note }
      }))
    })
    return box
  }), Object.assign(document.createElement("p"), { className: "caption", innerHTML: "<b>Rows: layers. Columns: heads.</b> The stronger the colour, the more attention; below, how widely a head spreads its looks, in bits. Click one." }))
}

// ---- one head, large ----------------------------------------------------------------------------------------------------

// The weights (rows × columns) of the head in view; with another temperature they come from its scores.
function weights(view) {
  const [p, l, h] = chosen(view), { values, shape: [, heads, rows, columns] } = view.arrays[`weights_${p}`], start = (l * heads + h) * rows * columns
  const plain = values.subarray(start, start + rows * columns)
  if (Math.abs(view.temperature - 1) < 1e-6 || !current(view)) return plain
  const scores = view.arrays.scores.values, hidden = view.arrays.hidden.values, out = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    let most = -Infinity, sum = 0
    for (let j = 0; j < columns; j++) if (!hidden[i * columns + j]) most = Math.max(most, scores[i * columns + j])
    for (let j = 0; j < columns; j++) sum += out[i * columns + j] = hidden[i * columns + j] ? 0 : Math.exp((scores[i * columns + j] - most) / view.temperature)
    for (let j = 0; j < columns; j++) out[i * columns + j] /= sum
  }
  return out
}

// Whether the scores that came are those of the head in view: after a click they are on their way.
const current = (view) => String(chosen(view)) === String(view.data.chosen)

function enlarge(view) {
  const { data } = view, [p, l, h] = chosen(view), place = data.places[p], rows = place.rows.length, columns = place.columns.length, off = data.off.includes(`${p}.${l}.${h}`)
  const bits = place.entropy[l][h]
  view.title.textContent = `${place.title}: layer ${l + 1}, head ${h + 1}`
  view.facts.innerHTML = `<h4>Layer ${l + 1}, head ${h + 1}</h4><dl><dt>spread</dt><dd>${bits.toFixed(2)} bits</dd><dt>as if at</dt><dd>${(2 ** bits).toFixed(1)} of ${columns} words</dd></dl>`
  view.off.textContent = off ? "Switch this head on" : "Switch this head off"
  view.on.hidden = data.off.length < (off ? 2 : 1)
  view.now = weights(view)
  lines(view, place, rows, columns)
  stages(view, place, current(view), { shown })
  point(view)
}

function lines(view, place, rows, columns) {
  const { data, now } = view, says = place.answers && data.says.length === rows
  const asking = place.rows.map((word, i) => (says && place.crosses ? data.says[i] : word)), asked = place.columns
  const room = (word) => Math.max(30, 9 * [...shown(word)].length + 18)
  const free = view.lines.clientWidth || 600, needed = Math.max(asking.reduce((sum, word) => sum + room(word), 0), asked.reduce((sum, word) => sum + room(word), 0))
  const across = Math.max(needed, Math.min(free - 92, 110 * Math.max(rows, columns))), upright = needed + 92 <= free / SHRUNK, spots = upright ? row : column
  const from = spots(asking, across, room), to = spots(asked, across, room)
  const width = upright ? across + 92 : 520, height = upright ? 226 : 26 + 21 * Math.max(rows, columns)
  const at = (spot, end) => (upright ? [92 + spot, end ? 46 : 158] : [end ? 330 : 190, 26 + spot])
  let paths = ""
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    const w = now[i * columns + j]
    if (w < FAINT) continue
    const [x1, y1] = at(from[i], false), [x2, y2] = at(to[j], true), mx = (x1 + x2) / 2, my = (y1 + y2) / 2
    const bend = upright ? `${x1} ${my} ${x2} ${my}` : `${mx} ${y1} ${mx} ${y2}`
    paths += `<path data-from="${i}" d="M${x1} ${y1}C${bend} ${x2} ${y2}" stroke-width="${(0.6 + w * (upright ? 10 : 6)).toFixed(1)}" style="--w:${(0.16 + 0.74 * w).toFixed(2)}"/>`
  }
  const kind = (i, n) => (data.segments.length === n && data.segments[i] ? "word second" : "word")
  const texts = asked.map((word, j) => { const [x, y] = at(to[j], true); return upright ? `<text class="${kind(j, columns)}" x="${x}" y="${y - 10}" text-anchor="middle">${escape(shown(word))}</text><text class="weight" data-to="${j}" x="${x}" y="12" text-anchor="middle"></text>` : `<text class="${kind(j, columns)}" x="${x + 8}" y="${y + 5}">${escape(shown(word))}</text><text class="weight" data-to="${j}" x="${x + 18 + 8 * [...shown(word)].length}" y="${y + 5}"></text>` })
  const words = asking.map((word, i) => {
    const [x, y] = at(from[i], false), sure = says ? (place.crosses ? percent(data.sure[i], 0) : `→ ${shown(data.says[i])}`) : ""
    const second = sure ? (upright ? `<text class="sure" x="${x}" y="${y + 42}" text-anchor="middle">${escape(sure)}</text>` : `<text class="sure" x="8" y="${y + 5}">${escape(sure)}</text>`) : ""
    return `<g class="asking" data-row="${i}" tabindex="0" role="button" aria-label="${escape(told(view, place, i, columns))}"><rect x="${upright ? x - room(word) / 2 : 0}" y="${upright ? y + 4 : y - 9}" width="${upright ? room(word) : 186}" height="${upright ? 46 : 20}"/><text class="${kind(i, rows)}" x="${upright ? x : x - 8}" y="${upright ? y + 22 : y + 5}" text-anchor="${upright ? "middle" : "end"}">${escape(shown(word))}</text>${second}</g>`
  })
  const sides = upright ? `<text class="which" x="0" y="37">looks at</text><text class="which" x="0" y="180">${says && place.crosses ? "says next" : "asks"}</text>${says ? `<text class="which" x="0" y="200">${place.crosses ? "sure" : "then says"}</text>` : ""}` : `<text class="which" x="330" y="12">looks at</text><text class="which" x="182" y="12" text-anchor="end">${says && place.crosses ? "says next" : "asks"}</text>`
  view.lines.innerHTML = `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="${escape(place.title)}"><g class="ties">${paths}</g>${sides}${texts.join("")}${words.join("")}</svg>`
}

// The middle of each word: side by side, spread over the whole width …
function row(words, across, room) {
  const own = words.reduce((sum, word) => sum + room(word), 0), gap = (across - own) / words.length
  let x = 0
  return words.map((word) => { const middle = x + (room(word) + gap) / 2; x += room(word) + gap; return middle })
}

// … or below each other.
const column = (words) => words.map((_, i) => 21 * i + 10)

// Where the word in row i looks most, in a sentence.
function told(view, place, i, columns) {
  const { data, now } = view, mine = now.subarray(i * columns, (i + 1) * columns), most = mine.reduce((best, w, j) => (w > mine[best] ? j : best), 0)
  const says = place.crosses && place.answers && data.says.length === place.rows.length
  return `${says ? `To say “${shown(data.says[i])}” it` : `“${shown(place.rows[i])}”`} looks most at “${shown(place.columns[most])}”, with a weight of ${mine[most].toFixed(3)}`
}

// Mark the row that is pointed at, in the lines and in the stages, with its exact weights.
function point(view) {
  const { row, now } = view, [p] = chosen(view), place = view.data.places[p], columns = place.columns.length
  view.lines.querySelector("svg")?.classList.toggle("pointing", row !== null)
  for (const path of view.lines.querySelectorAll("path")) path.classList.toggle("mine", Number(path.dataset.from) === row)
  for (const word of view.lines.querySelectorAll(".asking")) word.classList.toggle("mine", Number(word.dataset.row) === row)
  for (const text of view.lines.querySelectorAll(".weight")) text.textContent = row === null ? "" : now[row * columns + Number(text.dataset.to)].toFixed(3)
  for (const cell of view.stages.querySelectorAll("tr[data-row]")) cell.classList.toggle("mine", Number(cell.dataset.row) === row)
  const hint = `Point at a word to see where it looks, with exact weights.${view.data.segments.includes(1) ? " Text B is underlined." : ""}`
  view.caption.textContent = row === null ? hint : `${told(view, place, row, columns)}.`
}
