// What the network makes of one held-out picture: filters as they are learnt, and each layer's maps.
import { count, escape, paint, percent, root, tween, unpack } from "./kit.js"

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "maps"), view = element.view ??= build(element)
  view.send = (index) => setTriggerValue("index", { index, id: Date.now() })
  view.data = data
  const arrays = Object.fromEntries(Object.entries(data.arrays).map(([name, packed]) => [name, unpack(packed)]))
  const shape = JSON.stringify([data.layers.map((layer) => layer.path + layer.shape), data.filters.map((each) => each.shape), data.classes])
  if (view.shape !== shape) { view.shape = shape; view.before = null; lay(view, data, arrays) }
  picture(view.picture, arrays.picture, element.dataset.theme)
  const about = `Held-out picture ${count(data.index + 1)} of ${count(data.held_out)}: ${data.classes[data.target]}`
  if (view.about.textContent !== about) { view.about.textContent = about; view.picture.setAttribute("aria-label", about) }
  bars(view, data, arrays.probabilities.values)
  const before = view.index === data.index ? view.before : null
  view.index = data.index
  view.redraw = () => strips(element, view, null, arrays, 1)
  view.stop?.()
  view.stop = tween(before ? 200 : 0, (t) => strips(element, view, before, arrays, t))
  view.before = arrays
}

function build(element) {
  element.innerHTML = `<div class="input"><h4>Input</h4><canvas role="img"></canvas><div class="move"><button aria-label="the picture before">←</button><button aria-label="the next picture">→</button></div>
    <div class="about"></div><div class="bars"></div></div><div class="stack"></div>
    <figcaption><b>Filters and feature maps.</b> Blue is above zero, amber below; each layer has one scale, written beside its name.</figcaption>`
  const [back, on] = element.querySelectorAll(".move button")
  const view = { picture: element.querySelector("canvas"), about: element.querySelector(".about"), bars: element.querySelector(".bars"), stack: element.querySelector(".stack") }
  back.addEventListener("click", () => view.send((view.data.index - 1 + view.data.held_out) % view.data.held_out))
  on.addEventListener("click", () => view.send((view.data.index + 1) % view.data.held_out))
  return view
}

// Rows of canvases, made once for a network: filters first, then the layers in their order.
function lay(view, data, arrays) {
  view.stack.replaceChildren()
  view.strips = []
  const row = (array, title, note, side, label) => {
    const box = document.createElement("div")
    box.className = "row"
    box.innerHTML = `<h4>${escape(title)}<span></span></h4><div class="strip" role="img" aria-label="${escape(label)}"></div>`
    const canvases = Array.from({ length: arrays[array].shape[0] }, () => { const canvas = document.createElement("canvas"); canvas.style.width = canvas.style.height = `${side}px`; box.lastChild.appendChild(canvas); return canvas })
    view.stack.appendChild(box)
    const strip = { array, canvases, note: box.querySelector("span"), text: note, input: 0 }
    view.strips.push(strip)
    return { box, strip }
  }
  data.filters.forEach((each, i) => {
    const name = data.names[each.path], [out, into, k] = each.shape
    const { box, strip } = row(`filters_${i}`, `filters of ${name}`, () => `${out} × ${into} × ${k} × ${k}, ±${view.data.filters[i].scale.toPrecision(2)}`, out > 8 ? 24 : 30, `filters of ${name}, learnt so far`)
    if (into > 1) box.querySelector("h4").append(chooser(view, strip, arrays[`filters_${i}`].shape[1], into))
  })
  data.layers.forEach((each, i) => {
    const name = data.names[each.path], [channels, height, width] = each.shape
    row(`maps_${i}`, name, () => `${channels} × ${height} × ${width}, ±${view.data.layers[i].scale.toPrecision(2)}`, height >= 20 ? 38 : height >= 12 ? 34 : 28, `feature maps of ${name}`)
  })
}

// A filter reads every map of the layer before: the learner says which of them is looked at.
function chooser(view, strip, shown, into) {
  const select = document.createElement("select")
  select.setAttribute("aria-label", "map of the layer before that these filters read")
  select.innerHTML = Array.from({ length: shown }, (_, i) => `<option value="${i}">from map ${i + 1} of ${into}</option>`).join("")
  select.addEventListener("change", () => { strip.input = Number(select.value); view.redraw() })
  return select
}

function strips(element, view, before, arrays, t) {
  for (const strip of view.strips) {
    const { values, shape } = arrays[strip.array], old = before?.[strip.array]?.values
    const note = strip.text()
    if (strip.note.textContent !== note) strip.note.textContent = note
    const height = shape.at(-2), width = shape.at(-1), step = values.length / shape[0], size = height * width, start = strip.input * size
    const mixed = old?.length === values.length && t < 1 ? Float32Array.from(values, (v, i) => old[i] + (v - old[i]) * t) : values
    strip.canvases.forEach((canvas, n) => paint(canvas, mixed.subarray(n * step + start, n * step + start + size), height, width, "signed", element.dataset.theme, 1, 255))
  }
}

const MANY = 20, LIKELIEST = 10

function bars(view, data, probabilities) {
  if (data.classes.length > MANY) return likeliest(view, data, probabilities)
  if (view.classes !== data.classes.join()) {
    view.classes = data.classes.join()
    view.bars.innerHTML = data.classes.map((name) => `<div class="bar"><b>${escape(name)}</b><i></i><span></span></div>`).join("")
  }
  ;[...view.bars.children].forEach((bar, k) => {
    bar.classList.toggle("true", k === data.target)
    bar.children[1].style.width = `${100 * probabilities[k]}%`
    bar.children[2].textContent = percent(probabilities[k], 0)
  })
}

// Of very many classes the likeliest, the surest first.
function likeliest(view, data, probabilities) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, LIKELIEST)
  view.bars.innerHTML = order.map((k) => `<div class="bar${k === data.target ? " true" : ""}"><b>${escape(data.classes[k])}</b><i style="width:${100 * probabilities[k]}%"></i><span>${percent(probabilities[k], 0)}</span></div>`).join("")
}

// A grey picture is ink on paper; a coloured one stands as it is.
export function picture(canvas, { values, shape }, theme) {
  const [height, width] = shape
  if (shape.length === 2) return paint(canvas, values, height, width, "ink", theme, 0, 255)
  canvas.width = width; canvas.height = height
  const image = canvas.getContext("2d").createImageData(width, height)
  for (let i = 0; i < width * height; i++) { for (let c = 0; c < 3; c++) image.data[4 * i + c] = values[3 * i + c]; image.data[4 * i + 3] = 255 }
  canvas.getContext("2d").putImageData(image, 0, 0)
}
