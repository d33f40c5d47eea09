// The picture to look at: drawn with mouse, finger or pen, or one of the held-out ones by arrow keys.
import { paint } from "./kit.js"

const SIDE = 280, WAIT = 150

export function buildDrawing(view) {
  view.drawingAt.innerHTML = `<div class="name">Your picture</div><div class="code"></div>
    <div class="ground" tabindex="0" role="application" aria-label="Picture. Draw with the pointer; left and right arrow keys choose a held-out picture.">
    <canvas class="pixels"></canvas><div class="field" aria-hidden="true"></div></div>
    <div class="buttons"><button type="button" class="clear">Clear</button><button type="button" class="pick">A digit</button></div>
    <p class="caption hand sees"></p>`
  const ground = view.drawingAt.querySelector(".ground")
  view.pixels = view.drawingAt.querySelector(".pixels")
  view.ink = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE })
  ground.addEventListener("pointerdown", (event) => begin(view, ground, event))
  ground.addEventListener("pointermove", (event) => { if (view.pen) stroke(view, ground, event) })
  for (const end of ["pointerup", "pointercancel"]) ground.addEventListener(end, () => { view.pen = null })
  ground.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    pick(view, Math.max(0, view.data.last_index) + step)
  })
  view.drawingAt.querySelector(".clear").addEventListener("click", () => { clear(view); send(view) })
  view.drawingAt.querySelector(".pick").addEventListener("click", () => pick(view, Math.floor(Math.random() * view.data.held_out)))
}

function pick(view, index) {
  view.own = null
  clearTimeout(view.waiting)
  view.ask({ kind: "pick", index: (index + view.data.held_out) % view.data.held_out })
}

function clear(view) {
  view.ink.getContext("2d").clearRect(0, 0, SIDE, SIDE)
  view.own = new Uint8Array(view.data.input_shape[1] * view.data.input_shape[2])
  drawOwn(view)
}

function begin(view, ground, event) {
  event.preventDefault()
  ground.focus({ preventScroll: true })
  ground.setPointerCapture(event.pointerId)
  if (!view.own) clear(view)
  view.pen = place(ground, event)
  stroke(view, ground, event)
}

function place(ground, event) {
  const box = ground.getBoundingClientRect()
  return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height]
}

function stroke(view, ground, event) {
  const context = view.ink.getContext("2d"), to = place(ground, event)
  Object.assign(context, { lineWidth: SIDE / 13, lineCap: "round", lineJoin: "round", strokeStyle: "#000" })
  context.beginPath()
  context.moveTo(...view.pen)
  context.lineTo(...to)
  context.stroke()
  view.pen = to
  read(view)
  drawOwn(view)
  clearTimeout(view.waiting)
  view.waiting = setTimeout(() => send(view), WAIT)
}

// The mean ink in each of the network's pixels.
function read(view) {
  const [, height, width] = view.data.input_shape, block = view.ink.getContext("2d").getImageData(0, 0, SIDE, SIDE).data
  const sums = new Float32Array(height * width), counts = new Float32Array(height * width)
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) {
    const at = Math.floor(y * height / SIDE) * width + Math.floor(x * width / SIDE)
    sums[at] += block[4 * (y * SIDE + x) + 3]
    counts[at]++
  }
  view.own = Uint8Array.from(sums, (sum, at) => Math.min(255, 1.15 * sum / counts[at]))
}

function drawOwn(view) {
  const [, height, width] = view.data.input_shape
  paint(view.pixels, view.own, height, width, "ink", view.theme, 0, 255)
}

// Colour networks know dark strokes on white paper, grey ones bright ink on nothing.
function send(view) {
  const [channels] = view.data.input_shape
  const plane = channels === 1 ? view.own : Uint8Array.from(view.own, (ink) => 255 - ink)
  const whole = new Uint8Array(channels * plane.length)
  for (let c = 0; c < channels; c++) whole.set(plane, c * plane.length)
  view.ask({ kind: "draw", pixels: btoa(String.fromCharCode(...whole)) })
}

export function showDrawing(view) {
  const { data } = view, [channels, height, width] = data.input_shape
  if (data.origin !== "draw" && data.origin_id !== view.originId && !view.pen) view.own = null
  view.originId = data.origin_id
  view.drawingAt.querySelector(".code").textContent = `${channels}×${height}×${width}`
  view.drawingAt.querySelector(".name").textContent = { draw: "Your drawing", upload: "Your picture" }[data.origin] ?? "A held-out picture"
  view.drawingAt.querySelector(".pick").textContent = `A ${data.noun}`
  if (view.own) return drawOwn(view)
  const { values, shape } = view.arrays.picture
  if (shape.length === 2) return paint(view.pixels, values, height, width, "ink", view.theme, 0, 255)
  view.pixels.width = width
  view.pixels.height = height
  const context = view.pixels.getContext("2d"), image = context.createImageData(width, height)
  for (let i = 0; i < width * height; i++) image.data.set([values[3 * i], values[3 * i + 1], values[3 * i + 2], 255], 4 * i)
  return context.putImageData(image, 0, 0)
}
