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
  view.stop?.()
  view.stop = tween(before ? 200 : 0, (t) => strips(element, view, before, arrays, t))
  view.before = arrays
}

function build(element) {
  element.innerHTML = `<div class="input"><h4>Input</h4><canvas role="img"></canvas><div class="move"><button aria-label="the picture before">←</button><button aria-label="the next picture">→</button></div>
    <div class="about caption"></div><div class="bars" style="margin-top:10px"></div></div><div class="stack"></div>
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
  const row = (array, title, scale, cells, side, label) => {
    const box = document.createElement("div")
    box.className = "row"
    box.innerHTML = `<h4>${escape(title)}<span></span></h4><div class="strip" role="img" aria-label="${escape(label)}"></div>`
    const canvases = Array.from({ length: cells }, () => { const canvas = document.createElement("canvas"); canvas.style.width = canvas.style.height = `${side}px`; box.lastChild.appendChild(canvas); return canvas })
    view.stack.appendChild(box)
    view.strips.push({ array, canvases, note: box.querySelector("span"), scale })
  }
  data.filters.forEach((each, i) => {
    const [out, into, k] = each.shape
    row(`filters_${i}`, `filters of ${each.path}`, () => `${out} of ${into} × ${k} × ${k}, ±${view.data.filters[i].scale.toPrecision(2)}`, arrays[`filters_${i}`].shape[0], 34, `filters of ${each.path}, learnt so far`)
  })
  data.layers.forEach((each, i) => {
    const [channels, height] = each.shape
    row(`maps_${i}`, `${each.path}`, () => `${channels} × ${height} × ${each.shape[2]}, ±${view.data.layers[i].scale.toPrecision(2)}`, arrays[`maps_${i}`].shape[0], height >= 20 ? 46 : height >= 12 ? 38 : 30, `feature maps of ${each.path}`)
  })
}

function strips(element, view, before, arrays, t) {
  for (const strip of view.strips) {
    const { values, shape } = arrays[strip.array], old = before?.[strip.array]?.values
    const note = strip.scale()
    if (strip.note.textContent !== note) strip.note.textContent = note
    const height = shape.at(-2), width = shape.at(-1), step = values.length / shape[0], size = height * width
    const mixed = old?.length === values.length && t < 1 ? Float32Array.from(values, (v, i) => old[i] + (v - old[i]) * t) : values
    // a filter over several inputs is drawn for the first of them
    strip.canvases.forEach((canvas, n) => paint(canvas, mixed.subarray(n * step, n * step + size), height, width, "signed", element.dataset.theme, 1, 255))
  }
}

function bars(view, data, probabilities) {
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

// A grey picture is ink on paper; a coloured one stands as it is.
export function picture(canvas, { values, shape }, theme) {
  const [height, width] = shape
  if (shape.length === 2) return paint(canvas, values, height, width, "ink", theme, 0, 255)
  canvas.width = width; canvas.height = height
  const image = canvas.getContext("2d").createImageData(width, height)
  for (let i = 0; i < width * height; i++) { for (let c = 0; c < 3; c++) image.data[4 * i + c] = values[3 * i + c]; image.data[4 * i + 3] = 255 }
  canvas.getContext("2d").putImageData(image, 0, 0)
}
