// Where the parameters sit: a rectangle a layer, its area their number, blocks around what is in them.
import { count, escape, rgb, root, legible } from "./kit.js"

const HEIGHT = 250, HEADER = 20, GAP = 1.5
const pen = document.createElement("canvas").getContext("2d")

export default function treemap({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "treemap")
  element.data = data
  element.send = (id) => setTriggerValue("select", id)
  if (!element.watched) {
    element.watched = new ResizeObserver(() => { if (element.clientWidth !== element.width) draw(element) })
    element.watched.observe(element)
    element.addEventListener("click", (event) => choose(element, event.target))
    element.addEventListener("keydown", (event) => key(element, event))
  }
  draw(element)
}

function choose(element, target) {
  const id = target.closest(".tile")?.dataset.id
  if (id) element.send(id)
}

// Arrows walk from tile to tile in the order of size; Enter and Space choose.
function key(element, event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
  if (step) {
    const all = [...element.querySelectorAll(".tile")], next = all[all.indexOf(event.target) + step]
    if (next) { event.target.setAttribute("tabindex", "-1"); next.setAttribute("tabindex", "0"); next.focus() }
  } else if (event.key === "Enter" || event.key === " ") choose(element, event.target)
  else return
  event.preventDefault()
}

function draw(element) {
  element.width = element.clientWidth
  if (!element.width) return
  const style = getComputedStyle(element), drawn = []
  place(element.data.rows, "", { x: 0, y: 0, w: element.width, h: HEIGHT }, (row, box, open) => drawn.push(tile(element, style, row, box, open, !drawn.length)))
  element.innerHTML = `<svg height="${HEIGHT}" viewBox="0 0 ${element.width} ${HEIGHT}" role="group" aria-label="${escape(element.data.label)}">${drawn.join("")}</svg>`
}

// Lay out the members of a block in its box, and theirs in theirs as long as there is room to see them.
function place(rows, parent, box, put) {
  const members = rows.filter((row) => row.parent === parent).sort((a, b) => b.parameters - a.parameters)
  for (const [row, at] of squarified(members, box)) {
    const inner = rows.filter((each) => each.parent === row.id)
    const open = inner.length > 1 && at.w > 84 && at.h > 64
    put(row, at, open)
    if (open) place(rows, row.id, { x: at.x + 4, y: at.y + HEADER, w: at.w - 8, h: at.h - HEADER - 4 }, put)
  }
}

// Rows of rectangles, each row as near to squares as it gets (Bruls, Huizing and van Wijk 2000).
function squarified(rows, box) {
  const found = [], total = rows.reduce((sum, row) => sum + row.parameters, 0), scale = (box.w * box.h) / total
  let { x, y, w, h } = box, left = rows
  while (left.length) {
    const side = Math.min(w, h)
    let taken = 1
    while (taken < left.length && worst(left.slice(0, taken + 1), side, scale) <= worst(left.slice(0, taken), side, scale)) taken++
    const area = left.slice(0, taken).reduce((sum, row) => sum + row.parameters, 0) * scale, thick = area / side
    let along = 0
    for (const row of left.slice(0, taken)) {
      const length = (row.parameters * scale) / thick
      found.push([row, w >= h ? { x, y: y + along, w: thick, h: length } : { x: x + along, y, w: length, h: thick }])
      along += length
    }
    if (w >= h) { x += thick; w -= thick } else { y += thick; h -= thick }
    left = left.slice(taken)
  }
  return found
}

function worst(rows, side, scale) {
  const areas = rows.map((row) => row.parameters * scale), sum = areas.reduce((a, b) => a + b, 0)
  return Math.max(...areas.map((area) => Math.max((side * side * area) / (sum * sum), (sum * sum) / (side * side * area))))
}

function tile(element, style, row, box, open, first) {
  const share = (100 * row.parameters) / element.data.total, percent = share >= 0.1 ? `${share.toFixed(1)} %` : "under 0.1 %"
  const ground = rgb(style.getPropertyValue(open ? "--sunken" : `--${row.kind}`).trim()), ink = legible(ground)
  const w = Math.max(0.5, box.w - GAP), h = Math.max(0.5, box.h - GAP), said = `${row.label}: ${count(row.parameters)} parameters, ${percent}`
  pen.font = '600 13px "Source Sans", sans-serif'
  const fits = (words) => pen.measureText(words).width < w - 12
  const line = (words, y, weight) => `<text x="${box.x + 7}" y="${box.y + y}" font-size="13" font-weight="${weight}" fill="${ink}">${escape(words)}</text>`
  const words = h < 20 ? "" : (fits(row.label) ? line(row.label, 15.5, 600) : "") + (!open && h > 38 && fits(percent) ? line(percent, 32, 400) : "")
  const frame = open ? `stroke="var(--${row.kind})"` : 'stroke="none"'
  return `<g class="tile ${row.id === element.data.selected ? "chosen" : ""}" data-id="${escape(row.id)}" role="button" aria-pressed="${row.id === element.data.selected}" tabindex="${first ? 0 : -1}" aria-label="${escape(said)}"><title>${escape(said)}</title>` +
    `<rect x="${box.x}" y="${box.y}" width="${w}" height="${h}" fill="rgb(${ground})" ${frame}/>${words}</g>`
}
