// Look inside: draw a picture, see every map, one channel with the maps that feed it, and one cell as patch × kernel.
import { colour, escape, glyphSvg, paint, percent, reducedMotion, root, unpack } from "./kit.js"
import { cellOf, firstMap, geometry } from "./inspector_cells.js"
import { buildDrawing, showDrawing } from "./inspector_drawing.js"
import { showChannel } from "./inspector_channel.js"

const DEEP = 6 // of more layers than these each lies in rows of eight, so that they take less height
const STEP = 250, MOST = 16, MANY = 20, LIKELIEST = 10, PHOTOGRAPH = 128 // of more classes than MANY, only the likeliest are named
const METHODS = { saliency: "Saliency", integrated: "Integrated", gradcam: "Grad-CAM" }
const SAYS = {
  saliency: "Where a small change of the picture would move the score of “{}” most.",
  integrated: "What each pixel adds to the score of “{}” (blue) or takes from it (amber), against an empty picture.",
  gradcam: "Where the last convolution’s maps speak for “{}”, at the size of those maps.",
}

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "inspector")
  const view = element.view ??= build(element)
  view.ask = (question) => setTriggerValue("ask", { ...question, id: Date.now() })
  view.theme = element.dataset.theme
  view.data = data
  view.arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, packed]) => [name, unpack(packed)]))
  const a = view.arrays, before = view.layer
  view.layer = { ...data.chosen, inputs: a.inputs, kernels: a.kernels, biases: a.biases, sums: a.sums, left: a.left }
  const path = data.layers[data.chosen.layer].path
  if (!before || view.path !== path) { view.path = path; view.channel = data.chosen.channel; start(view) }
  if (view.channel < view.layer.first || view.channel >= view.layer.first + view.layer.kernels.shape[0]) view.channel = data.chosen.channel
  showDrawing(view)
  showLayers(view)
  showClasses(view)
  showWhy(view)
  show(view)
  walk(element, view)
}

function build(element) {
  element.innerHTML = `<section class="every"><h3><span class="disc">1</span><span class="every-what"></span> <span class="quiet">point at one</span></h3>
    <div class="row"><div class="drawing"></div><div class="layers"></div><div class="classes"></div><div class="why"></div></div></section>
    <div class="rule"></div>
    <div class="below"><section class="channel"></section><section class="cell"></section></div>
    <p class="sr" role="status" aria-live="polite"></p>`
  const view = { element, cell: [0, 0], pointed: -1, map: 0, touched: false }
  for (const part of ["drawing", "layers", "classes", "why", "channel"]) view[`${part}At`] = element.querySelector(`.${part}`)
  view.cellAt = element.querySelector("section.cell")
  view.status = element.querySelector("[role=status]")
  buildDrawing(view)
  view.layersAt.addEventListener("click", (event) => choose(view, event.target.closest("button[data-layer]")))
  view.classesAt.addEventListener("click", (event) => chooseClass(view, event.target.closest("button")))
  view.whyAt.addEventListener("click", (event) => {
    const button = event.target.closest("button")
    if (button) view.ask({ kind: "why", method: button.dataset.method, target: view.data.why.target })
  })
  return view
}

// A new layer: begin at the channel's strongest cell, with the map that counts most there.
function start(view) {
  const { rows, columns } = geometry(view.layer), from = (view.channel - view.layer.first) * rows * columns
  const cells = view.layer.left.values.subarray(from, from + rows * columns)
  const at = cells.reduce((best, value, i) => (Math.abs(value) > Math.abs(cells[best]) ? i : best), 0)
  view.cell = [Math.floor(at / columns), at % columns]
  view.touched = false
  view.map = 0
  view.pointed = -1
}

function walk(element, view) {
  if (view.timer || reducedMotion()) return
  view.timer = setInterval(() => {
    if (!element.isConnected) { clearInterval(view.timer); view.timer = null; return }
    if (view.touched || document.hidden) return
    const { rows, columns } = geometry(view.layer), next = view.cell[0] * columns + view.cell[1] + 1
    view.cell = [Math.floor(next / columns) % rows, next % columns]
    show(view)
  }, STEP)
}

export function show(view) {
  const [y, x] = view.cell, g = geometry(view.layer)
  view.cell = [Math.min(y, g.rows - 1), Math.min(x, g.columns - 1)]
  showField(view)
  showChannel(view)
}

// ---- 1: every map ------------------------------------------------------------------------------------------------------

const shapeText = (shape) => shape.join("×")
export const title = (layer) => layer.title.replace(" · convolution", " conv").replace(" · pooling", " pool")

function showLayers(view) {
  const { layers } = view.data, last = layers.length - 1
  const key = layers.map((layer) => layer.path + layer.shape).join()
  if (view.layersKey !== key) {
    view.layersKey = key
    view.layersAt.classList.toggle("deep", last > DEEP)
    view.layersAt.innerHTML = layers.slice(0, -1).map(column).join("") + `<p class="caption"></p>`
  }
  const below = layers.slice(0, -1).some((layer) => layer.signed)
  view.layersAt.querySelector(".caption").textContent = `Zero is the colour of the paper, ${view.theme === "dark" ? "bright" : "dark"} is strong${below ? "; amber is below zero" : ""}. One scale for each layer.`
  for (const button of view.layersAt.querySelectorAll("button")) {
    const at = Number(button.dataset.layer), c = Number(button.dataset.channel), maps = view.arrays[`maps_${at}`]
    const [, height, width] = maps.shape, layer = layers[at]
    paint(button.firstChild, maps.values.subarray(c * height * width, (c + 1) * height * width), height, width, layer.signed ? "signed" : "magnitude", view.theme, layer.signed ? 1 : 128, 255)
    button.setAttribute("aria-pressed", String(at === view.data.chosen.layer && c === view.channel))
  }
  view.last = last
  view.element.querySelector(".every-what").textContent = layers.some((layer) => layer.shape.length === 3) ? "Every map" : "Every neuron"
}

function column(layer, at, all) {
  const [channels, height = 1] = layer.shape, flat = height === 1
  const deep = all.length > DEEP, shown = Math.min(channels, flat ? (deep ? 32 : 64) : MOST)
  const many = all.length > 4, wide = deep || flat ? 8 : many || shown <= 8 ? 2 : 4 // four layers fill a row
  const side = flat ? 24 : deep ? 28 : many ? 38 : shown > 8 ? 33 : Math.max(32, Math.min(52, 1.86 * height))
  const noun = flat ? "neuron" : "map"
  const maps = Array.from({ length: shown }, (_, c) => `<button type="button" data-layer="${at}" data-channel="${c}" ${layer.weighted ? "" : "disabled"}
    aria-label="${escape(title(layer))}, ${noun} ${c + 1} of ${channels}"><canvas style="width:${side}px;height:${side}px"></canvas></button>`).join("")
  const more = channels > shown ? `<div class="quiet">${shown} of ${channels}</div>` : ""
  return `<div class="column"><div class="name">${glyphSvg(layer.kind)} ${escape(title(layer))}</div><div class="code">${shapeText(layer.shape)}</div>
    <div class="maps" style="grid-template-columns:repeat(${wide},auto)">${maps}</div>${more}</div>`
}

function choose(view, button) {
  if (!button || button.disabled) return
  const at = Number(button.dataset.layer), c = Number(button.dataset.channel)
  chooseChannel(view, at, c)
}

// Channels of the layer at hand are here already; another layer is asked for.
function chooseChannel(view, at, c) {
  view.touched = true
  view.channel = c
  const { first, layer } = view.data.chosen, count = view.layer.kernels.shape[0]
  if (at !== layer || c < first || c >= first + count) {
    view.ask({ kind: "layer", layer: view.data.layers[at].path, channel: c })
    if (at !== layer) return
  }
  view.map = 0
  showLayers(view)
  showClasses(view)
  show(view)
  view.status.textContent = `Channel ${c + 1} of ${view.layer.channels}`
}

function showClasses(view) {
  const { classes, layers, target, why } = view.data, shares = view.arrays.probabilities.values, at = layers.length - 1
  const best = shares.indexOf(Math.max(...shares)), layer = layers[at]
  const rows = likeliest(shares).map((c) => [classes[c], c]).map(([name, c]) => `<button type="button" data-class="${c}" aria-pressed="${why?.target === c}" aria-label="${escape(name)}: ${percent(shares[c])}">
    <span class="label">${escape(name)}</span><span class="bar"><i style="width:${Math.max(1, 52 * shares[c])}px" class="${c === best ? "best" : ""}"></i>
    <b class="${c === best ? "" : "quiet"}">${shares[c] >= 0.005 ? percent(shares[c], 0) : ""}</b></span></button>`).join("")
  const says = target === null ? (empty(view) ? "Nothing is drawn yet: this is its answer to an empty picture." : "") : `It is ${escape(classes[target])}${best === target ? ", and that is the answer." : `; the answer is ${escape(classes[best])}.`}`
  const told = [says, escape(view.data.answers_by ?? "")].filter(Boolean)
  const truth = told.map((each) => `<p class="caption">${each}</p>`).join("")
  view.classesAt.innerHTML = `<div class="name">${glyphSvg(layer.kind)} classes</div><div class="code">${classes.length > MANY ? `${LIKELIEST} likeliest of ${classes.length.toLocaleString("en")}` : classes.length}</div>${rows}${truth}`
  view.status.textContent = `The answer is ${classes[best]}, ${percent(shares[best], 0)}`
}

// The numbers of the classes that are shown, in the order in which they stand.
function likeliest(shares) {
  const all = [...shares.keys()]
  return all.length > MANY ? all.sort((a, b) => shares[b] - shares[a]).slice(0, LIKELIEST) : all
}

const empty = (view) => view.data.origin === "draw" && view.arrays.picture.values.every((value, _, all) => value === all[0])

function chooseClass(view, button) {
  if (!button) return
  view.touched = true
  const target = Number(button.dataset.class), at = view.data.layers.findLastIndex((layer) => layer.weighted), method = view.data.why?.method ?? "saliency"
  view.channel = Math.min(target, view.data.layers[at].shape[0] - 1)
  view.ask({ kind: "class", method, target, layer: view.data.layers[at].path, channel: view.channel })
}

function showField(view) {
  const rows = view.arrays.fields_rows, columns = view.arrays.fields_columns, [y, x] = view.cell
  const r = Math.min(y, rows.shape[0] - 1), c = Math.min(x, columns.shape[0] - 1)
  const [top, bottom] = rows.values.subarray(2 * r, 2 * r + 2), [left, right] = columns.values.subarray(2 * c, 2 * c + 2)
  const [, height, width] = view.data.input_shape, box = view.drawingAt.querySelector(".field")
  Object.assign(box.style, { left: `${100 * left / width}%`, top: `${100 * top / height}%`, width: `${100 * (right - left + 1) / width}%`, height: `${100 * (bottom - top + 1) / height}%` })
  const note = view.drawingAt.querySelector(".sees")
  const tall = bottom - top + 1, broad = right - left + 1
  const { rows: high, columns: wide } = geometry(view.layer), noun = high * wide === 1 ? "neuron" : "cell"
  note.textContent = tall === height && broad === width ? `The chosen ${noun} sees the whole picture.` : `The dashed square is all that the chosen cell can see: ${tall} × ${broad}.`
}

function showWhy(view) {
  const { why, classes } = view.data
  view.whyAt.hidden = !why
  if (!why) return
  const name = classes[why.target], edge = outline(view), says = SAYS[why.method].replace("{}", name)
  const methods = why.methods.map((key) => `<button type="button" data-method="${key}" aria-pressed="${key === why.method}">${METHODS[key]}</button>`).join("")
  const words = why.trouble || (why.map ? says : `Working out what speaks for “${name}”; the first time takes a few seconds.`)
  view.whyAt.innerHTML = `<div class="name">Why “${escape(name)}”?</div><div class="segments" role="group" aria-label="method">${methods}</div>
    <div class="ground"><canvas role="img" aria-label="${escape(words)}"></canvas>${edge}</div><p class="caption">${escape(words)}${edge && why.map ? ` <span class="hand">${view.data.origin === "pick" ? "The picture’s edge" : "Your stroke"} in red.</span>` : ""}</p>`
  if (!why.map) return
  const map = unpack(why.map), [height, width] = map.shape
  paint(view.whyAt.querySelector("canvas"), map.values, height, width, why.signed ? "signed" : "magnitude", view.theme, why.signed ? -why.scale : 0, why.scale)
}

// The border of what is inked, as red lines between pixels; of colour pictures, of what differs from the paper.
function outline(view) {
  const { values, shape: [height, width, colours = 1] } = view.arrays.picture, paper = colours === 1 ? 0 : 255
  if (Math.max(height, width) > PHOTOGRAPH) return "" // a photograph has no paper
  const apart = (at) => { let most = 0; for (let c = 0; c < colours; c++) most = Math.max(most, Math.abs(values[at * colours + c] - paper)); return most }
  const on = (y, x) => y >= 0 && y < height && x >= 0 && x < width && apart(y * width + x) > 110
  let path = ""
  for (let y = 0; y <= height; y++) for (let x = 0; x <= width; x++) {
    if (on(y, x) !== on(y - 1, x)) path += `M${x} ${y}h1`
    if (on(y, x) !== on(y, x - 1)) path += `M${x} ${y}v1`
  }
  return path && `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true"><path d="${path}" fill="none" style="stroke:var(--hand)" stroke-width="1.2" vector-effect="non-scaling-stroke"/></svg>`
}

export { chooseChannel, cellOf, colour, firstMap }
