// A cloud of points on a sheet, in the plane or in space: classes by mark and colour, pictures where there are any; from one frame to the next everything glides.
import { escape, paint, tween } from "./kit.js"
import { contour } from "./plane_surface.js"
import { tiled } from "./sheet_parts.js"

const INKS = ["convolution", "linear", "loss", "recurrent", "attention", "normalisation", "activation", "pooling", "reshape", "text"]
const NEAR = 14, DEEP = 2.6
const EXTRAS = ["field", "arrows", "curves"]
const SOFT = 330 // a field's ±127 against this scale: the points must stand out from the ground

export function points(body, part, view) {
  const { values, shape } = view.array(part.array), [count, dims] = shape
  const state = body.state ??= { turn: 0.5, tilt: 0.35, shown: {}, hover: -1 }
  if (!body.querySelector("canvas")) frame(body, state)
  const classes = view.array(`${part.array}_classes`)?.values, shots = view.array(`${part.array}_pictures`)
  const extras = Object.fromEntries(EXTRAS.map((what) => [what, view.array(`${part.array}_${what}`)]))
  Object.assign(state, { part, view, dims, count, classes, shots, span: part.span || reach(values), cut: shots && cutting(shots, part.colours, view.theme) })
  body.classList.toggle("space", dims === 3)
  const old = state.shown
  state.stop?.()
  state.stop = tween(old.places?.length === values.length ? 200 : 0, (t) => {
    state.places = between(old.places, values, t)
    for (const what of EXTRAS) state[what] = extras[what] && { ...extras[what], values: between(old[what], extras[what].values, t) }
    state.shown = { places: state.places, ...Object.fromEntries(EXTRAS.map((what) => [what, state[what]?.values])) }
    draw(body, state)
  })
  body.querySelector(".names").innerHTML = part.names.map((name, k) => `<span><svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true"><path d="${MARKS[k % MARKS.length]}" fill="var(--${INKS[k % INKS.length]})"/></svg>${escape(name)}</span>`).join("")
}

// The values on the way from the old to the new ones; at once the new ones where they do not compare.
function between(old, values, t) {
  return old?.length === values.length && t < 1 ? values.map((v, i) => old[i] + (v - old[i]) * t) : values
}

function frame(body, state) {
  body.innerHTML = `<div class="cloud"><canvas role="img" tabindex="0"></canvas><div class="tip" hidden></div></div><div class="names"></div>`
  const canvas = body.querySelector("canvas")
  canvas.onpointermove = (event) => {
    if (event.buttons && state.dims === 3) { state.turn += event.movementX / 120; state.tilt = Math.max(-1.5, Math.min(1.5, state.tilt + event.movementY / 120)); draw(body, state); return }
    const box = canvas.getBoundingClientRect()
    point(body, state, nearest(state, event.clientX - box.left, event.clientY - box.top))
  }
  canvas.onpointerleave = () => point(body, state, -1)
  canvas.onclick = () => { if (state.part.pick && state.hover >= 0) state.view.ask({ [state.part.pick]: state.hover }) }
  canvas.onkeydown = (event) => {
    const by = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key]
    if (!by || state.dims !== 3) return
    state.turn += by[0]; state.tilt = Math.max(-1.5, Math.min(1.5, state.tilt + by[1])); draw(body, state); event.preventDefault()
  }
}

// Half the side of a window that holds 98 % of all coordinates.
function reach(values) {
  const sizes = Float32Array.from(values, Math.abs).sort()
  return 1.08 * (sizes[Math.floor(0.99 * (sizes.length - 1))] || 1)
}

const MARKS = ["M-3.4 -3.4h6.8v6.8h-6.8z", "M0 -4.4L4.2 3.2H-4.2z", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", "M0 -4.8L4 0L0 4.8L-4 0z", "M-1.4 -4.4h2.8v3h3v2.8h-3v3h-2.8v-3h-3v-2.8h3z", "M0 4.4L4.2 -3.2H-4.2z", "M-4.4 -1.6h8.8v3.2h-8.8z", "M-1.6 -4.4h3.2v8.8h-3.2z", "M-4 -4L4 0L-4 4z", "M4 -4L-4 0L4 4z"]

function cutting({ values, shape }, colours, theme) {
  const size = values.length / Math.max(1, shape[0])
  return Array.from({ length: shape[0] }, (_, i) => { const canvas = document.createElement("canvas"); tiled(canvas, values.subarray(i * size, (i + 1) * size), shape.slice(1), colours, theme); return canvas })
}

// Where each point stands on the canvas: [x, y, depth −1 … 1].
function project(state) {
  const { places, count, dims, span, part: { side } } = state, half = side / 2, c = Math.cos(state.turn), s = Math.sin(state.turn), ct = Math.cos(state.tilt), st = Math.sin(state.tilt)
  return Array.from({ length: count }, (_, i) => {
    const x = places[i * dims] / span, y = places[i * dims + 1] / span
    if (dims === 2) return [half + x * half, half - y * half, 0]
    const z = places[i * dims + 2] / span, u = c * x + s * z, w = -s * x + c * z, v = ct * y - st * w, deep = st * y + ct * w, near = DEEP / (DEEP + deep)
    return [half + u * near * half * 0.8, half - v * near * half * 0.8, deep]
  })
}

function draw(body, state) {
  const canvas = body.querySelector("canvas"), { part, classes, cut } = state, { side } = part, ratio = window.devicePixelRatio || 1, style = getComputedStyle(body)
  canvas.width = canvas.height = side * ratio
  canvas.style.width = canvas.style.height = `${side}px`
  canvas.setAttribute("aria-label", `${part.title}: ${state.count} points${part.names.length ? ` of ${part.names.length} classes` : ""}`)
  const pen = canvas.getContext("2d"), ink = (name) => style.getPropertyValue(`--${name}`)
  pen.scale(ratio, ratio)
  pen.fillStyle = ink("surface"); pen.fillRect(0, 0, side, side)
  if (state.field) ground(pen, state, ink)
  pen.strokeStyle = ink("line"); pen.beginPath(); pen.moveTo(side / 2, 0); pen.lineTo(side / 2, side); pen.moveTo(0, side / 2); pen.lineTo(side, side / 2); if (state.dims === 2) pen.stroke()
  state.at = project(state)
  if (state.curves) threads(pen, state, ink)
  if (state.arrows) arrows(pen, state, ink)
  if (part.lines) { pen.strokeStyle = ink("text2"); pen.globalAlpha = 0.5; pen.beginPath(); state.at.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y))); pen.stroke(); pen.globalAlpha = 1 }
  const order = state.dims === 3 ? [...state.at.keys()].sort((a, b) => state.at[b][2] - state.at[a][2]) : state.at.keys(), marked = new Set(part.marked), inks = INKS.map(ink), shapes = MARKS.map((d) => new Path2D(d))
  for (const i of order) {
    const [x, y, deep] = state.at[i], k = classes ? classes[i] : 0, big = marked.has(i) || i === state.hover
    pen.globalAlpha = state.dims === 3 ? Math.max(0.35, 0.8 - 0.3 * deep) : 0.85
    pen.setTransform(ratio, 0, 0, ratio, x * ratio, y * ratio)
    if (cut) { const s = big ? 34 : state.count > 300 ? 15 : 20; pen.drawImage(cut[i], -s / 2, -s / 2, s, s); if (classes) { pen.strokeStyle = inks[k % inks.length]; pen.lineWidth = 1.4; pen.strokeRect(-s / 2, -s / 2, s, s) } }
    else { if (big) pen.scale(1.8, 1.8); pen.fillStyle = classes ? inks[k % inks.length] : ink("text"); pen.fill(shapes[k % shapes.length]) }
    if (big) { pen.strokeStyle = ink("hand"); pen.lineWidth = 2; pen.strokeRect(-cutSize(cut), -cutSize(cut), 2 * cutSize(cut), 2 * cutSize(cut)) }
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0); pen.globalAlpha = 1
  labels(pen, state, ink)
}

// A field over the whole window, smoothed, and the line where it is zero.
function ground(pen, { field: { values, shape: [rows, columns] }, view, part: { side } }, ink) {
  const small = document.createElement("canvas")
  paint(small, values, rows, columns, "signed", view.theme, 128 - SOFT, 128 + SOFT)
  pen.imageSmoothingEnabled = true; pen.imageSmoothingQuality = "high"
  pen.drawImage(small, 0, 0, side, side)
  if (rows !== columns) return
  pen.strokeStyle = ink("text"); pen.lineWidth = 1.2; pen.stroke(contour(values, rows, 128, side / columns)); pen.lineWidth = 1
}

function threads(pen, { curves: { values, shape: [count, long] }, span, part: { side } }, ink) {
  pen.strokeStyle = ink("text"); pen.globalAlpha = 0.35; pen.beginPath()
  for (let i = 0; i < count * long; i++) pen[i % long ? "lineTo" : "moveTo"]((side / 2) * (1 + values[2 * i] / span), (side / 2) * (1 - values[2 * i + 1] / span))
  pen.stroke(); pen.globalAlpha = 1
}

// An arrow from each point, where it is long enough to be seen.
function arrows(pen, { at, arrows: { values }, span, part: { side } }, ink) {
  pen.strokeStyle = ink("text"); pen.globalAlpha = 0.75; pen.beginPath()
  at.forEach(([x, y], i) => {
    const dx = (side / 2) * (values[2 * i] / span), dy = (-side / 2) * (values[2 * i + 1] / span), long = Math.hypot(dx, dy)
    if (long < 2) return
    const head = Math.min(5, long / 2), u = dx / long, v = dy / long, ex = x + dx, ey = y + dy
    pen.moveTo(x, y); pen.lineTo(ex, ey)
    for (const turn of [0.5, -0.5]) { pen.moveTo(ex, ey); pen.lineTo(ex - head * (u * Math.cos(turn) - v * Math.sin(turn)), ey - head * (v * Math.cos(turn) + u * Math.sin(turn))) }
  })
  pen.stroke(); pen.globalAlpha = 1
}

const cutSize = (cut) => (cut ? 17 : 6)

// Of few points each has its text beside it; of many those that come first and cover no other's.
function labels(pen, { part, at, count }, ink) {
  if (!part.labels.length) return
  pen.fillStyle = ink("text2"); pen.font = '12px "Source Sans", sans-serif'
  const taken = []
  at.forEach(([x, y], i) => {
    const text = part.labels[i]
    if (!text) return
    const box = [x + 7, y - 16, x + 9 + pen.measureText(text).width, y - 3]
    if (count > 60 && taken.some((each) => box[0] < each[2] && each[0] < box[2] && box[1] < each[3] && each[1] < box[3])) return
    taken.push(box)
    pen.fillText(text, x + 7, y - 5)
  })
}

function nearest(state, x, y) {
  let best = -1, least = NEAR ** 2
  state.at?.forEach(([px, py], i) => { const d = (px - x) ** 2 + (py - y) ** 2; if (d < least) { least = d; best = i } })
  return best
}

function point(body, state, i) {
  if (i === state.hover) return
  state.hover = i
  const tip = body.querySelector(".tip"), { part, classes, at, cut } = state
  tip.hidden = i < 0
  if (i >= 0) {
    tip.textContent = [part.labels[i], classes ? part.names[classes[i]] : ""].filter(Boolean).join(" · ") || `point ${i + 1}`
    if (cut) { const copy = document.createElement("canvas"); copy.width = cut[i].width; copy.height = cut[i].height; copy.getContext("2d").drawImage(cut[i], 0, 0); tip.prepend(copy) }
    Object.assign(tip.style, { left: `${Math.min(at[i][0] + 12, part.side - 90)}px`, top: `${Math.max(0, at[i][1] - 60)}px` })
  }
  draw(body, state)
}
