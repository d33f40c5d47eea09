// The picture to look at: drawn with mouse, finger or pen, or one of the held-out ones by arrow keys.
import { paint, tween } from "./kit.js"
import { SIDE, centred, ink, pixels } from "./inspector_strokes.js"

const SEND = 150 // milliseconds from the last movement to asking the network
const SETTLE = 1100 // and to laying the drawing where the network sees it

export function buildDrawing(view) {
  view.drawingAt.innerHTML = `<div class="name">Your picture</div><div class="code"></div>
    <div class="ground" tabindex="0" role="application" aria-label="Picture. Draw with the pointer; left and right arrow keys choose a held-out picture.">
    <canvas class="pixels"></canvas><div class="field" aria-hidden="true"></div><div class="hint" hidden>Draw here</div></div>
    <div class="buttons"><button type="button" class="clear">Clear</button><button type="button" class="pick">A digit</button></div>
    <p class="caption laid" hidden></p><p class="caption hand sees"></p>`
  const ground = view.drawingAt.querySelector(".ground")
  view.pixels = view.drawingAt.querySelector(".pixels")
  view.sheet = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }).getContext("2d", { willReadFrequently: true })
  ground.addEventListener("pointerdown", (event) => begin(view, ground, event))
  ground.addEventListener("pointermove", (event) => { if (view.pen) draw(view, ground, event) })
  for (const end of ["pointerup", "pointercancel"]) ground.addEventListener(end, () => { view.pen = false; settleSoon(view) })
  ground.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    pick(view, Math.max(0, view.data.last_index) + step)
  })
  view.drawingAt.querySelector(".clear").addEventListener("click", () => { begun(view); send(view); showDrawing(view) })
  view.drawingAt.querySelector(".pick").addEventListener("click", () => pick(view, Math.floor(Math.random() * view.data.held_out)))
}

function pick(view, index) {
  view.strokes = null
  clearTimeout(view.waiting)
  clearTimeout(view.settling)
  view.ask({ kind: "pick", index: (index + view.data.held_out) % view.data.held_out })
}

// An empty sheet of one's own.
function begun(view) {
  clearTimeout(view.settling)
  view.strokes = []
  view.drawn = performance.now()
}

function begin(view, ground, event) {
  event.preventDefault()
  ground.focus({ preventScroll: true })
  ground.setPointerCapture(event.pointerId)
  if (!view.strokes) begun(view)
  clearTimeout(view.settling)
  view.stop?.()
  view.pen = true
  view.strokes.push([place(ground, event)])
  draw(view, ground, event)
}

function place(ground, event) {
  const box = ground.getBoundingClientRect()
  return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height]
}

function draw(view, ground, event) {
  view.strokes.at(-1).push(place(ground, event))
  view.drawn = performance.now()
  view.touched = true
  showDrawing(view)
  clearTimeout(view.waiting)
  view.waiting = setTimeout(() => send(view), SEND)
}

// Once the hand has rested, the drawing glides to where the network has been seeing it.
function settleSoon(view) {
  clearTimeout(view.settling)
  if (!view.data.centred || !view.strokes?.length) return
  view.settling = setTimeout(() => {
    const from = view.strokes, to = centred(from)
    view.stop = tween(200, (t) => {
      view.strokes = from.map((stroke, i) => stroke.map(([x, y], j) => [x + (to[i][j][0] - x) * t, y + (to[i][j][1] - y) * t]))
      showDrawing(view)
    })
  }, SETTLE)
}

function raster(view, strokes) {
  const [, height, width] = view.data.input_shape
  ink(view.sheet, strokes)
  return pixels(view.sheet, height, width)
}

// Colour networks know dark strokes on white paper, grey ones bright ink on nothing.
function send(view) {
  const [channels] = view.data.input_shape, inked = raster(view, view.data.centred ? centred(view.strokes) : view.strokes)
  const plane = channels === 1 ? inked : Uint8Array.from(inked, (value) => 255 - value)
  const whole = new Uint8Array(channels * plane.length)
  for (let c = 0; c < channels; c++) whole.set(plane, c * plane.length)
  view.ask({ kind: "draw", pixels: btoa(String.fromCharCode(...whole)) })
}

export function showDrawing(view) {
  const { data } = view, [channels, height, width] = data.input_shape, one = (selector) => view.drawingAt.querySelector(selector)
  if (data.origin !== "draw" && data.origin_id !== view.originId && !view.pen) view.strokes = null
  view.originId = data.origin_id
  const own = view.strokes
  one(".code").textContent = `${channels}×${height}×${width}`
  one(".name").textContent = own ? "Your drawing" : { draw: "Your drawing", upload: "Your picture" }[data.origin] ?? "A held-out picture"
  one(".pick").textContent = `A ${data.noun}`
  one(".hint").hidden = !own || own.length > 0
  one(".laid").hidden = !(data.centred && (own || data.origin !== "pick"))
  one(".laid").textContent = "Moved and scaled as MNIST’s digits were: 20 pixels long, its centre of mass in the middle."
  if (own) return paint(view.pixels, raster(view, own), height, width, "ink", view.theme, 0, 255)
  const { values, shape } = view.arrays.picture
  if (shape.length === 2) return paint(view.pixels, values, height, width, "ink", view.theme, 0, 255)
  view.pixels.width = width
  view.pixels.height = height
  const context = view.pixels.getContext("2d"), image = context.createImageData(width, height)
  for (let i = 0; i < width * height; i++) image.data.set([values[3 * i], values[3 * i + 1], values[3 * i + 2], 255], 4 * i)
  return context.putImageData(image, 0, 0)
}
