// Layers built up by hand: inputs, a hidden layer and an output layer of as many neurons as you like, and the matrix product behind each.
import { escape } from "./kit.js"

// Numbers as they are written by hand: no plus in front, a minus that is one, a negative factor in brackets.
export const bare = (v, digits = 2) => (v < 0 && +v.toFixed(digits) !== 0 ? "−" : "") + Math.abs(v).toFixed(digits)
export const plus = (v, digits = 2) => (v < 0 ? "− " : "+ ") + Math.abs(v).toFixed(digits)
const factor = (v) => { const digits = Number.isInteger(v * 10) ? 1 : 2; return v < 0 ? `(${bare(v, digits)})` : bare(v, digits) }

const MOST = { inputs: 5, hidden: 6, outputs: 4 }
const NAMES = { inputs: "inputs", hidden: "hidden neurons", outputs: "output neurons" }
const LAYERS = { hidden: { from: "inputs", weights: "W", bias: "b", input: "x", sum: "z", bent: "ReLU(z)" }, outputs: { from: "hidden", weights: "V", bias: "c", input: "h", sum: "y", bent: "" } }
const BELOW = "₁₂₃₄₅₆"

// The numbers of a new neuron follow a fixed pattern, so that what you add is the same each time.
const pattern = (i, j) => [0.5, -1, 1, 0, 1.5, -0.5][(2 * i + 3 * j) % 6]
const grid = (rows, columns, make) => Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => make(i, j)))

function begin() {
  const W = grid(MOST.hidden, MOST.inputs, pattern), V = grid(MOST.outputs, MOST.hidden, (i, j) => (i ? pattern(i, j) : 1))
  const first = [[1, -1, 0.5], [0.5, 0.5, -1], [-1, 1, 1], [0, 2, -0.5]]
  first.forEach((row, i) => row.forEach((w, j) => { W[i][j] = w }))
  return { sizes: { inputs: 3, hidden: 4, outputs: 1 }, W, b: [0, 0.5, -0.5, 1, 0, 0.5], V, c: [0, 0, 0, 0], x: [1, 0.5, -1, 0.5, 1], shown: "hidden", row: 0, yours: new Set() }
}

export function layer(element) {
  const net = begin()
  element.innerHTML = `<div class="sizes">${Object.keys(MOST).map((part) => `<span role="group" aria-label="${NAMES[part]}"><button type="button" data-less="${part}" aria-label="one fewer: ${NAMES[part]}">−</button><b data-size="${part}"></b> ${NAMES[part]}<button type="button" data-more="${part}" aria-label="one more: ${NAMES[part]}">+</button></span>`).join("")}
    <span class="seg" role="group" aria-label="Which product is shown"><button type="button" data-shown="hidden">hidden layer</button><button type="button" data-shown="outputs">output layer</button></span></div>
    <div class="product"></div><p class="sum" role="status"></p><div class="net"></div>
    <p class="caption"><b>Point at a row or a neuron,</b> or change any number: a row of the matrix times what comes in, then the bias. <span class="count"></span></p>`
  element.addEventListener("click", (event) => {
    const { less, more, shown } = event.target.closest("button")?.dataset ?? {}
    if (less) resize(net, less, -1)
    if (more) resize(net, more, 1)
    if (shown) { net.shown = shown; net.row = 0 }
    if (less || more || shown) { element.classList.add("yours"); table(element, net); element.redraw() }
  })
  element.addEventListener("input", (event) => { take(net, event.target); element.redraw() })
  const point = (event) => {
    const { row, layer: pointed } = event.target.closest("[data-row]")?.dataset ?? {}
    const other = Boolean(pointed) && pointed !== net.shown
    if (row === undefined || (!other && +row === net.row)) return // a redraw under the pointer is no new pointing
    if (other) net.shown = pointed
    net.row = +row
    element.classList.add("yours")
    if (other) table(element, net)
    element.redraw()
  }
  element.addEventListener("pointerover", point)
  element.addEventListener("focusin", point)
  element.redraw = () => draw(element, net)
  table(element, net)
}

function resize(net, part, by) {
  net.sizes[part] = Math.max(1, Math.min(MOST[part], net.sizes[part] + by))
  net.row = Math.min(net.row, net.sizes[net.shown] - 1)
}

function take(net, input) {
  const [name, i, j] = (input.dataset.at ?? "").split(" ")
  if (!name) return
  const value = Math.max(-9, Math.min(9, Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : 0))
  if (j === undefined) net[name][i] = value
  else net[name][i][j] = value
  input.classList.add("yours")
  net.yours.add(input.dataset.at)
}

function values(net) {
  const { inputs, hidden, outputs } = net.sizes, x = net.x.slice(0, inputs)
  const sums = (M, bias, from, many) => Array.from({ length: many }, (_, i) => from.reduce((sum, v, j) => sum + M[i][j] * v, bias[i]))
  const z = sums(net.W, net.b, x, hidden), h = z.map((v) => Math.max(0, v))
  return { inputs: x, z, hidden: h, outputs: sums(net.V, net.c, h, outputs) }
}

// The product of the layer that is shown, as tables of fields.
function table(element, net) {
  const { from, weights, bias, input, sum, bent } = LAYERS[net.shown], rows = net.sizes[net.shown], columns = net.sizes[from], own = net.shown === "hidden"
  const field = (name, value, where, label) => `<input type="number" step="0.1" min="-9" max="9" value="${value}" data-at="${where}" aria-label="${label}" class="${net.yours.has(where) ? "yours" : ""}">`
  const column = (cell) => `<table>${Array.from({ length: rows }, (_, i) => `<tr><td data-row="${i}">${cell(i)}</td></tr>`).join("")}</table>`
  const title = `${weights}, ${rows} neuron${rows > 1 ? "s" : ""} × ${columns} ${own ? "input" : "hidden"}${columns > 1 && own ? "s" : ""}`
  element.querySelector(".product").innerHTML = `<figure><figcaption>${title}</figcaption><table class="w">${Array.from({ length: rows }, (_, i) => `<tr>${Array.from({ length: columns }, (_, j) => `<td data-row="${i}">${field(weights, net[weights][i][j], `${weights} ${i} ${j}`, `weight of neuron ${i + 1}, ${own ? "input" : "hidden neuron"} ${j + 1}`)}</td>`).join("")}</tr>`).join("")}</table></figure>·
    <figure><figcaption>${input}</figcaption><table>${Array.from({ length: columns }, (_, j) => `<tr><td class="x">${own ? field("x", net.x[j], `x ${j}`, `input ${j + 1}`) : `<span data-h="${j}"></span>`}</td></tr>`).join("")}</table></figure>+
    <figure><figcaption>${bias}</figcaption>${column((i) => field(bias, net[bias][i], `${bias} ${i}`, `bias of neuron ${i + 1}`))}</figure>=
    <figure><figcaption>${sum}</figcaption>${column((i) => `<button type="button" data-z="${i}"></button>`)}</figure>${bent ? `→
    <figure><figcaption>${bent}</figcaption><div class="y">${column(() => "")}</div></figure>` : ""}`
}

function draw(element, net) {
  const found = values(net), { from, weights, bias, sum } = LAYERS[net.shown], own = net.shown === "hidden", z = own ? found.z : found.outputs, into = found[from]
  element.querySelectorAll("[data-size]").forEach((each) => { each.textContent = net.sizes[each.dataset.size] })
  element.querySelectorAll("[data-shown]").forEach((each) => each.setAttribute("aria-pressed", each.dataset.shown === net.shown))
  element.querySelectorAll("[data-less]").forEach((each) => { each.disabled = net.sizes[each.dataset.less] === 1 })
  element.querySelectorAll("[data-more]").forEach((each) => { each.disabled = net.sizes[each.dataset.more] === MOST[each.dataset.more] })
  element.querySelectorAll("[data-z]").forEach((button, i) => { button.textContent = bare(z[i]); button.setAttribute("aria-label", `sum of neuron ${i + 1}: ${bare(z[i])}`) })
  element.querySelectorAll(".y td").forEach((cell, i) => { cell.textContent = found.hidden[i].toFixed(2) })
  element.querySelectorAll("[data-h]").forEach((cell) => { cell.textContent = into[+cell.dataset.h].toFixed(2) })
  element.querySelectorAll(".product [data-row]").forEach((cell) => cell.classList.toggle("on", +cell.dataset.row === net.row))
  element.querySelectorAll("td.x").forEach((cell) => cell.classList.add("on"))
  const terms = into.map((v, j) => `${factor(net[weights][net.row][j])} × ${factor(v)}`).join(" + "), b = net[bias][net.row]
  element.querySelector(".sum").textContent = `${sum}${BELOW[net.row]} = ${terms} ${plus(b, Number.isInteger(b * 10) ? 1 : 2)} = ${bare(z[net.row])}`
  const { inputs, hidden, outputs } = net.sizes, many = (inputs + 1) * hidden + (hidden + 1) * outputs
  element.querySelector(".count").textContent = `(${inputs} + 1) × ${hidden} + (${hidden} + 1) × ${outputs} = ${many} parameters.`
  element.querySelector(".net").innerHTML = picture(net, found)
}

const HIGH = 42

function picture(net, found) {
  const most = Math.max(...Object.values(net.sizes)), middle = 14 + (most * HIGH) / 2, height = most * HIGH + 46, parts = ["inputs", "hidden", "outputs"]
  const places = parts.map((part, column) => found[part].map((v, i) => ({ v, part, i, x: 50 + column * 170, y: middle + (i - (found[part].length - 1) / 2) * HIGH })))
  const line = (a, c, w, on) => `<path d="M${a.x} ${a.y}L${c.x} ${c.y}" stroke="${w < 0 ? "var(--linear)" : "var(--convolution)"}" stroke-width="${(0.5 + Math.abs(w)).toFixed(1)}" opacity="${on ? 1 : 0.25}"/>`
  const between = (column, M, shown) => places[column].flatMap((to, i) => places[column - 1].map((from, j) => line(from, to, M[i][j], net.shown === shown && i === net.row))).join("")
  const dot = (p) => `<g ${p.part === "inputs" ? "" : `data-row="${p.i}" data-layer="${p.part}"`}><circle cx="${p.x}" cy="${p.y}" r="17" fill="var(--surface)" stroke="${p.part === net.shown && p.i === net.row ? "var(--text)" : "var(--linear)"}" stroke-width="${p.part === net.shown && p.i === net.row ? 2.4 : 1.4}"/><text class="small" x="${p.x}" y="${p.y + 4}" text-anchor="middle">${bare(p.v, 1)}</text></g>`
  const label = `${found.inputs.length} inputs, ${found.hidden.length} hidden neurons and ${found.outputs.length} outputs: ${found.outputs.map((v) => bare(v)).join(", ")}`
  return `<svg width="440" height="${height}" viewBox="0 0 440 ${height}" role="img" aria-label="${escape(label)}">${between(1, net.W, "hidden")}${between(2, net.V, "outputs")}${places.flat().map(dot).join("")}${["inputs", "hidden", "output"].map((name, i) => `<text class="small" x="${50 + i * 170}" y="${height - 4}" text-anchor="middle">${name}</text>`).join("")}</svg>`
}
