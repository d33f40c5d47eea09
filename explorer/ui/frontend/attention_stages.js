// One head's attention as it comes about: scores, what the mask hides, the softmax of each row.
import { colour, escape, legible, paint } from "./kit.js"

const LEAST = 25 // pixels of a cell in which a number can be read; narrower, colours tell it and the pointer
const minus = (x, digits) => x.toFixed(digits).replace("-", "−")

export function stages(view, place, ready, { shown }) {
  const rows = place.rows.map(shown), columns = place.columns.map(shown), box = view.stages
  const names = 7.2 * Math.max(...rows.map((word) => word.length)) + 14, free = (box.clientWidth || 900) - 2 * names - 90 // beside the cells
  const side = Math.min(44, Math.floor(free / (2.55 * columns.length))), few = side >= LEAST && rows.length <= 16
  if (!ready) { box.classList.add("waiting"); return }
  box.classList.remove("waiting")
  const { scores, hidden } = view.arrays, masked = place.masked, n = columns.length
  const most = Math.max(1e-9, scores.values.reduce((best, v, i) => (hidden.values[i] ? best : Math.max(best, Math.abs(v))), 0))
  const root = view.data.scale ? `q · k ⁄ √${view.data.scale}` : "q · k, scaled"
  const which = place.answers && place.crosses ? "having said" : ""
  const turned = columns.some((word) => 7 * word.length > side)
  const score = (k) => `<i style="width:${(3 + Math.max(9, side - 24) * Math.abs(scores.values[k]) / most).toFixed(0)}px;background:${colour(0.5 + scores.values[k] / (2 * most), "signed", view.theme)}"></i><small>${minus(scores.values[k], 1)}</small>`
  const mask = (k) => (hidden.values[k] ? `<b class="hidden" title="hidden">−∞</b>` : `<b class="open" title="may be looked at">✓</b>`)
  const weight = (k) => { const ground = colour(view.now[k], "attention", view.theme); return [`${view.now[k].toFixed(2)}`, `background:${ground};color:${legible(ground)}`] }
  box.style.setProperty("--side", `${side}px`)
  box.innerHTML =
    stage("Scores", root, few ? table(rows, columns, "scores", which, (k) => [score(k), ""], turned) : field("scores")) +
    `<span class="then" aria-hidden="true">→</span>` +
    stage("Mask", masked ? "no look at what comes later" : "nothing to hide here", few ? table(rows, columns, "mask", "", (k) => [mask(k), ""]) : masked ? field("mask") : "") +
    `<span class="then" aria-hidden="true">→</span>` +
    stage("Softmax, row by row", Math.abs(view.temperature - 1) < 1e-6 ? "each row adds up to 1" : `at a temperature of ${view.temperature.toFixed(2)}`, few ? table(rows, columns, "softmax", which, weight, turned) : field("softmax"))
  if (few) return
  const cell = Math.max(3, Math.min(22, Math.floor((free + 2 * names - 2 * Math.min(names, 130) - (masked ? 0 : 150)) / ((masked ? 3 : 2) * n)), Math.floor(420 / rows.length)))
  const seen = Float32Array.from(scores.values, (v, k) => (hidden.values[k] ? 0 : v))
  for (const [name, values, map, low, high] of [["scores", seen, "signed", -most, most], ["mask", hidden.values, "ink", 0, 2], ["softmax", view.now, "attention", 0, 1]]) {
    const canvas = box.querySelector(`canvas[data-of="${name}"]`)
    if (!canvas) continue
    const says = canvas.closest("figure").querySelector("output"), labels = canvas.previousElementSibling
    if (cell >= 11 && name !== "mask") labels.innerHTML = rows.map((word) => `<span style="height:${cell}px;font-size:${Math.min(12.5, cell)}px">${escape(word)}</span>`).join("")
    paint(canvas, values, rows.length, n, map, view.theme, low, high)
    canvas.style.width = `${cell * n}px`; canvas.style.height = `${cell * rows.length}px`
    canvas.onpointermove = (event) => {
      const r = canvas.getBoundingClientRect(), i = Math.floor(((event.clientY - r.top) / r.height) * rows.length), j = Math.floor(((event.clientX - r.left) / r.width) * n), k = i * n + j
      if (i < 0 || j < 0 || i >= rows.length || j >= n) return
      says.textContent = `“${rows[i]}” at “${columns[j]}”: score ${minus(scores.values[k], 2)}${hidden.values[k] ? ", hidden" : ""}, weight ${view.now[k].toFixed(3)}`
    }
  }
}

const stage = (title, note, body) => `<figure><h4>${title}<span>${escape(note)}</span></h4>${body}</figure>`
const field = (name) => `<div class="field"><div class="rows"></div><canvas data-of="${name}" role="img" aria-label="${name} as colours; the numbers are told where you point"></canvas></div><output>&nbsp;</output>`

function table(rows, columns, name, which, cell, turned = false) {
  const head = name === "mask" ? "" : `<tfoot class="${turned ? "turned" : ""}"><tr><th></th>${columns.map((word) => `<th scope="col"><span>${escape(word)}</span></th>`).join("")}</tr></tfoot>`
  const body = rows.map((word, i) => `<tr data-row="${i}">${name === "mask" ? "" : `<th scope="row">${escape(word)}</th>`}${columns.map((_, j) => { const [inner, style] = cell(i * columns.length + j); return `<td style="${style}">${inner}</td>` }).join("")}</tr>`).join("")
  return `<table class="${name}">${which ? `<caption>${which}</caption>` : ""}<tbody>${body}</tbody>${head}</table>`
}
