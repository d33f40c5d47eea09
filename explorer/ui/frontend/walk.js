// A convolution shown cell by cell: kernel size, stride, padding and dilation as knobs, and the formula that must come out whole.
import { colour, escape, paint, reducedMotion, root, signed, unpack, legible } from "./kit.js"

const KERNELS = {
  "edge from left to right": (k, y, x) => (x - (k - 1) / 2) / Math.max(1, k - 1) * 2,
  "edge from top to bottom": (k, y, x) => (y - (k - 1) / 2) / Math.max(1, k - 1) * 2,
  "mean": (k) => 1 / (k * k),
  "spot against its surroundings": (k, y, x) => (2 * y === k - 1 && 2 * x === k - 1 ? 1 : 0) - 1 / (k * k),
}
const KNOBS = [["kernel", "kernel size", 1, 7], ["stride", "stride", 1, 4], ["padding", "padding", 0, 3], ["dilation", "dilation", 1, 3]]
const STEP = 250

export default function ({ parentElement, data }) {
  const element = root(parentElement, "walk")
  const view = element.view ??= build(element)
  view.theme = element.dataset.theme
  view.picture = grey(unpack(data.picture))
  update(view)
  if (!view.timer && !reducedMotion()) view.timer = setInterval(() => tick(element, view), STEP)
}

// One brightness 0 … 1 for each pixel.
function grey({ values, shape }) {
  const [height, width, colours = 1] = shape, out = new Float32Array(height * width)
  for (let i = 0; i < values.length; i++) out[Math.floor(i / colours)] += values[i] / 255 / colours
  return { values: out, height, width }
}

function build(element) {
  const knobs = KNOBS.map(([key, label, low, high]) => `<label>${label} <output></output><input type="range" data-key="${key}" min="${low}" max="${high}" step="1"></label>`).join("")
  const kinds = Object.keys(KERNELS).map((name) => `<option>${escape(name)}</option>`).join("")
  element.innerHTML = `<div class="stage"><figure><div class="name">picture</div><div class="ground seen"><canvas></canvas><div class="pad"></div><svg aria-hidden="true"></svg></div></figure>
    <figure><div class="name">kernel</div><div class="kernel"></div></figure>
    <figure><div class="name">result <span class="code"></span></div><div class="ground result" tabindex="0" role="application" aria-label="Result. Arrow keys choose a cell."><canvas></canvas><i></i></div></figure>
    <div class="knobs">${knobs}<label>kernel <select>${kinds}</select></label></div></div>
    <p class="formula num" role="status"></p><p class="hand num cell"></p><p class="caption"></p>`
  const one = (selector) => element.querySelector(selector)
  const view = { kernel: 5, stride: 1, padding: 0, dilation: 1, kind: Object.keys(KERNELS)[0], at: [0, 0], touched: false, one, inputs: [...element.querySelectorAll("input")] }
  for (const input of view.inputs) {
    input.value = view[input.dataset.key]
    input.addEventListener("input", () => { view[input.dataset.key] = Number(input.value); update(view) })
  }
  one("select").addEventListener("change", (event) => { view.kind = event.target.value; update(view) })
  const result = one(".result")
  for (const name of ["pointermove", "pointerdown"]) result.addEventListener(name, (event) => point(view, result, event))
  result.addEventListener("keydown", (event) => move(view, event))
  return view
}

function tick(element, view) {
  if (!element.isConnected) { clearInterval(view.timer); view.timer = null; return }
  if (view.touched || document.hidden || !view.size) return
  const next = view.at[0] * view.size[1] + view.at[1] + 1
  view.at = [Math.floor(next / view.size[1]) % view.size[0], next % view.size[1]]
  showCell(view)
}

function point(view, result, event) {
  if (!view.size) return
  const box = result.getBoundingClientRect(), inside = (part, whole, count) => Math.max(0, Math.min(count - 1, Math.floor(part / whole * count)))
  view.touched = true
  view.at = [inside(event.clientY - box.top, box.height, view.size[0]), inside(event.clientX - box.left, box.width, view.size[1])]
  showCell(view)
}

function move(view, event) {
  const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
  if (!by || !view.size) return
  event.preventDefault()
  view.touched = true
  view.at = [0, 1].map((axis) => Math.max(0, Math.min(view.size[axis] - 1, view.at[axis] + by[axis])))
  showCell(view)
}

// How often the kernel fits: (size + 2 padding − reach) / stride + 1, which has to be whole and at least 1.
const fits = (view, size) => (size + 2 * view.padding - (view.dilation * (view.kernel - 1) + 1)) / view.stride + 1

function formula(view, size) {
  const reach = view.dilation * (view.kernel - 1) + 1, count = fits(view, size)
  const padded = view.padding ? `${size} + 2·${view.padding}` : `${size}`
  const text = `(${padded} − ${reach}) / ${view.stride} + 1 = ${Number.isInteger(count) ? count : count.toFixed(2)}`.replaceAll("-", "−")
  return { count, text, reach }
}

function mend(view, size) {
  const near = [...Array(4).keys()].map((i) => i + 1).filter((stride) => stride !== view.stride && Number.isInteger(fits({ ...view, stride }, size)) && fits({ ...view, stride }, size) >= 1)
  return near.sort((a, b) => Math.abs(a - view.stride) - Math.abs(b - view.stride))[0]
}

function update(view) {
  const { height, width } = view.picture, tall = formula(view, height), wide = formula(view, width), bad = [tall, wide].find((each) => !Number.isInteger(each.count) || each.count < 1)
  view.inputs.forEach((input) => { input.value = view[input.dataset.key]; input.previousElementSibling.textContent = view[input.dataset.key]; input.classList.toggle("wrong", Boolean(bad) && input.dataset.key === (bad.count < 1 ? "kernel" : "stride")) })
  const kernel = view.weights = Float32Array.from({ length: view.kernel ** 2 }, (_, i) => KERNELS[view.kind](view.kernel, Math.floor(i / view.kernel), i % view.kernel))
  const most = kernel.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6), side = Math.floor(150 / view.kernel)
  view.one(".kernel").innerHTML = [...kernel].map((v) => [colour(0.5 + (0.5 * v) / most, "signed", view.theme), v]).map(([ground, v]) => `<div style="background:${ground};color:${legible(ground)}">${view.kernel < 6 ? signed(v).replace("0.", ".") : ""}</div>`).join("")
  view.one(".kernel").style.cssText = `grid-template-columns:repeat(${view.kernel},${side}px);grid-auto-rows:${side}px`
  picture(view)
  const line = view.one(".formula")
  line.classList.toggle("wrong", Boolean(bad))
  if (bad) return refuse(view, bad, bad === tall ? height : width)
  line.textContent = height === width ? `${tall.text}: the result is ${tall.count} × ${wide.count}.` : `rows ${tall.text}, columns ${wide.text}: the result is ${tall.count} × ${wide.count}.`
  view.size = [tall.count, wide.count]
  view.at = [Math.min(view.at[0], tall.count - 1), Math.min(view.at[1], wide.count - 1)]
  convolve(view)
  view.one(".caption").textContent = explain(view)
  return showCell(view)
}

function refuse(view, bad, size) {
  view.size = null
  const stride = mend(view, size)
  const what = bad.count < 1 ? `A kernel that reaches over ${bad.reach} does not fit` : `A stride of ${view.stride} does not fit`
  view.one(".formula").textContent = `${what}: ${bad.text}. ${bad.count >= 1 && stride ? `Try ${stride}.` : "Try a smaller kernel or more padding."}`
  view.one(".cell").textContent = ""
  view.one(".result").classList.add("nothing")
  view.one(".result canvas").width = 0
  view.one(".result").previousElementSibling.lastChild.textContent = ""
  view.one("svg").innerHTML = ""
  view.one(".caption").textContent = "The result would end in a part of a cell. Libraries round down and leave the last rows and columns unseen; a paper’s sizes come out whole."
}

function explain(view) {
  const parts = []
  if (view.padding) parts.push(`The hatched border is ${view.padding} cell${view.padding > 1 ? "s" : ""} of zeros on each side; near it the kernel sees less of the picture.`)
  if (view.stride > 1) parts.push(`It jumps ${view.stride} cells at a time, so the result has about 1/${view.stride ** 2} as many cells.`)
  if (view.dilation > 1) parts.push(`Its cells stand ${view.dilation} apart: it reaches over ${view.dilation * (view.kernel - 1) + 1} with ${view.kernel} weights a side.`)
  if (!view.padding && view.kernel > 1) parts.push(`Without padding, ${view.dilation * (view.kernel - 1)} rows and columns are lost.`)
  return parts.join(" ") || "Each cell of the result sees one cell of the picture."
}

function picture(view) {
  const { values, height, width } = view.picture, pad = view.padding, h = height + 2 * pad, w = width + 2 * pad, ground = view.one(".seen")
  ground.style.height = `${Math.round(200 * h / w)}px`
  paint(ground.querySelector("canvas"), values, height, width, "ink", view.theme)
  Object.assign(ground.querySelector("canvas").style, { left: `${100 * pad / w}%`, top: `${100 * pad / h}%`, width: `${100 * width / w}%`, height: `${100 * height / h}%` })
  ground.querySelector("svg").setAttribute("viewBox", `${-pad} ${-pad} ${w} ${h}`)
}

const value = (view, y, x) => (y >= 0 && y < view.picture.height && x >= 0 && x < view.picture.width ? view.picture.values[y * view.picture.width + x] : 0)

function terms(view, y, x) {
  return Array.from(view.weights, (weight, i) => {
    const row = y * view.stride - view.padding + Math.floor(i / view.kernel) * view.dilation, column = x * view.stride - view.padding + (i % view.kernel) * view.dilation
    return { row, column, product: weight * value(view, row, column) }
  })
}

const sum = (view, y, x) => terms(view, y, x).reduce((total, each) => total + each.product, 0)

function convolve(view) {
  const [rows, columns] = view.size, out = new Float32Array(rows * columns)
  for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) out[y * columns + x] = sum(view, y, x)
  const most = out.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6), result = view.one(".result")
  result.classList.remove("nothing")
  result.style.height = `${Math.round(200 * rows / columns)}px`
  result.previousElementSibling.lastChild.textContent = `${rows}×${columns}`
  paint(result.querySelector("canvas"), out, rows, columns, "signed", view.theme, -most, most)
}

function showCell(view) {
  const [y, x] = view.at, [rows, columns] = view.size, seen = terms(view, y, x)
  view.one("svg").innerHTML = seen.map(({ row, column }) => `<rect x="${column + 0.08}" y="${row + 0.08}" width=".84" height=".84"/>`).join("")
  Object.assign(view.one(".result i").style, { left: `${100 * x / columns}%`, top: `${100 * y / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%` })
  const outside = seen.filter(({ row, column }) => row < 0 || column < 0 || row >= view.picture.height || column >= view.picture.width).length
  view.one(".cell").textContent = `row ${y + 1}, column ${x + 1}: ${seen.length} product${seen.length > 1 ? "s" : ""} add up to ${signed(sum(view, y, x))}${outside ? `, ${outside} of them with padding` : ""}`
}
