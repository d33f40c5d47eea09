// One input taken apart neuron by neuron: click a point of the plane, then a neuron, and read input × weight = sum.
import { colour, escape, paint, percent, root, signed, unpack } from "./kit.js"

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "probe")
  const view = element.view ??= build(element)
  view.ask = (question) => setTriggerValue("ask", { ...question, id: Date.now() })
  view.theme = element.dataset.theme
  view.data = data
  view.arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, packed]) => [name, unpack(packed)]))
  const last = data.layers.length - 1
  if (!view.chosen || view.chosen[0] > last || view.chosen[1] >= data.layers[view.chosen[0]].units) view.chosen = [0, 0]
  showInput(view)
  showNeurons(view)
  showSum(view)
}

function build(element) {
  element.innerHTML = `<div class="stage"><section><h3><span class="disc">1</span><span class="what"></span></h3><div class="ground" tabindex="0" role="application"><canvas class="surface"></canvas><canvas class="points" width="520" height="520"></canvas></div>
    <p class="caption hand where"></p><p class="answer"></p></section><section class="neurons"><h3><span class="disc">2</span>Every neuron</h3><div class="columns"></div><p class="caption">What leaves each neuron: blue above zero, amber below; one scale for each layer.</p></section>
    <section class="sum"><h3><span class="disc">3</span><span></span></h3><div class="taken"></div></section></div>`
  const one = (selector) => element.querySelector(selector), view = { one }
  one(".ground").addEventListener("click", (event) => pick(view, event))
  one(".ground").addEventListener("keydown", (event) => move(view, event))
  one(".columns").addEventListener("click", (event) => {
    const button = event.target.closest("button")
    if (!button) return
    view.chosen = [Number(button.dataset.layer), Number(button.dataset.unit)]
    showNeurons(view)
    showSum(view)
  })
  return view
}

const plane = (view) => Boolean(view.arrays.surfaces)

function pick(view, event) {
  if (!plane(view)) return view.ask({ kind: "pick", index: (Math.max(0, view.data.index) + 1) % view.data.held_out })
  const box = view.one(".ground").getBoundingClientRect(), { span } = view.data
  return view.ask({ kind: "point", point: [((event.clientX - box.left) / box.width * 2 - 1) * span, (1 - (event.clientY - box.top) / box.height * 2) * span] })
}

function move(view, event) {
  const by = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key]
  if (!by) return
  event.preventDefault()
  const { span, input, index, held_out: count } = view.data
  if (!plane(view)) return view.ask({ kind: "pick", index: (Math.max(0, index) + by[0] + by[1] + count) % count })
  const to = input.map((value, axis) => Math.max(-span, Math.min(span, value + by[axis] * span / 20)))
  view.ask({ kind: "point", point: to })
}

function showInput(view) {
  const { data, arrays, theme } = view, surface = view.one(".surface"), over = view.one(".points").getContext("2d")
  over.clearRect(0, 0, 520, 520)
  view.one(".what").textContent = plane(view) ? "A point of the plane" : "A picture"
  view.one(".ground").setAttribute("aria-label", plane(view) ? "The plane. Click or use the arrow keys to choose a point." : "A held-out picture. Arrow keys choose another.")
  if (plane(view)) {
    const [outputs, height, width] = arrays.surfaces.shape
    // paler than the points: the scale goes on beyond 0 … 255
    paint(surface, arrays.surfaces.values.subarray((outputs - 1) * height * width), height, width, "signed", theme, -150, 405)
    drawPoints(view, over)
    const place = `(${data.input.map((value) => value.toFixed(2).replace("-", "−")).join(", ")})`
    view.one(".where").textContent = data.index < 0 ? `You picked ${place}.` : `A held-out point, ${place}${data.target === null ? "" : `: ${data.classes[data.target]}`}. Click anywhere in the plane, or use the arrow keys.`
  } else {
    const [height, width] = arrays.picture.shape
    paint(surface, arrays.picture.values, height, width, "ink", theme, 0, 255)
    view.one(".where").textContent = `Held-out picture ${data.index + 1} of ${data.held_out}${data.target === null ? "" : `, a ${data.classes[data.target]}`}. Click for the next.`
  }
  const shares = arrays.outputs.values, separate = data.layers.every((layer) => layer.fed_by.length === 0) && data.layers.length > 1
  view.one(".answer").innerHTML = [...shares].map((share, at) => bar(separate ? title(data.layers[at]) : data.classes[at], share, separate ? share.toFixed(2) : percent(share))).join("")
}

const bar = (name, share, text) => `<div><span>${escape(name)}</span><i style="width:${Math.max(1, 110 * share)}px"></i><b>${text}</b></div>`
const title = (layer) => layer.title

function drawPoints(view, over) {
  const { span, input } = view.data, { train_points: points, train_classes: classes } = view.arrays, at = (value) => (value / span + 1) * 260
  points.shape[0] && [...classes.values].forEach((one, i) => {
    const x = at(points.values[2 * i]), y = at(-points.values[2 * i + 1])
    over.fillStyle = colour(one ? 0.9 : 0.1, "signed", view.theme)
    over.strokeStyle = colour(0.5, "signed", view.theme)
    over.beginPath()
    if (one) over.rect(x - 5, y - 5, 10, 10)
    else over.arc(x, y, 5.5, 0, 7)
    over.fill()
    over.stroke()
  })
  for (const [width, stroke] of [[9, colour(0.5, "signed", view.theme)], [5, getComputedStyle(view.one(".where")).color]]) {
    over.strokeStyle = stroke
    over.lineWidth = width
    over.beginPath()
    over.arc(at(input[0]), at(-input[1]), 13, 0, 7)
    over.stroke()
  }
  over.lineWidth = 1
}

function showNeurons(view) {
  const { data, arrays, theme, chosen } = view
  view.one(".columns").innerHTML = data.layers.map((layer, at) => {
    const values = arrays[`answers_${at}`].values, most = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6)
    const cells = [...values].map((v, unit) => `<button type="button" data-layer="${at}" data-unit="${unit}" aria-pressed="${chosen[0] === at && chosen[1] === unit}" aria-label="${escape(layer.path)}, neuron ${unit + 1}: ${signed(v)}"
      style="background:${colour(0.5 + 0.5 * v / most, "signed", theme)};color:${Math.abs(v) > 0.55 * most ? "var(--bg)" : "var(--text)"}">${signed(v)}</button>`).join("")
    return `<div><div class="name">${escape(title(layer))}</div><div class="units" style="grid-template-rows:repeat(${Math.min(8, layer.units)},auto)">${cells}</div></div>`
  }).join("")
}

function showSum(view) {
  const { data, arrays, theme, chosen: [at, unit] } = view, layer = data.layers[at], inputs = arrays[`inputs_${at}`].values, count = inputs.length
  const weights = arrays[`weights_${at}`].values.subarray(unit * count, (unit + 1) * count), bias = arrays[`biases_${at}`].values[unit]
  const sum = arrays[`sums_${at}`].values[unit], answer = arrays[`answers_${at}`].values[unit], box = view.one(".taken")
  view.one(".sum h3 span:last-child").textContent = layer.units === 1 ? `The neuron ${title(layer)}` : `Neuron ${unit + 1} of ${title(layer)}`
  const end = `<p class="num">all products ${signed(sum - bias)}, bias ${signed(bias)}: <b class="hand">${signed(sum)}</b></p><p class="num">${layer.follows.length ? `${escape(layer.follows.join(", "))} makes it <b class="hand">${signed(answer)}</b>` : passedOn(view, at, sum)}</p>`
  if (count > 16 && arrays.picture) return products(view, box, inputs, weights, end)
  const most = [...inputs].reduce((m, v, i) => Math.max(m, Math.abs(v * weights[i])), 1e-6)
  const name = (i) => (layer.fed_by.length ? `neuron ${i + 1}` : `x${"₁₂₃₄₅₆₇₈₉"[i] ?? i + 1}`)
  const rows = [...inputs].map((v, i) => [v * weights[i], `<tr><td>${name(i)}</td><td>${signed(v, 4)}</td><td>× ${signed(weights[i], 4)}</td><td>= <b>${signed(v * weights[i])}</b></td><td><i style="width:${60 * Math.abs(v * weights[i]) / most}px;background:${colour(v * weights[i] > 0 ? 0.85 : 0.15, "signed", theme)}"></i></td></tr>`])
  const shown = rows.length > 16 ? rows.sort((a, b) => Math.abs(b[0]) - Math.abs(a[0])).slice(0, 16) : rows
  box.innerHTML = `<table class="num"><thead><tr><th></th><th>input</th><th>weight</th><th>product</th><th></th></tr></thead><tbody>${shown.map((row) => row[1]).join("")}</tbody></table>${shown.length < count ? `<p class="caption">The 16 largest of ${count} products.</p>` : ""}${end}`
}

// A neuron without a non-linearity of its own: its sum goes on as it is, or its sigmoid is one of the answers.
function passedOn({ data, arrays }, at, sum) {
  const shares = arrays.outputs.values, last = data.layers.length - 1, sigmoid = 1 / (1 + Math.exp(-sum))
  const answer = data.layers[at].units > 1 ? NaN : shares.length === data.layers.length && !data.layers[at].fed_by.length ? shares[at] : at === last && shares.length === 2 ? shares[1] : NaN
  return Math.abs(answer - sigmoid) < 0.001 ? `Its sigmoid is the answer: <b class="hand">${answer.toFixed(3)}</b>` : "It is passed on as it is."
}

// For pictures: input, weight and product as pictures of the same size.
function products(view, box, inputs, weights, end) {
  const [height, width] = view.arrays.picture.shape, largest = (values) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6)
  box.innerHTML = `<div class="trio">${["input", "weight", "product"].map((name) => `<figure><div class="name">${name}</div><canvas role="img" aria-label="${name} of every pixel"></canvas></figure>`).join("")}</div>${end}`
  const all = [inputs, weights, inputs.map((value, i) => value * weights[i])]
  box.querySelectorAll("canvas").forEach((canvas, i) => paint(canvas, all[i], height, width, "signed", view.theme, -largest(all[i]), largest(all[i])))
}
