// A sheet of paper to draw a distribution on: strokes with mouse, finger or pen; with the keyboard a pen that arrow keys move.
import { root } from "./kit.js"

const SIDE = 400, LINE = 7 // pixels of the canvas
const CLOSE = 3 // pixels: what lies closer to the stroke's last corner adds nothing
const STEP = 10 // pixels that an arrow key moves the pen by
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

export default function ({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "sketch"), view = element.view ??= build(element)
  view.span = data.span
  view.send = () => setTriggerValue("drawn", { strokes: view.strokes.map((stroke) => stroke.map((corner) => inPlane(corner, view.span))), id: Date.now() + Math.random() })
  if (!view.busy) view.strokes = data.strokes.map((stroke) => stroke.map((place) => onPaper(place, view.span)))
  show(view)
}

const onPaper = ([x, y], span) => [(x / span + 1) * SIDE / 2, (1 - y / span) * SIDE / 2]
const inPlane = ([x, y], span) => [(2 * x / SIDE - 1) * span, (1 - 2 * y / SIDE) * span]
const within = (value) => Math.max(0, Math.min(SIDE, value))

function build(element) {
  element.innerHTML = `<canvas class="paper" width="${SIDE}" height="${SIDE}" tabindex="0" role="application" aria-label="Paper. Draw with the pointer; with the keyboard, arrow keys move a pen and the space bar sets it down or lifts it."></canvas>
    <div class="buttons"><button type="button" class="clear">Clear</button><button type="button" class="undo">Undo</button></div><p class="caption hand">Draw here what G is to imitate.</p>`
  const paper = element.querySelector(".paper"), view = { element, paper, strokes: [], busy: false, pen: [SIDE / 2, SIDE / 2], down: false, keys: false }
  paper.addEventListener("pointerdown", (event) => { event.preventDefault(); paper.focus({ preventScroll: true }); paper.setPointerCapture(event.pointerId); view.keys = false; begin(view, place(paper, event)) })
  paper.addEventListener("pointermove", (event) => { if (view.down) go(view, place(paper, event)) })
  for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, () => lift(view))
  paper.addEventListener("keydown", (event) => key(view, event))
  paper.addEventListener("blur", () => { view.keys = false; lift(view); show(view) })
  element.querySelector(".clear").addEventListener("click", () => { view.strokes = []; view.busy = true; show(view) })
  element.querySelector(".undo").addEventListener("click", () => { view.strokes = view.strokes.slice(0, -1); view.busy = true; show(view); if (view.strokes.length) done(view) })
  return view
}

function place(paper, event) {
  const box = paper.getBoundingClientRect()
  return [within((event.clientX - box.left) * SIDE / box.width), within((event.clientY - box.top) * SIDE / box.height)]
}

function begin(view, corner) {
  view.busy = view.down = true
  view.strokes.push([corner])
  show(view)
}

function go(view, corner) {
  const stroke = view.strokes.at(-1), [x, y] = stroke.at(-1)
  if (Math.hypot(corner[0] - x, corner[1] - y) < CLOSE) return
  stroke.push(corner)
  show(view)
}

// The pen is lifted: what is drawn is sent. A dot is no line.
function lift(view) {
  if (!view.down) return
  view.down = false
  if (view.strokes.at(-1).length < 2) view.strokes.pop()
  show(view)
  if (view.strokes.length) done(view)
}

function done(view) {
  view.busy = false
  view.send()
}

function key(view, event) {
  const by = MOVES[event.key]
  if (!by && event.key !== " ") return
  event.preventDefault()
  event.stopPropagation()
  view.keys = true
  if (event.key === " ") { if (view.down) lift(view); else begin(view, [...view.pen]) }
  else { view.pen = view.pen.map((value, axis) => within(value + by[axis] * STEP)); if (view.down) go(view, [...view.pen]) }
  show(view)
}

function show({ element, paper, strokes, pen, keys }) {
  const context = paper.getContext("2d"), style = getComputedStyle(element), ink = (name) => style.getPropertyValue(`--${name}`)
  context.fillStyle = ink("surface"); context.fillRect(0, 0, SIDE, SIDE)
  context.strokeStyle = ink("line"); context.lineWidth = 2; context.beginPath(); context.moveTo(SIDE / 2, 0); context.lineTo(SIDE / 2, SIDE); context.moveTo(0, SIDE / 2); context.lineTo(SIDE, SIDE / 2); context.stroke()
  Object.assign(context, { strokeStyle: ink("text"), lineWidth: LINE, lineCap: "round", lineJoin: "round" })
  for (const stroke of strokes) { context.beginPath(); context.moveTo(...stroke[0]); for (const corner of stroke) context.lineTo(...corner); context.stroke() }
  if (keys) { context.strokeStyle = ink("hand"); context.lineWidth = 3; context.strokeRect(pen[0] - 8, pen[1] - 8, 16, 16) }
}
