// Curves over steps: raw under a debiased mean, names at the ends, flags where something was changed, a ghost of the last run.
import { count, escape, percent, root, tween, unpack } from "./kit.js"

const KEEP = 0.9, HEIGHT = 216, LEFT = 46, TOP = 12, AXIS = 28, FLAG = 19, ROWS = 2

export default function ({ parentElement, data }) {
  const element = root(parentElement, "curves")
  const view = element.view ??= { panels: [], shown: 0 }
  const restarted = data.step < view.shown
  view.data = data
  const panels = data.panels.map(prepare)
  while (view.panels.length < panels.length) view.panels.push(makePanel(element, view))
  while (view.panels.length > panels.length) view.panels.pop().box.remove()
  view.panels.forEach((panel, i) => {
    if (panel.title !== panels[i].title) panel.heading.textContent = panel.title = panels[i].title
    panel.from = restarted || !panel.now ? null : { ...panel.now }
    panel.given = panels[i]
    panel.goal = range(panels[i], data)
    panel.canvas.setAttribute("aria-label", describe(panels[i], data))
  })
  const from = restarted ? data.step : view.shown
  view.stop?.()
  view.stop = tween(200, (t) => {
    view.shown = from + (data.step - from) * t
    for (const panel of view.panels) { panel.now = between(panel.from, panel.goal, t); draw(element, view, panel) }
  })
  table(element, view)
}

function makePanel(element, view) {
  const box = document.createElement("div")
  box.className = "panel"
  box.innerHTML = '<h4></h4><canvas role="img"></canvas><div class="read" hidden></div>'
  element.insertBefore(box, element.querySelector("details"))
  const panel = { box, heading: box.querySelector("h4"), canvas: box.querySelector("canvas"), read: box.querySelector(".read") }
  new ResizeObserver(() => { if (panel.now) draw(element, view, panel) }).observe(panel.canvas)
  panel.canvas.addEventListener("pointermove", (event) => { panel.hover = event.offsetX; draw(element, view, panel) })
  panel.canvas.addEventListener("pointerleave", () => { panel.hover = null; panel.read.hidden = true; draw(element, view, panel) })
  return panel
}

function prepare(panel) {
  const lines = panel.series.map((each) => {
    const steps = unpack(each.steps).values, values = unpack(each.values).values
    return { ...each, steps, values, mean: each.smooth ? debiased(values) : values }
  })
  const ghosts = panel.ghosts.map((each) => ({ ...each, steps: unpack(each.steps).values, values: debiased(unpack(each.values).values) }))
  return { ...panel, lines, ghosts }
}

// Exponential mean with Adam's correction for its start at zero; what is not finite is stepped over.
function debiased(values) {
  const out = new Float32Array(values.length)
  let mean = 0, weight = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) { mean = KEEP * mean + (1 - KEEP) * values[i]; weight = KEEP * weight + (1 - KEEP) }
    out[i] = weight ? mean / weight : NaN
  }
  return out
}

function range(panel, data) {
  const means = [...panel.lines.map((line) => line.mean), ...panel.ghosts.map((ghost) => ghost.values)]
  let low = Infinity, high = -Infinity
  for (const values of means) for (const v of values) if (Number.isFinite(v)) { if (v < low) low = v; if (v > high) high = v }
  if (panel.percent) {
    if (panel.target && panel.target.value < low) low = panel.target.value
    return { end: Math.max(50, data.step), low: low === Infinity ? 0 : Math.max(0, Math.floor((low - 0.02) * 10) / 10), high: 1 }
  }
  // an untrained network may score far off the paper: its first measurement alone does not set the scale
  const later = panel.lines.flatMap((line) => [...(line.smooth ? line.mean : line.mean.slice(1))]).filter(Number.isFinite), rest = Math.max(...later)
  if (Number.isFinite(rest) && high > 3 * rest && !panel.ghosts.length) high = 1.6 * rest
  const top = high === -Infinity ? 1 : high * 1.08
  return { end: Math.max(50, data.step), low: 0, high: Math.max(top, 1e-6) }
}

const between = (a, b, t) => (a ? Object.fromEntries(Object.keys(b).map((k) => [k, a[k] + (b[k] - a[k]) * t])) : { ...b })

function ticks(low, high, wanted) {
  const rough = (high - low) / wanted, base = 10 ** Math.floor(Math.log10(rough))
  const gap = [1, 2, 2.5, 5, 10].map((f) => f * base).find((f) => f >= rough * 0.999)
  const digits = Math.max(0, -Math.floor(Math.log10(gap) + 1e-9)) + (Math.abs(gap / base - 2.5) < 1e-9 ? 1 : 0)
  const places = []
  for (let k = Math.ceil(low / gap - 1e-9); k * gap <= high + gap * 1e-6; k++) places.push(k * gap + 0) // no negative zero
  return { places, digits }
}

// A value as read: zero has no sign, small ones keep two figures.
function number(v, isPercent) {
  if (isPercent) return percent(Math.abs(v) < 0.005 ? 0 : v, 0)
  const size = Math.abs(v), text = size < 1e-12 ? "0" : size >= 100 ? count(size) : size >= 0.1 ? size.toFixed(2) : size >= 1e-4 ? size.toPrecision(2) : size.toExponential(0)
  return v < 0 && size >= 1e-12 ? `−${text}` : text
}

const tickText = (v, digits, isPercent) => isPercent ? percent(v, Math.max(0, digits - 2)) : v === 0 ? "0" : Math.abs(v) >= 1000 ? count(v) : v.toFixed(digits).replace("-", "−")

function draw(element, view, panel) {
  const { canvas, now, given } = panel, { data } = view
  const width = canvas.clientWidth, ratio = devicePixelRatio || 1
  if (!width) return
  if (canvas.width !== Math.round(width * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = HEIGHT * ratio }
  const c = canvas.getContext("2d"), style = getComputedStyle(element), ink = (name) => style.getPropertyValue(`--${name}`).trim()
  c.setTransform(ratio, 0, 0, ratio, 0, 0)
  c.clearRect(0, 0, width, HEIGHT)
  const longest = Math.max(...given.lines.map((line) => line.label.length)), margin = Math.min(width / 3, longest > 16 ? 190 : longest > 9 ? 148 : 96)
  const x = (step) => LEFT + ((width - LEFT - margin) * step) / now.end
  const marks = data.marks.filter((mark) => mark.step <= now.end), placed = flagsOf(c, x, marks, width)
  const foot = HEIGHT - AXIS - FLAG * Math.max(0, ...placed.map((flag) => flag.row + 1)), right = width - margin
  const y = (v) => TOP + (foot - TOP) * (1 - (v - now.low) / (now.high - now.low))
  const pen = { c, x, y, ink, foot, right, width, shown: view.shown }
  axes(pen, now, given)
  const levels = [...given.references, ...(given.target ? [given.target] : [])].filter((line) => line.value >= now.low && line.value <= now.high)
  for (const line of levels) dotted(pen, line)
  flags(pen, placed)
  c.save(); c.beginPath(); c.rect(LEFT, 0, right - LEFT + 1, foot + 2); c.clip()
  for (const ghost of given.ghosts) stroke(pen, ghost.steps, ghost.values, ink("text3"), 1.4, 0.45, [], now.end)
  for (const line of given.lines) {
    if (line.smooth) stroke(pen, line.steps, line.values, colourOf(line, ink), 0.8, 0.28, [])
    stroke(pen, line.steps, line.mean, colourOf(line, ink), 2, 1, line.dash)
  }
  c.restore()
  const taken = obstacles(pen, now, given, levels, placed)
  for (const line of levels) levelName(pen, line, taken)
  names(pen, given, data, now)
  if (panel.hover != null) readOut(panel, pen, now, given)
}

const colourOf = (line, ink) => ink(line.colour) || ink("text")

function axes({ c, x, y, ink, foot, right }, now, given) {
  c.font = "12px 'Source Sans', sans-serif"; c.lineWidth = 1; c.textBaseline = "middle"; c.textAlign = "right"
  const up = ticks(now.low, now.high, given.percent ? 2.5 : 3.5)
  for (const v of up.places) {
    c.strokeStyle = ink("line"); c.fillStyle = ink("text3")
    c.beginPath(); c.moveTo(LEFT, y(v)); c.lineTo(right, y(v)); c.stroke()
    c.fillText(tickText(v, up.digits, given.percent), LEFT - 7, y(v))
  }
  c.strokeStyle = ink("line2"); c.beginPath(); c.moveTo(LEFT, foot); c.lineTo(right, foot); c.stroke()
  c.textAlign = "center"; c.textBaseline = "top"
  for (const step of ticks(0, now.end, 4).places) c.fillText(count(step), x(step), foot + 6)
  c.textAlign = "left"; c.fillText("step", right + 8, foot + 6)
}

function dotted({ c, y, ink, right }, line) {
  c.save(); c.strokeStyle = ink("text2"); c.setLineDash([1.5, 3]); c.lineWidth = 1.2
  c.beginPath(); c.moveTo(LEFT, y(line.value)); c.lineTo(right, y(line.value)); c.stroke(); c.restore()
}

// Every few pixels of what is drawn: places where no name should stand.
function obstacles({ x, y, shown, right, foot }, now, given, levels, placed) {
  const points = []
  const add = (steps, values, until, weight) => {
    const every = Math.max(1, Math.floor(steps.length / 200))
    for (let i = 0; i < steps.length && steps[i] <= until; i += every) if (Number.isFinite(values[i])) points.push([x(steps[i]), y(values[i]), weight])
  }
  for (const line of given.lines) { add(line.steps, line.mean, shown, 3); if (line.smooth) add(line.steps, line.values, shown, 1) }
  for (const ghost of given.ghosts) add(ghost.steps, ghost.values, now.end, 1)
  for (const at of placed.flatMap((flag) => flag.lines)) for (let py = TOP; py < foot; py += 6) points.push([at, py, 2])
  for (const line of levels) for (let at = LEFT; at < right; at += 8) points.push([at, y(line.value), 3])
  return points
}

// The name of a level stands above or below it, where least is in its way; the next name keeps clear of it.
function levelName({ c, y, ink, right, foot }, line, taken) {
  c.save(); c.font = "12px 'Source Sans', sans-serif"; c.textAlign = "left"; c.textBaseline = "middle"
  const wide = c.measureText(line.label).width, at = y(line.value)
  let best = null
  for (const py of [at - 9, at + 9, at - 23]) for (let k = 0; k <= 8; k++) {
    const px = LEFT + 4 + ((right - LEFT - 8 - wide) * k) / 8
    if (py < 7 || py > foot - 7) continue
    const far = py < at - 9 ? 4 : 0 // a name of another level may stand between
    const meets = far + taken.reduce((sum, [a, b, weight]) => sum + (a > px - 4 && a < px + wide + 4 && Math.abs(b - py) < 8 ? weight : 0), 0)
    if (!best || meets < best.meets) best = { px, py, meets }
  }
  if (best) {
    c.lineWidth = 4; c.lineJoin = "round"; c.strokeStyle = ink("bg"); c.strokeText(line.label, best.px, best.py)
    c.fillStyle = ink("text2"); c.fillText(line.label, best.px, best.py)
    for (let a = best.px; a < best.px + wide; a += 6) taken.push([a, best.py, 6])
  }
  c.restore()
}

function stroke({ c, x, y, shown }, steps, values, colour, width, alpha, dash, until = shown) {
  c.save(); c.strokeStyle = colour; c.lineWidth = width; c.globalAlpha = alpha; c.setLineDash(dash ?? []); c.lineJoin = "round"
  c.beginPath()
  let open = false
  for (let i = 0; i < steps.length && steps[i] <= until; i++) {
    if (!Number.isFinite(values[i])) { open = false; continue }
    if (open) c.lineTo(x(steps[i]), y(values[i])); else c.moveTo(x(steps[i]), y(values[i]))
    open = true
  }
  c.stroke(); c.restore()
}

function last(line, shown) {
  for (let i = line.steps.length - 1; i >= 0; i--) if (line.steps[i] <= shown && Number.isFinite(line.mean[i])) return i
  return -1
}

// Names stand at the ends of the lines, pushed apart where they would meet.
function names(pen, given, data, now) {
  const { c, x, y, ink, shown, foot } = pen
  const ends = given.lines.map((line) => ({ line, i: last(line, shown) })).filter((end) => end.i >= 0)
    .map((end) => ({ ...end, px: x(end.line.steps[end.i]), py: Math.max(TOP, Math.min(foot, y(end.line.mean[end.i]))) }))
  const edge = Math.min(pen.right, Math.max(LEFT, ...ends.map((end) => end.px)))
  const labels = ends.map((end) => ({ at: end.py, text: `${end.line.label} ${number(end.line.mean[end.i], given.percent)}`, colour: colourOf(end.line, ink), weight: 600 }))
  for (const ghost of given.ghosts.slice(0, 1)) if (ghost.values.length) {
    const beyond = ghost.steps.findIndex((step) => step > now.end), at = beyond < 0 ? ghost.values.length - 1 : Math.max(0, beyond - 1)
    labels.push({ at: Math.max(TOP, Math.min(foot, y(ghost.values[at]))), text: "last run", colour: ink("text3"), weight: 400 })
  }
  labels.sort((a, b) => a.at - b.at)
  for (let i = 1; i < labels.length; i++) labels[i].at = Math.max(labels[i].at, labels[i - 1].at + 15)
  const over = Math.max(0, (labels.at(-1)?.at ?? 0) - foot)
  for (const end of ends) { c.fillStyle = colourOf(end.line, ink); c.beginPath(); c.arc(end.px, end.py, 3.5, 0, 7); c.fill() }
  c.textAlign = "left"; c.textBaseline = "middle"
  for (const label of labels) {
    c.font = `${label.weight} 12.5px 'Source Sans', sans-serif`; c.fillStyle = label.colour
    const at = [edge + 9, Math.max(TOP, label.at - over), pen.width - edge - 10]
    c.lineWidth = 4; c.lineJoin = "round"; c.strokeStyle = ink("bg"); c.strokeText(label.text, ...at)
    c.fillText(label.text, ...at)
  }
  if (data.diverged != null && ends.length && !given.percent) jag(pen, ends[0], given)
}

// A curve that blew up ends in a jag in the loss colour.
function jag({ c, ink }, end) {
  const at = Math.max(TOP + 8, end.py - 10)
  c.save(); c.strokeStyle = c.fillStyle = ink("loss"); c.lineWidth = 2.2; c.lineJoin = "miter"
  c.beginPath(); c.moveTo(end.px, at + 12); c.lineTo(end.px + 6, at + 6); c.lineTo(end.px - 2, at + 1); c.lineTo(end.px + 4, at - 6); c.stroke()
  c.textAlign = "right"; c.font = "600 12.5px 'Source Sans', sans-serif"; c.fillText("not a number", end.px - 8, at); c.restore()
}

// Changes are flags below the axis, in two rows; what fits in neither joins the flag before it.
function flagsOf(c, x, marks, width) {
  const placed = [], free = Array(ROWS).fill(-Infinity)
  c.font = "600 11.5px 'Source Sans', sans-serif"
  for (const mark of together(marks, x)) {
    const at = x(mark.step), wide = c.measureText(mark.text).width + 18, left = Math.min(at, width - wide)
    const row = free.findIndex((end) => end <= left)
    if (row < 0) { const flag = placed.at(-1); flag.count++; flag.text = `${flag.count} changes`; flag.lines.push(at); continue }
    placed.push({ at, row, text: mark.text, count: 1, lines: [at] })
    free[row] = left + wide + 4
  }
  return placed
}

// A slider that was moved notch by notch is one change: "rate 0.01 → 0.02" and at once "rate 0.02 → 0.03".
function together(marks, x) {
  const out = []
  for (const mark of marks) {
    const before = out.at(-1), [from, to] = mark.text.split(" → "), [start, end] = before?.text.split(" → ") ?? []
    const name = start?.slice(0, start.lastIndexOf(" "))
    if (to && end && x(mark.step) - x(before.step) < 14 && from === `${name} ${end}`) before.text = `${start} → ${to}`
    else out.push({ ...mark })
  }
  return out
}

function flags({ c, ink, foot, width }, placed) {
  for (const flag of placed) {
    const top = foot + 25 + FLAG * flag.row
    c.save(); c.strokeStyle = ink("hand"); c.lineWidth = 1.3; c.setLineDash([2, 3])
    for (const at of flag.lines) { c.beginPath(); c.moveTo(at, TOP); c.lineTo(at, top); c.stroke() }
    c.restore()
    c.font = "600 11.5px 'Source Sans', sans-serif"
    const wide = c.measureText(flag.text).width + 18, left = Math.min(flag.at, width - wide)
    c.fillStyle = ink("hand"); c.beginPath(); c.moveTo(left, top); c.lineTo(left + wide, top); c.lineTo(left + wide - 5, top + 8)
    c.lineTo(left + wide, top + 16); c.lineTo(left, top + 16); c.fill()
    c.fillStyle = ink("surface"); c.textAlign = "left"; c.textBaseline = "middle"; c.fillText(flag.text, left + 6, top + 8.5)
  }
}

function readOut(panel, { c, x, y, ink, foot, right }, now, given) {
  const step = Math.max(0, Math.min(now.end, ((panel.hover - LEFT) / (right - LEFT)) * now.end))
  c.strokeStyle = ink("line2"); c.lineWidth = 1; c.beginPath(); c.moveTo(x(step), TOP); c.lineTo(x(step), foot); c.stroke()
  const parts = given.lines.map((line) => {
    let i = line.steps.findIndex((each) => each > step)
    i = (i < 0 ? line.steps.length : i) - 1
    return i < 0 ? "" : `${escape(line.label)} ${number(line.mean[i], given.percent)}`
  })
  panel.read.hidden = false
  panel.read.innerHTML = `step ${count(step)}: ${parts.filter(Boolean).join(" · ")}`
  panel.read.style.left = `${Math.min(x(step) + 10, right - 120)}px`
}

function describe(given, data) {
  const parts = given.lines.filter((line) => line.mean.length).map((line) =>
    `${line.label} from ${number(line.mean[0], given.percent)} to ${number(line.mean.at(-1), given.percent)}`)
  const changes = data.marks.map((mark) => `${mark.text} at step ${count(mark.step)}`).join("; ")
  return `${given.title} over ${count(data.step)} steps. ${parts.join("; ") || "Nothing recorded yet"}. ${changes ? `Changed: ${changes}. ` : ""}Table below.`
}

// The same numbers as a table, made only while it is open.
function table(element, view) {
  if (!view.details) {
    view.details = document.createElement("details")
    view.details.innerHTML = `<summary>The numbers, and how the lines are drawn</summary><p></p><table></table>`
    view.details.addEventListener("toggle", () => table(element, view))
    element.appendChild(view.details)
  }
  if (!view.details.open) return
  view.details.querySelector("p").textContent = `Thin: each recorded step. Thick: their exponential mean, keeping ${KEEP} of the last at each point. Dashed blue: held-out data, as measured.`
  const lines = view.panels.flatMap((panel) => panel.given.lines.map((line) => ({ ...line, percent: panel.given.percent, title: panel.title })))
  const rows = [...new Set(Array.from({ length: 11 }, (_, i) => Math.round((view.data.step * i) / 10)))]
  const cell = (line, step) => { let i = line.steps.findIndex((each) => each > step); i = (i < 0 ? line.steps.length : i) - 1; return i < 0 ? "–" : number(line.mean[i], line.percent) }
  view.details.querySelector("table").innerHTML = `<tr><th>step</th>${lines.map((line) => `<th>${escape(line.title)}, ${escape(line.label)}</th>`).join("")}</tr>` +
    rows.map((step) => `<tr><td>${count(step)}</td>${lines.map((line) => `<td>${cell(line, step)}</td>`).join("")}</tr>`).join("")
}
