// The small network over the plane: each neuron a picture of its answers, edges by weight, and what the whole has learnt.
import { colour, count, escape, paint, reducedMotion, root, signed, tween, unpack } from "./kit.js"
import { drawPoints, drawSurface } from "./plane_surface.js"

const MOST = 16, TOP = 44, LEFT = 70

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "plane")
  const view = element.view ??= build(element)
  view.send = (edit) => setTriggerValue("edit", { ...edit, id: Date.now() })
  const theme = element.dataset.theme, frame = read(data)
  const from = view.frame && same(view.frame, frame) ? blend(view.frame, view.goal ?? view.frame, view.t ?? 1) : null
  view.goal = frame
  view.theme = theme
  view.data = data
  if (view.shape !== frame.shape || view.width !== view.stage.clientWidth) lay(element, view, frame)
  headings(view, frame, data)
  if (data.step > (view.step ?? 0)) { view.offset = (view.offset ?? 0) + (data.live ? 0 : 2) }
  view.step = data.step
  view.stop?.()
  view.frame = from ?? frame
  view.stop = tween(from ? 200 : 0, (t) => { view.t = t; show(element, view, blend(view.frame, frame, t)) })
  if (view.points !== data.points_key || view.pointsTheme !== theme) { view.points = data.points_key; view.pointsTheme = theme; drawPoints(view.pointsCanvas, frame, theme) }
  incoming(view)
  crawl(element, view)
}

function read(data) {
  const arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, packed]) => [name, unpack(packed)]))
  const layers = data.layers.map((layer, i) => ({ ...layer, maps: arrays[`units_${i}`], weights: arrays[`weights_${i}`], biases: arrays[`biases_${i}`] }))
  return { layers, surface: arrays.surface, arrays, span: data.span, shape: layers.map((l) => l.weights.shape.join("×")).join(" ") }
}

const same = (a, b) => a.shape === b.shape && a.surface.values.length === b.surface.values.length
const mix = (a, b, t) => { if (t >= 1) return b; const out = new Float32Array(b.values.length); for (let i = 0; i < out.length; i++) out[i] = a.values[i] + (b.values[i] - a.values[i]) * t; return { values: out, shape: b.shape } }
function blend(a, b, t) {
  if (t >= 1 || a === b) return b
  const layers = b.layers.map((layer, i) => ({ ...layer, maps: mix(a.layers[i].maps, layer.maps, t), weights: mix(a.layers[i].weights, layer.weights, t), biases: mix(a.layers[i].biases, layer.biases, t) }))
  return { ...b, layers, surface: mix(a.surface, b.surface, t) }
}

function build(element) {
  element.innerHTML = `<figure class="network"><div class="stage"><canvas class="edges" aria-hidden="true"></canvas></div><div class="incoming"></div>
    <figcaption><b>The network.</b> Each square is one neuron’s answer over the whole plane: <span class="blue">blue above zero</span>,
    <span class="amber">amber below</span>. Thickness is the weight. <span class="hand says">Click a line to change its weight, a square to see it large.</span></figcaption></figure>
    <figure class="decision"><div class="ground"><canvas class="surface" role="img"></canvas><canvas class="dots" aria-hidden="true"></canvas><div class="over" hidden></div></div>
    <figcaption></figcaption></figure>`
  const one = (selector) => element.querySelector(selector)
  const view = { stage: one(".stage"), edges: one(".edges"), incoming: one(".incoming"), says: one(".says"), surface: one(".surface"), pointsCanvas: one(".dots"),
    over: one(".over"), caption: one(".decision figcaption"), units: [], lines: [], offset: 0 }
  view.stage.addEventListener("click", (event) => { if (event.target === view.stage || event.target === view.edges) pick(element, view, event) })
  const ground = one(".ground")
  ground.addEventListener("pointermove", (event) => hover(view, ground, event))
  ground.addEventListener("pointerleave", () => { view.over.hidden = true })
  new ResizeObserver(() => { if (view.goal && view.width !== view.stage.clientWidth) { lay(element, view, view.goal); headings(view, view.goal, view.data); show(element, view, view.goal) } }).observe(view.stage)
  return view
}

// ---- where things stand ------------------------------------------------------------------------------------------------

function lay(element, view, frame) {
  for (const old of view.stage.querySelectorAll(".unit, .heading, .more, .axis, .bars, .weight")) old.remove()
  view.shape = frame.shape
  view.width = view.stage.clientWidth
  if (view.selected && view.selected.layer >= frame.layers.length) view.selected = null
  const columns = [2, ...frame.layers.map((layer) => layer.units)]
  const shown = columns.map((units) => Math.min(units, MOST)), most = Math.max(...shown)
  const pitch = most <= 9 ? 42 : most <= 12 ? 34 : 29, size = pitch === 42 ? 35 : pitch - 5
  view.height = TOP + Math.max(most, 5) * pitch + 34
  view.stage.style.height = `${view.height}px`
  const gap = (view.width - LEFT - 30) / Math.max(1, columns.length - 1)
  view.places = columns.map((_, column) => Array.from({ length: shown[column] }, (_, i) => ({
    x: LEFT - 26 + column * gap, y: TOP + (Math.max(most, 5) * pitch) / 2 + (i - (shown[column] - 1) / 2) * (shown[column] < 4 ? Math.max(pitch, 76) : pitch) })))
  view.size = size
  view.units = view.places.map((places, column) => places.map((place, i) => unit(view, column, i, place, size)))
  view.heads = view.places.map((places, column) => {
    const head = document.createElement("div")
    head.className = "heading"
    head.style.left = `${places[0].x}px`
    view.stage.appendChild(head)
    if (columns[column] > MOST) {
      const more = document.createElement("div")
      more.className = "more"; more.textContent = `and ${count(columns[column] - MOST)} more`
      more.style.left = `${places[0].x}px`; more.style.top = `${TOP + Math.max(most, 5) * pitch}px`
      view.stage.appendChild(more)
    }
    return head
  })
  view.bars = frame.layers.map((_, column) => {
    const canvas = document.createElement("canvas")
    canvas.className = "bars"; canvas.width = 112; canvas.height = 32; canvas.setAttribute("aria-hidden", "true")
    canvas.style.left = `${view.places[column + 1][0].x}px`; canvas.style.top = `${view.height - 18}px`
    view.stage.appendChild(canvas)
    return canvas
  })
  const ratio = devicePixelRatio || 1
  view.edges.width = view.width * ratio; view.edges.height = view.height * ratio
  view.edges.style.width = `${view.width}px`; view.edges.style.height = `${view.height}px`
  view.pens = curvesOf(view)
}

function unit(view, column, i, place, size) {
  const button = document.createElement("button")
  button.className = "unit"
  button.style.cssText = `left:${place.x - size / 2}px;top:${place.y - size / 2}px;width:${size}px;height:${size}px`
  button.innerHTML = `<canvas></canvas>${column ? "<i></i>" : ""}`
  const name = column === 0 ? `input x${i + 1}` : column === view.places.length - 1 ? "the output" : `neuron ${i + 1} of layer ${column}`
  button.title = name
  button.setAttribute("aria-label", `${name}: show it large`)
  button.addEventListener("click", () => select(view, column, i))
  button.addEventListener("keydown", (event) => walk(view, column, i, event))
  button.tabIndex = column === 1 && i === 0 ? 0 : -1
  view.stage.appendChild(button)
  if (column === 0) {
    const axis = document.createElement("span")
    axis.className = "axis"; axis.innerHTML = `x<sub>${i + 1}</sub>`
    axis.style.left = `${place.x - size / 2 - 6}px`; axis.style.top = `${place.y}px`
    view.stage.appendChild(axis)
    paintInput(view, button.firstChild, i)
  }
  return button
}

function paintInput(view, canvas, axis) {
  const values = new Float32Array(256)
  for (let i = 0; i < 256; i++) values[i] = axis === 0 ? ((i % 16) - 7.5) / 7.5 : (7.5 - Math.floor(i / 16)) / 7.5
  paint(canvas, values, 16, 16, "signed", view.theme, -1, 1)
}

function walk(view, column, i, event) {
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
  if (!move) return
  event.preventDefault()
  const to = Math.max(0, Math.min(view.units.length - 1, column + move[0]))
  const next = view.units[to][Math.max(0, Math.min(view.units[to].length - 1, i + move[1]))]
  for (const each of view.units.flat()) each.tabIndex = each === next ? 0 : -1
  next.focus()
}

function headings(view, frame, data) {
  view.heads.forEach((head, column) => {
    const layer = frame.layers[column - 1], last = column === frame.layers.length
    const gradient = layer && data.gradients[layer.path]
    const small = !layer ? "" : last ? "sigmoid" : gradient != null ? `gradient ${gradient.toPrecision(2)}` : layer.activation === "identity" ? "no activation" : layer.activation
    const html = `${!layer ? "inputs" : last ? "output" : `${layer.units} ${layer.units === 1 ? "neuron" : "neurons"}`}<small>${escape(small)}</small>`
    if (head.shown !== html) head.innerHTML = head.shown = html
  })
}

// ---- drawing -----------------------------------------------------------------------------------------------------------

function show(element, view, frame) {
  view.now = frame
  frame.layers.forEach((layer, l) => {
    const [, h, w] = layer.maps.shape
    view.units[l + 1].forEach((button, i) => {
      paint(button.firstChild, layer.maps.values.subarray(i * h * w, (i + 1) * h * w), h, w, "signed", view.theme, 1, 255)
      button.lastChild.style.background = colour(0.5 + 0.5 * Math.tanh(layer.biases.values[i]), "signed", view.theme)
    })
  })
  for (const [column, list] of view.units.entries()) list.forEach((button, i) => button.setAttribute("aria-pressed", String(view.selected?.column === column && view.selected?.i === i)))
  const picked = view.selected && view.selected.column > 0 ? frame.layers[view.selected.column - 1].maps : null
  const [side] = frame.surface.shape
  if (picked) {
    const n = picked.shape[1]
    drawSurface(view.surface, picked.values.subarray(view.selected.i * n * n, (view.selected.i + 1) * n * n), n, view.theme, element)
  } else drawSurface(view.surface, frame.surface.values, side, view.theme, element)
  drawEdges(view)
  histograms(view, frame, element)
}

function histograms(view, frame, element) {
  const packed = frame.arrays.histograms
  if (!packed) return
  const bins = packed.shape[1]
  view.bars.forEach((canvas, l) => {
    const c = canvas.getContext("2d"), row = packed.values.subarray(l * bins, (l + 1) * bins), top = Math.max(...row, 1e-6)
    c.clearRect(0, 0, 112, 32)
    c.fillStyle = getComputedStyle(element).getPropertyValue("--line2")
    for (let i = 0; i < bins; i++) { const h = (30 * row[i]) / top; c.fillRect((i * 112) / bins + 0.5, 31 - h, 112 / bins - 1, h) }
    c.fillRect(0, 31, 112, 1)
  })
}

function curvesOf(view) {
  const lines = []
  for (let column = 1; column < view.places.length; column++) view.places[column].forEach((to, i) => view.places[column - 1].forEach((from, j) => {
    const x0 = from.x + view.size / 2 + 1, x1 = to.x - view.size / 2 - 1, mid = (x0 + x1) / 2
    const path = new Path2D()
    path.moveTo(x0, from.y); path.bezierCurveTo(mid, from.y, mid, to.y, x1, to.y)
    lines.push({ column, i, j, path, x0, x1, y0: from.y, y1: to.y })
  }))
  return lines
}

const weightOf = (frame, line) => { const { values, shape } = frame.layers[line.column - 1].weights; return values[line.i * shape[1] + line.j] }

function drawEdges(view) {
  const c = view.edges.getContext("2d"), ratio = devicePixelRatio || 1
  c.setTransform(ratio, 0, 0, ratio, 0, 0)
  c.clearRect(0, 0, view.width, view.height)
  c.setLineDash([7, 3])
  c.lineDashOffset = -(view.offset % 1000)
  const most = view.now.layers.map((layer) => Math.max(0.5, ...layer.weights.values.map(Math.abs)))
  for (const line of view.pens) {
    const w = weightOf(view.now, line), size = Math.min(1, Math.abs(w) / most[line.column - 1])
    const dim = view.selected && !(view.selected.column === line.column && view.selected.i === line.i) && !(view.selected.column === line.column - 1 && view.selected.i === line.j)
    c.globalAlpha = (dim ? 0.3 : 1) * (0.25 + 0.75 * size)
    c.lineWidth = 0.4 + 4.2 * size
    c.strokeStyle = colour(0.5 + (w < 0 ? -1 : 1) * (0.22 + 0.26 * size), "signed", view.theme)
    c.stroke(line.path)
  }
  c.globalAlpha = 1
}

// Dashes move with the steps, two pixels a step and at most sixty a second; they stand still when nothing trains.
function crawl(element, view) {
  if (view.crawling) return
  let before = performance.now()
  const beat = (now) => {
    if (!element.isConnected || !view.data.live || reducedMotion()) { view.crawling = null; return }
    if (now - before > 32) {
      view.offset += Math.min(60, 2 * view.data.speed) * Math.min(0.1, (now - before) / 1000)
      before = now
      drawEdges(view)
    }
    view.crawling = requestAnimationFrame(beat)
  }
  if (view.data.live && !reducedMotion()) view.crawling = requestAnimationFrame(beat)
}

// ---- the hand ------------------------------------------------------------------------------------------------------------

function select(view, column, i) {
  const again = view.selected?.column === column && view.selected?.i === i
  view.selected = again || column === 0 ? null : { column, i }
  show(view.stage.closest(".explorer"), view, view.now)
  incoming(view)
}

// The selected neuron's weights as buttons: what the lines offer to a mouse, for the keyboard too.
function incoming(view) {
  const { selected } = view
  const layer = selected && view.goal.layers[selected.column - 1]
  const title = !selected ? "" : selected.column === view.places.length - 1 ? "The output" : `Neuron ${selected.i + 1} of layer ${selected.column}`
  const caption = !selected ? "<b>What it has learnt.</b> The line is where it cannot decide. Filled: seen in training. Hollow: never shown."
    : `<b class="hand">${title}.</b> Its answer over the plane; the line is where it is zero. Full colour is ±${layer.scale.toPrecision(3)}.`
  if (view.caption.shown !== caption) view.caption.innerHTML = view.caption.shown = caption
  if (!selected) { view.incoming.replaceChildren(); view.listed = null; return }
  const width = layer.weights.shape[1], weights = layer.weights.values.subarray(selected.i * width, (selected.i + 1) * width)
  const key = `${selected.column}/${selected.i}/${view.shape}`
  if (view.listed !== key) {
    view.listed = key
    view.incoming.innerHTML = `<span>${title}:</span>` + Array.from(weights.slice(0, MOST), (_, j) => `<button data-j="${j}"></button>`).join("") + '<button data-j="-1"></button>'
    for (const button of view.incoming.querySelectorAll("button")) button.addEventListener("click", () => openIncoming(view, Number(button.dataset.j)))
  }
  for (const button of view.incoming.querySelectorAll("button")) {
    const j = Number(button.dataset.j)
    button.textContent = j < 0 ? `bias ${signed(layer.biases.values[selected.i])}` : `w${j + 1} ${signed(weights[j])}`
    button.disabled = !view.data.editable
  }
}

function openIncoming(view, j) {
  const { column, i } = view.selected
  if (j >= 0) return edit(view, view.pens.find((line) => line.column === column && line.i === i && line.j === j))
  const place = view.places[column][i], layer = view.goal.layers[column - 1]
  box(view, place.x, place.y + view.size / 2 + 18, layer.biases.values[i], { parameter: `${layer.path}.bias`, index: [i] }, `bias of neuron ${i + 1}`)
}

function pick(element, view, event) {
  const box = view.stage.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top
  let best = null, least = 9
  for (const line of view.pens) {
    if (x < line.x0 || x > line.x1) continue
    const s = solve(line, x), at = line.y0 + (line.y1 - line.y0) * s * s * (3 - 2 * s)
    const far = Math.abs(at - y) - Math.min(1.5, Math.abs(weightOf(view.goal, line)))
    if (far < least) { least = far; best = line }
  }
  if (best) edit(view, best, x)
}

// The parameter s of the curve at x: both handles stand in the middle, so that x(s) = x0 + (x1 - x0)(1.5 s - 1.5 s² + s³).
function solve(line, x) {
  const wanted = (x - line.x0) / (line.x1 - line.x0)
  let low = 0, high = 1
  for (let k = 0; k < 24; k++) { const s = (low + high) / 2; if (1.5 * s - 1.5 * s * s + s * s * s < wanted) low = s; else high = s }
  return (low + high) / 2
}

function edit(view, line, x = (line.x0 + line.x1) / 2) {
  if (!view.data.editable) { view.says.textContent = "This run is over; start again to change its weights."; return }
  const s = solve(line, x), y = line.y0 + (line.y1 - line.y0) * s * s * (3 - 2 * s), layer = view.goal.layers[line.column - 1]
  box(view, x, y, weightOf(view.goal, line), { parameter: `${layer.path}.weight`, index: [line.i, line.j] }, `weight ${line.j + 1} of neuron ${line.i + 1} in layer ${line.column}`)
}

function box(view, x, y, value, target, label) {
  view.stage.querySelector(".weight")?.remove()
  const input = document.createElement("input")
  input.className = "weight"; input.type = "number"; input.step = "0.1"; input.value = value.toFixed(2)
  input.setAttribute("aria-label", label)
  input.style.left = `${Math.max(42, Math.min(view.width - 42, x))}px`; input.style.top = `${y}px`
  view.says.textContent = "You opened one weight: type to change it, Enter to set it."
  let open = true // taking it away blurs it, which closes it again
  const close = () => { if (!open) return; open = false; input.remove(); view.says.textContent = "Click a line to change its weight, a square to see it large." }
  input.addEventListener("keydown", (event) => {
    event.stopPropagation()
    if (event.key === "Escape") close()
    if (event.key === "Enter" && input.value !== "" && Number.isFinite(input.valueAsNumber)) { view.send({ ...target, value: input.valueAsNumber }); close() }
  })
  input.addEventListener("blur", close)
  view.stage.appendChild(input)
  input.focus(); input.select()
}

function hover(view, ground, event) {
  const box = ground.getBoundingClientRect(), u = (event.clientX - box.left) / box.width, v = (event.clientY - box.top) / box.height
  if (!view.now || u < 0 || v < 0 || u >= 1 || v >= 1) { view.over.hidden = true; return }
  const side = view.now.surface.shape[0], value = view.now.surface.values[Math.floor(v * side) * side + Math.floor(u * side)]
  const p = Math.max(0, Math.min(1, (value - 1) / 254)), span = view.now.span
  view.over.hidden = false
  view.over.textContent = `x₁ ${signed((2 * u - 1) * span)}  x₂ ${signed((1 - 2 * v) * span)}: ${view.data.classes[1]} ${(100 * p).toFixed(0)} %`
}
