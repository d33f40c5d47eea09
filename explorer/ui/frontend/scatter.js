// Every network as a point: parameters against multiply-adds, or a published result against what it costs.
import { count, escape, glyph, root } from "./kit.js"

const TITLE = 330 // pixels of the upper left that the title of the axis takes
const LEFT = 66, RIGHT = 26, TOP = 30, BOTTOM = 48, LARGEST = 34, GLYPH = 13
const pen = document.createElement("canvas").getContext("2d")
const wide = (words, weight, size = 13) => { pen.font = `${weight} ${size}px "Source Sans", sans-serif`; return pen.measureText(words).width }
const USES = [[1, "each weight is used once"], [100, "100 times"], [10000, "10,000 times"], [1e6, "a million times"]]
const FEW = 14 // so many networks are labelled with their whole names
const REACHES = [24, 40, 58, 78] // pixels to a label that finds no room beside its point

export default function scatter({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "scatter")
  element.data = data
  element.open = (id) => setTriggerValue("open", id)
  if (!element.watched) {
    element.innerHTML = `<div class="say"></div><div class="field"></div>`
    element.watched = new ResizeObserver(() => { if (element.clientWidth !== element.width) draw(element) })
    element.watched.observe(element)
    listen(element)
  }
  draw(element)
}

function listen(element) {
  element.addEventListener("click", (event) => {
    const point = event.target.closest(".point")
    if (!point || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    element.open(point.dataset.id)
  })
  const at = (event) => mark(element, event.target.closest(".point")?.dataset.id ?? "")
  element.addEventListener("pointerover", at)
  element.addEventListener("focusin", at)
  element.addEventListener("keydown", (event) => walk(element, event))
}

function draw(element) {
  const width = (element.width = element.clientWidth)
  if (!width) return
  const { data } = element, height = Math.round(Math.max(380, Math.min(600, 0.56 * width)))
  const frame = { left: LEFT, right: width - RIGHT, top: TOP, bottom: height - BOTTOM }
  const plan = data.benchmark ? against(data, frame) : costs(data, frame)
  element.spots = data.points.map((point) => spot(point, plan))
  const labels = label(element.spots, plan.reserved ?? [], frame, width)
  element.querySelector(".field").innerHTML =
    `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="${escape(data.label)}">
      ${plan.ground}<g class="lines">${lines(element.spots)}</g><g>${byArea(element.spots).map((each) => disc(each)).join("")}</g>
      <g>${element.spots.map((each, i) => points(each, labels.get(each), i === 0, width)).join("")}</g></svg>`
  mark(element, element.pointed && data.points.some((point) => point.id === element.pointed) ? element.pointed : "")
}

// ---- axes --------------------------------------------------------------------------------------------------------------

const decades = (low, high) => Array.from({ length: high - low + 1 }, (_, i) => low + i)
const log = Math.log10
const UNITS = [["P", 1e15], ["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3], ["", 1]]
function round(value, billion = "G") {
  const [unit, size] = UNITS.find(([, each]) => value >= 0.9999 * each)
  return `${Number((value / size).toPrecision(3))}\u2009${unit === "G" ? billion : unit}`
}

// Powers of ten; over a few of them 1, 2 and 5 as well, and an end where the data end.
function logAxis(values, from, to) {
  if (Math.max(...values) / Math.min(...values) < 1000) return fineAxis(values, from, to)
  const low = Math.floor(log(Math.min(...values)) - 0.05), high = Math.max(low + 1, Math.ceil(log(Math.max(...values)) + 0.05))
  const place = (value) => from + ((log(value) - low) / (high - low)) * (to - from)
  const step = Math.max(1, Math.ceil(48 / (Math.abs(to - from) / (high - low))))
  return { low, high, place, ticks: decades(low, high).filter((power) => (power - low) % step === 0).map((power) => 10 ** power) }
}

function fineAxis(values, from, to) {
  const least = Math.min(...values) / 1.15, most = Math.max(...values) * 1.15
  const steps = decades(Math.floor(log(least)), Math.ceil(log(most))).flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
  const begin = steps.filter((each) => each <= least).at(-1), end = steps.find((each) => each >= most)
  const place = (value) => from + (log(value / begin) / log(end / begin)) * (to - from)
  return { low: log(begin), high: log(end), place, ticks: steps.filter((each) => each >= begin && each <= end) }
}

function linearAxis(values, from, to) {
  const least = Math.min(...values), most = Math.max(...values), span = most - least || 1
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].find((each) => span / each <= 8) ?? 100
  const low = Math.floor((least - 0.12 * span) / step) * step, high = Math.ceil((most + 0.12 * span) / step) * step
  const place = (value) => from + ((value - low) / (high - low)) * (to - from)
  const ticks = []
  for (let i = 0; low + i * step <= high + 1e-9; i++) ticks.push(Number((low + i * step).toFixed(6)))
  return { place, ticks: ticks.filter((tick) => tick >= 0) }
}

const vertical = (x, words, frame) => `<line class="tick" x1="${x}" y1="${frame.bottom}" x2="${x}" y2="${frame.bottom + 5}"/><text x="${x}" y="${frame.bottom + 19}" text-anchor="middle">${words}</text>`
const horizontal = (y, words, frame) => `<line class="grid" x1="${frame.left}" y1="${y}" x2="${frame.right}" y2="${y}"/><text x="${frame.left - 9}" y="${y + 4}" text-anchor="end">${words}</text>`
const titles = (x, y, frame) => `<text class="title" x="${frame.right}" y="${frame.bottom + 38}" text-anchor="end">${escape(x)} →</text><text class="title" x="0" y="14">↑ ${escape(y)}</text>`
const floor = (frame) => `<line class="axis" x1="${frame.left}" y1="${frame.bottom}" x2="${frame.right}" y2="${frame.bottom}"/>`

// Parameters across, multiply-adds up; slanted lines where every weight is used equally often.
function costs(data, frame) {
  const x = logAxis(data.points.map((p) => p.parameters), frame.left, frame.right), y = logAxis(data.points.map((p) => p.macs), frame.bottom, frame.top)
  const reserved = [], slants = USES.map(([times, words]) => slant(times, words, x, y, reserved)).join("")
  const ground = y.ticks.map((tick) => horizontal(y.place(tick), round(tick), frame)).join("") + slants + floor(frame) +
    x.ticks.map((tick) => vertical(x.place(tick), round(tick, "B"), frame)).join("") + titles("parameters", "multiply–adds for one input", frame)
  return { ground, reserved, x: (p) => x.place(p.parameters), y: (p) => y.place(p.macs), r: () => GLYPH / 2 + 2 }
}

// Its words stand at the upper end, where they keep labels away.
function slant(times, words, x, y, reserved) {
  const shift = log(times), low = Math.max(x.low, y.low - shift), high = Math.min(x.high, y.high - shift)
  if (high - low < 1) return ""
  const at = (power) => [x.place(10 ** power), y.place(10 ** (power + shift))], [x1, y1] = at(low), [x2, y2] = at(high)
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI
  const length = wide(words, 400, 12.5) * 0.95, steps = Math.ceil(length / 12), turn = (angle * Math.PI) / 180
  for (let i = 0; i <= steps; i++) {
    const along = -12 - (length * i) / steps, cx = x2 + along * Math.cos(turn) + 10 * Math.sin(turn), cy = y2 + along * Math.sin(turn) - 10 * Math.cos(turn)
    reserved.push({ x0: cx - 7, y0: cy - 7, x1: cx + 7, y1: cy + 7 })
  }
  return `<line class="slant" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/><text class="uses" transform="translate(${x2},${y2}) rotate(${angle})" x="-8" y="-6" text-anchor="end">${words}</text>`
}

// Multiply-adds across, the result up, better always above; the disc is the number of parameters.
function against(data, frame) {
  const [from, to] = data.less ? [frame.top, frame.bottom] : [frame.bottom, frame.top]
  const x = logAxis(data.points.map((p) => p.macs), frame.left, frame.right), y = linearAxis(data.points.map((p) => p.value), from, to)
  const most = Math.max(...data.points.map((p) => p.parameters))
  const ground = y.ticks.map((value) => horizontal(y.place(value), value, frame)).join("") + floor(frame) +
    x.ticks.map((tick) => vertical(x.place(tick), round(tick), frame)).join("") + titles("multiply–adds for one input", `${data.benchmark}: better is up`, frame)
  return { ground, x: (p) => x.place(p.macs), y: (p) => y.place(p.value), r: (p) => LARGEST * Math.sqrt(p.parameters / most), discs: true }
}

// ---- points ------------------------------------------------------------------------------------------------------------

const spot = (point, plan) => ({ point, x: plan.x(point), y: plan.y(point), r: plan.r(point), disc: Boolean(plan.discs) })
const byArea = (spots) => [...spots].filter((each) => each.disc).sort((a, b) => b.r - a.r)
const disc = ({ point, x, y, r }) => `<circle class="disc" data-of="${escape(point.id)}" cx="${x}" cy="${y}" r="${Math.max(1, r)}" fill="var(--${point.kind})" stroke="var(--${point.kind})"/>`

// One hairline through the variants of one architecture.
function lines(spots) {
  const groups = new Map()
  for (const each of spots) groups.set(each.point.line, [...(groups.get(each.point.line) ?? []), each])
  return [...groups.values()].filter((group) => group.length > 1).map((group) => `<polyline points="${group.sort((a, b) => a.point.macs - b.point.macs).map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}"/>`).join("")
}

function points({ point, x, y }, text, first) {
  const half = GLYPH / 2, leader = text?.leader ? `<line class="leader" x1="${x}" y1="${y}" x2="${text.leader[0]}" y2="${text.leader[1]}"/>` : ""
  const words = text ? `${leader}<text x="${text.x}" y="${text.y}" text-anchor="${text.anchor}">${escape(text.words)}</text>` : ""
  return `<a class="point${point.chosen ? " chosen" : ""}" href="${escape(point.href)}" data-id="${escape(point.id)}" tabindex="${first ? 0 : -1}" aria-label="${escape(sentence(point))}">
    <circle class="hit" cx="${x}" cy="${y}" r="13"/><circle class="ring" cx="${x}" cy="${y}" r="10.5"/>${glyph(point.kind, x - half, y - half, GLYPH)}${words}</a>`
}

const sentence = (p) => `${p.name}, ${p.year}: ${count(p.parameters)} parameters, ${p.written} multiply–adds` +
  (p.value === null ? "" : `, ${p.value}, ${p.source}`) + (p.others.length ? `; also ${p.others.join("; ")}` : "") + (p.chosen ? "; one of those you chose" : "")

// ---- labels: the chosen first, then those that stand for their architecture, the others where there is room ----------------

function label(spots, reserved, frame, width) {
  const placed = new Map(), points = spots.map((each) => ({ each, x0: each.x - 8, y0: each.y - 8, x1: each.x + 8, y1: each.y + 8 })), taken = [...points, ...reserved]
  for (const each of [...spots].sort((a, b) => b.point.chosen - a.point.chosen || b.point.usual - a.point.usual)) {
    const { chosen, usual, name, label: short } = each.point, words = chosen || spots.length <= FEW ? name : short
    if (!words) continue
    const long = wide(words, chosen ? 600 : 400)
    const found = [...beside(each, long), ...(chosen || usual ? away(each, long) : [])].find(({ box }) => free(box, taken, each, frame, width))
    if (!found) continue
    taken.push(found.box)
    placed.set(each, { ...found, words })
  }
  return placed
}

const box = (x0, middle, long) => ({ x0: x0 - 2, y0: middle - 8, x1: x0 + long + 2, y1: middle + 8 })
const set = (x, middle, anchor, long) => ({ x, y: middle + 4.5, anchor, box: box(anchor === "start" ? x : anchor === "end" ? x - long : x - long / 2, middle, long) })

const beside = ({ x, y }, long) => [
  set(x + 13, y, "start", long), set(x - 13, y, "end", long), set(x, y - 17, "middle", long), set(x, y + 17, "middle", long),
  set(x + 9, y - 13, "start", long), set(x + 9, y + 13, "start", long), set(x - 9, y - 13, "end", long), set(x - 9, y + 13, "end", long),
]

// Further off, with a hairline to the point.
const away = ({ x, y }, long) => REACHES.flatMap((reach) => [[1, 1], [-1, -1], [1, 0.5], [-1, -0.5], [0.5, 1], [-0.5, -1], [1, 0], [-1, 0]].map(([dx, dy]) => {
  const to = [x + dx * reach, y + dy * reach], side = dx >= 0.5 ? "start" : "end"
  return { ...set(to[0] + (side === "start" ? 3 : -3), to[1], side, long), leader: to }
}))

const free = (box, taken, spot, frame, width) => box.x0 > frame.left && box.x1 < width && box.y0 > (box.x0 < TITLE ? frame.top - 10 : 2) && box.y1 < frame.bottom + 4 &&
  !taken.some((other) => other.each !== spot && box.x0 < other.x1 && other.x0 < box.x1 && box.y0 < other.y1 && other.y0 < box.y1)

// ---- pointing and walking --------------------------------------------------------------------------------------------------

function mark(element, id) {
  if (!id && element.pointed) return // the last one stays readable
  element.pointed = id
  const point = element.data.points.find((each) => each.id === id)
  element.querySelector(".say").innerHTML = point ? facts(point) : "Point at a network to read its numbers; click it to open its page."
  for (const each of element.querySelectorAll(".point")) each.classList.toggle("on", each.dataset.id === id)
  for (const each of element.querySelectorAll(".disc")) each.classList.toggle("on", each.dataset.of === id)
}

const facts = (p) => `<b class="hand">${escape(p.name)}</b> ${p.year} · ${count(p.parameters)} parameters · ${escape(p.written)} multiply–adds` +
  (p.value === null ? ` · each weight used ${times(p.macs / p.parameters)}` : ` · <b>${p.value}</b> (${escape(p.source)})`) +
  (p.others.length ? ` · also ${escape(p.others.join("; "))}` : "")

const times = (ratio) => ratio < 1.5 ? "about once" : `${ratio < 10 ? ratio.toPrecision(2) : count(ratio)} times`

// Arrows go to the nearest network that way.
function walk(element, event) {
  const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key]
  const id = event.target.closest(".point")?.dataset.id
  if (!way || !id) return
  event.preventDefault()
  const here = element.spots.find((each) => each.point.id === id)
  const far = ({ x, y }) => { const along = (x - here.x) * way[0] + (y - here.y) * way[1], across = Math.abs((x - here.x) * way[1]) + Math.abs((y - here.y) * way[0]); return along + 2 * across }
  const ahead = element.spots.filter((each) => (each.x - here.x) * way[0] + (each.y - here.y) * way[1] > 0.5).sort((a, b) => far(a) - far(b))[0]
  if (!ahead) return
  event.target.closest(".point").setAttribute("tabindex", "-1")
  const next = element.querySelector(`.point[data-id="${CSS.escape(ahead.point.id)}"]`)
  next.setAttribute("tabindex", "0")
  next.focus()
}
