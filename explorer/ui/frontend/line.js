// The line that one neuron draws, moving sample by sample; and the neuron taken apart for the sample just seen.
import { escape, paint, root, signed, tween, unpack } from "./kit.js"
import { mark } from "./plane_surface.js"

const TRAIL = 24, NAMES = { rosenblatt: "Rosenblatt’s rule", sigmoid: "sigmoid, gradient descent" }

export default function ({ parentElement, data }) {
  const element = root(parentElement, "line"), view = element.view ??= build(element)
  const arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, packed]) => [name, unpack(packed)]))
  const from = view.arrays?.weights.values.length === arrays.weights.values.length && data.step >= view.step ? view.now : null
  if (!from) view.trail = []
  if (data.step !== view.step && view.arrays) view.trail = [...view.trail, lines(view.arrays)].slice(-TRAIL)
  Object.assign(view, { arrays, data, step: data.step })
  view.flat.hidden = !arrays.points
  view.pictures.hidden = Boolean(arrays.points)
  const goal = lines(arrays)
  if (arrays.points) {
    view.stop?.()
    view.stop = tween(from ? 200 : 0, (t) => { view.now = from ? from.map((line, i) => line.map((v, k) => v + (goal[i][k] - v) * t)) : goal; draw(element, view) })
  } else pictures(element, view)
  apart(view)
}

function build(element) {
  element.innerHTML = `<figure class="ground"><canvas role="img"></canvas><div class="pictures"></div><figcaption></figcaption></figure><div class="apart"></div>`
  const one = (selector) => element.querySelector(selector)
  const view = { flat: one("canvas"), pictures: one(".pictures"), caption: one("figcaption"), apart: one(".apart"), trail: [] }
  new ResizeObserver(() => { if (view.now && view.arrays?.points) draw(element, view) }).observe(view.flat)
  return view
}

// Each neuron's line as [w1, w2, b], scaled so that |w| = 1: only then does a line half way between two lie between them.
function lines({ weights, biases }) {
  const inputs = weights.shape[1]
  return Array.from({ length: weights.shape[0] }, (_, n) => {
    const w = weights.values.slice(n * inputs, n * inputs + 2), size = Math.hypot(w[0], w[1]) || 1
    return [w[0] / size, w[1] / size, biases.values[n] / size]
  })
}

function frameOf(points) {
  let low = Infinity, high = -Infinity
  for (const v of points.values) { low = Math.min(low, v); high = Math.max(high, v) }
  const room = 0.35 * (high - low)
  return [low - room, high + room]
}

function draw(element, view) {
  const { flat, arrays, now, trail } = view, ratio = devicePixelRatio || 1, size = Math.round(flat.clientWidth * ratio)
  if (!size) return
  if (flat.width !== size) flat.width = flat.height = size
  const c = flat.getContext("2d"), style = getComputedStyle(element), ink = (name) => style.getPropertyValue(`--${name}`).trim()
  const [low, high] = frameOf(arrays.points), to = (v) => ((v - low) / (high - low)) * size
  const pen = { c, size, low, high, to, ratio }
  c.fillStyle = ink("surface"); c.fillRect(0, 0, size, size)
  shade(pen, now[0], element.dataset.theme)
  c.strokeStyle = ink("line"); c.lineWidth = ratio
  for (const v of [0, 1]) { c.beginPath(); c.moveTo(to(v), 0); c.lineTo(to(v), size); c.moveTo(0, size - to(v)); c.lineTo(size, size - to(v)); c.stroke() }
  trail.forEach((old, k) => old.forEach((line, n) => { c.globalAlpha = (0.28 * (k + 1)) / trail.length; stroke(pen, line, ink(n ? "convolution" : "text"), 1, n ? [6, 3] : []) }))
  c.globalAlpha = 1
  now.forEach((line, n) => stroke(pen, line, ink(n ? "convolution" : "text"), 2.4, n ? [6, 3] : []))
  const wide = arrays.classes.values.length > 40 ? 3 : 7
  for (let i = 0; i < arrays.classes.values.length; i++) mark(c, to(arrays.points.values[2 * i]), size - to(arrays.points.values[2 * i + 1]), arrays.classes.values[i], true, element.dataset.theme, ratio, wide)
  const [x, y] = arrays.sample.values
  c.strokeStyle = ink("text"); c.lineWidth = 1.6 * ratio; c.beginPath(); c.arc(to(x), size - to(y), (wide + 5) * ratio, 0, 7); c.stroke()
  flat.setAttribute("aria-label", `Points of two classes and ${now.length} lines, one for each neuron, after ${view.step} steps. The numbers stand beside it.`)
  caption(view, `<b>Two lines.</b> <span class="key"></span>Rosenblatt’s rule; its shaded side answers 1. <span class="key second"></span>The sigmoid neuron, by gradient descent. Ringed: the sample just seen. Thin: where the lines were.`)
}

function shade({ c, size, low, high }, [a, b, d], theme) {
  c.fillStyle = theme === "dark" ? "#3A4A94" : "#A9B7E3"; c.globalAlpha = 0.28
  const corners = [[low, low], [high, low], [high, high], [low, high]], sides = corners.map(([x, y]) => a * x + b * y + d)
  c.beginPath()
  let begun = false
  const add = (x, y) => { const px = ((x - low) / (high - low)) * size, py = size - ((y - low) / (high - low)) * size; if (begun) c.lineTo(px, py); else c.moveTo(px, py); begun = true }
  corners.forEach((corner, i) => {
    const next = corners[(i + 1) % 4], s = sides[i], e = sides[(i + 1) % 4]
    if (s > 0) add(...corner)
    if (s > 0 !== e > 0) { const t = s / (s - e); add(corner[0] + t * (next[0] - corner[0]), corner[1] + t * (next[1] - corner[1])) }
  })
  if (begun) c.fill()
  c.globalAlpha = 1
}

function stroke({ c, size, low, high, to, ratio }, [a, b, d], colour, width, dash) {
  const far = 4 * (high - low), length = Math.hypot(a, b) || 1, x = (-a * d) / length ** 2, y = (-b * d) / length ** 2
  c.strokeStyle = colour; c.lineWidth = width * ratio; c.setLineDash(dash.map((v) => v * ratio))
  c.beginPath(); c.moveTo(to(x - (b / length) * far), size - to(y + (a / length) * far)); c.lineTo(to(x + (b / length) * far), size - to(y - (a / length) * far)); c.stroke()
  c.setLineDash([])
}

// 784 weights have no line in the plane: they are a picture, as the sample is.
function pictures(element, view) {
  const { arrays, data } = view, theme = element.dataset.theme
  if (!view.pictures.children.length) view.pictures.innerHTML = data.neurons.map((name) => `<div><canvas role="img" aria-label="weights of ${escape(NAMES[name] ?? name)} as a picture"></canvas>weights: ${escape(NAMES[name] ?? name)}</div>`).join("") + '<div><canvas role="img" aria-label="the digit just seen"></canvas>the digit just seen</div>'
  const [h, w] = arrays.picture.shape, all = view.pictures.querySelectorAll("canvas")
  data.neurons.forEach((_, n) => paint(all[n], arrays.weight_maps.values.subarray(n * h * w, (n + 1) * h * w), h, w, "signed", theme, 1, 255))
  paint(all[data.neurons.length], arrays.picture.values, h, w, "ink", theme, 0, 255)
  caption(view, "<b>Every weight at its pixel.</b> Blue speaks for one, amber against it; each picture has its own scale.")
}

function caption(view, html) { if (view.caption.shown !== html) view.caption.innerHTML = view.caption.shown = html }

// Input × weight, summed, bias added, through the activation: the sample just seen, in numbers.
function apart(view) {
  const { arrays, data } = view, inputs = arrays.weights.shape[1]
  const rows = (n) => inputs > 4 ? `<tr><td colspan="4">${inputs} products, summed</td><td>${signed(arrays.sums.values[n] - arrays.biases.values[n])}</td></tr>`
    : Array.from({ length: inputs }, (_, j) => { const x = arrays.sample.values[j], w = arrays.weights.values[n * inputs + j]; return `<tr><td>x${j + 1} × w${j + 1}</td><td>${signed(x)}</td><td>×</td><td>${signed(w)}</td><td>${signed(x * w)}</td></tr>` }).join("")
  const html = data.neurons.map((name, n) => {
    const right = (arrays.answers.values[n] > 0.5) === (data.target === 1)
    return `<h4><span class="key${n ? " second" : ""}"></span>${escape(NAMES[name] ?? name)}</h4><table><tr><th></th><th>input</th><th></th><th>weight</th><th>product</th></tr>${rows(n)}
      <tr><td>bias</td><td></td><td></td><td></td><td>${data.bias ? signed(arrays.biases.values[n]) : "none"}</td></tr>
      <tr class="total"><td>sum</td><td></td><td></td><td></td><td>${signed(arrays.sums.values[n])}</td></tr>
      <tr><td>${n ? "sigmoid" : "threshold"}</td><td></td><td></td><td></td><td class="${right ? "yes" : "no"}">${arrays.answers.values[n].toFixed(n ? 2 : 0)} · wanted ${data.target} ${right ? "✓" : "✗"}</td></tr></table>`
  }).join("")
  if (view.apart.shown !== html) view.apart.innerHTML = view.apart.shown = html
}
