// Draws a laid-out graph as SVG text. Colours are CSS variables throughout, so that a change of theme needs no redraw.
import { count, escape, glyph, short } from "./kit.js"
import { CAPTION, detailOf, isCompact, isInput, isSign, nameOf, shapeParts } from "./graph_model.js"

const text = (x, y, words, { size = 13.5, weight = 400, colour = "text", anchor = "start", family = "sans", cls = "", style = "normal" } = {}) =>
  `<text class="${cls}" x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="var(--${colour})" text-anchor="${anchor}" font-family="var(--${family})"${style === "normal" ? "" : ` font-style="${style}"`}>${escape(words)}</text>`

export const kindOf = (item) => (item.group ?? item.node).kind
const parametersOf = (item) => (item.group ?? item.node).parameters * (item.sums ? 1 : item.count ?? 1)
const LOOP = "t → t+1"

// What a screen reader says of an item.
export function spoken(item) {
  const what = item.group ?? item.node, apart = item.node?.shared ? `, weights shared with ${item.node.shared}, counted there` : ""
  const times = (item.count > 1 ? `, ${item.count} times` : "") + (item.loop || item.reads.some((edge) => edge.loop) ? ", each call reads the one before" : "") + apart
  const state = item.type === "block" ? ", open block; Escape closes it" : item.type === "fold" ? ", block; Enter opens it" : ""
  const shape = item.node ? `, gives ${item.node.out_shape.join(" by ")}` : ""
  return `${nameOf(item)}, ${item.node?.detail || what.type || item.node.op}${times}${shape}, ${count(what.parameters)} parameters${state}`
}

export function drawItem(item, box, largest, name) {
  const tabbable = `class="item ${item.type}" data-id="${escape(item.id)}" tabindex="-1" role="button" aria-label="${escape(spoken(item))}"` +
    (item.type === "node" ? "" : ` aria-expanded="${item.type === "block"}"`)
  const inside = item.type === "block" ? block(item, box) : isSign(item) ? sign(item) : isInput(item) ? input(item, box) : isCompact(item) ? small(item, box) : full(item, box, largest)
  return `<g ${tabbable} transform="translate(${box.x},${box.y})"><title>${escape(spoken(item))}</title>${inside}${stubs(item, box, name)}</g>`
}

// The ends of lines that would cover the picture: from a step before or far back to the top or bottom, and on from there.
function stubs(item, box, name) {
  const h = Math.min(box.h, 58) / 2, x = -box.w / 2 + 16, style = { size: 11, colour: "text2", family: "code" }
  const draw = (x, from, to, words, y, dashed) => `<path d="M${x} ${from}V${to}" stroke="var(--text2)" stroke-width="1.4"${dashed ? ' stroke-dasharray="4 3"' : ""}/>` +
    `<path d="M0 0l-7 -3.6v7.2z" transform="translate(${x},${to}) rotate(${to > from ? 90 : -90})" fill="var(--text2)"/>` + text(x + 6, y, words, style)
  const ends = (edges) => [edges.some((edge) => edge.loop), edges.find((edge) => !edge.loop)], [again, input] = ends(item.reads), [next, output] = ends(item.goes)
  const many = item.goes.length > 1 || item.reads.length > 1 // the place itself that all the lines lead to or from
  return (again ? draw(x, -h - 17, -h, "t−1", -h - 6, true) : "") + (next ? draw(x, h, h + 17, "t+1", h + 15, true) : "") +
    (input && item.reads.length === 1 ? draw(x, h + 17, h, name(input.from), h + 15) : "") + (output && item.goes.length === 1 ? draw(-x, -h, -h - 17, name(output.to), -h - 8) : "") +
    (many && (input || output) ? draw(0, input ? h + 17 : h, input ? h : h + 17, "all", h + 15) : "")
}

const body = (x, y, w, h, kind, dashed = false, r = 4) =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="var(--surface)"/>` +
  `<rect class="tint" x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="var(--${kind})" fill-opacity=".09"/>` +
  `<rect class="frame" x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="none" stroke="var(--${kind})" stroke-width="1.2"${dashed ? ' stroke-dasharray="5 3"' : ""}/>`

function full(item, box, largest) {
  const kind = kindOf(item), many = item.count > 1, w = many ? box.w - 14 : box.w, h = 58, x = -box.w / 2, y = -h / 2
  const sheets = many ? Array.from({ length: Math.min(3, item.count - 1) }, (_, i) => Math.min(3, item.count - 1) - i)
    .map((i) => `<rect x="${x + 4 * i}" y="${y - 4 * i}" width="${w}" height="${h}" rx="4" fill="var(--surface)" stroke="var(--${kind})" stroke-opacity=".6"/>`).join("") : ""
  const share = largest ? parametersOf(item) / largest : 0
  const dashed = Boolean((item.node ?? item.group).shared)
  return (item.loop ? loop(x, y, w) : "") + sheets + body(x, y, w, h, kind, dashed) + glyph(kind, x + 9, y + 10, 13) + text(x + 28, y + 21, nameOf(item), { weight: 600 }) +
    text(x + 9, y + 40, detailOf(item), { size: 12.5, colour: "text2", cls: "detail" }) +
    (many ? text(x + w + 12, y - 17, `× ${item.count}`, { weight: 600, anchor: "end" }) : "") +
    (item.type === "fold" ? `<path class="chevron" d="M${x + w - 17} ${y + 14}l4 4l4 -4" fill="none" stroke="var(--text2)" stroke-width="1.5"/>` : "") +
    `<rect x="${x + 9}" y="${y + 49}" width="${w - 18}" height="3.5" rx="1.5" fill="var(--line)"/>` +
    (share > 0 ? `<rect x="${x + 9}" y="${y + 49}" width="${Math.max(1.5, share * (w - 18))}" height="3.5" rx="1.5" fill="var(--${kind})"/>` : "")
}

// The way from one call to the next: an arc over the sheets.
function loop(x, y, w) {
  const from = x + w - 12, to = x + 12, top = y - 30
  return `<path d="M${from} ${y - 4}C${from + 14} ${top} ${to - 14} ${top} ${to} ${y - 2}" fill="none" stroke="var(--text2)" stroke-width="1.4" stroke-dasharray="4 3"/>` +
    `<path d="M0 0l-7 -3.6v7.2z" transform="translate(${to},${y}) rotate(70)" fill="var(--text2)"/>` + text(0, y - 26, LOOP, { size: 12, anchor: "middle", colour: "text2", family: "code" })
}

const small = (item, box) => body(-box.w / 2, -box.h / 2, box.w, box.h, kindOf(item)) + glyph(kindOf(item), -7, -15, 14) +
  text(0, 14, nameOf(item), { size: CAPTION, anchor: "middle", colour: "text2" })

const STROKES = { "+": "M-5.5 0h11M0 -5.5v11", "−": "M-5.5 0h11", "×": "M-4 -4l8 8M-4 4l8 -8", "÷": "M-5.5 0h11M0 -4.5v.1M0 4.5v-.1" }
const sign = (item) => `<circle class="frame" r="11" fill="var(--bg)" stroke="var(--text)" stroke-width="1.4"/><path d="${STROKES[nameOf(item)]}" stroke="var(--text)" stroke-width="1.6" stroke-linecap="round"/>`
const input = (item, box) => `<rect class="frame" x="${-box.w / 2}" y="${-box.h / 2}" width="${box.w}" height="${box.h}" fill="var(--sunken)" stroke="var(--line2)" stroke-width="1.2"/>` +
  text(0, 4, nameOf(item), { size: 12, colour: "text2", anchor: "middle" })

function block(item, box) {
  const x = -box.w / 2, y = -box.h / 2, kind = kindOf(item)
  return `<rect class="frame" x="${x}" y="${y}" width="${box.w}" height="${box.h}" rx="7" fill="var(--sunken)" stroke="var(--${kind})" stroke-width="1.2"${item.group.shared ? ' stroke-dasharray="5 3"' : ""}/>` +
    `<text x="${x + 12}" y="${y + 21}" font-size="13.5" fill="var(--text2)" font-family="var(--sans)"><tspan font-weight="600" fill="var(--text)">${escape(item.group.title)}</tspan> · ${escape(detailOf(item))}${item.count > 1 ? `<tspan font-weight="600" fill="var(--text)"> × ${item.count}</tspan>` : ""}</text>` +
    `<rect class="chevron" x="${x + box.w - 32}" y="${y + 4}" width="26" height="26" fill="transparent"/>` +
    `<path d="M${x + box.w - 24} ${y + 19}l5 -5l5 5" fill="none" stroke="var(--text2)" stroke-width="1.6" pointer-events="none"/>`
}

// Lines first: {words, at: [x, y] to try, …} of each label come after, so that none lies on a box or on another.
export function drawEdge(edge, points, rankdir, taken) {
  const [x0, y0] = points[0], curve = points.slice(1).map((p) => p.map((v) => v.toFixed(1)).join(" ")).join(" ")
  const [x, y] = points.at(-1), [px, py] = points.at(-2), angle = (Math.atan2(y - py, x - px) * 180) / Math.PI
  const colour = edge.skip ? "text" : "text2", dashed = edge.loop || edge.link
  return `<g class="edge" data-from="${escape(edge.from)}" data-to="${escape(edge.to)}"><path class="wire" d="M${x0} ${y0}C${curve}" fill="none" stroke="var(--${colour})" stroke-width="${edge.skip ? 2.2 : 1.4}"${dashed ? ' stroke-dasharray="4 3"' : ""}/>` +
    `<path d="M0 0l-7 -3.6v7.2z" transform="translate(${x},${y}) rotate(${angle})" fill="var(--${colour})"/>` +
    (edge.skip ? `<circle cx="${x0}" cy="${y0}" r="3" fill="var(--text)"/>` : "") + label(edge, points, rankdir, taken) + "</g>"
}

const MONO = 7.25, HIGH = 13 // a letter of the code font at 12 px, and a line

// A shape is said once for all the edges of one box.
function label(edge, points, rankdir, taken) {
  if (edge.link) {
    const said = words(edge.text, points, 6.2 * edge.text.length, { cls: "tie", colour: "text", style: "italic", family: "serif", size: 12.5 })
    return put([{ ...said, sides: [...said.sides, [0, -21], [0, 30], [0, 45]] }], taken, true)
  }
  if (edge.loop) return put([words(LOOP, points, MONO * LOOP.length)], taken)
  if (!edge.shape || edge.skip || taken.said.has(edge.from)) return ""
  const found = shapeLabel(edge, points, rankdir, taken)
  if (found) taken.said.add(edge.from)
  return found
}

function shapeLabel(edge, points, rankdir, taken) {
  const [above, below] = shapeParts(edge.shape), one = below ? `${above}·${below}` : above, width = MONO * one.length
  if (rankdir === "TB") return put([{ ...words(one, points, width), sides: [[9 + width / 2, 4], [-9 - width / 2, 4]] }], taken)
  const level = Math.abs(points[0][1] - points.at(-1)[1]) < 3 && Math.abs(points[0][1] - middle(points)[1]) < 3
  return put([level && below ? stacked(above, below, points) : words(one, points, width)], taken)
}

const words = (text, points, width, style = {}) => ({ lines: [[text, 0, style]], width, high: HIGH, points, sides: [[0, -6], [0, 15]] })
const stacked = (above, below, points) => ({ lines: [[above, -6, {}], [below, 16, { colour: "text3" }]], width: MONO * Math.max(above.length, below.length), high: 3 * HIGH, points, sides: [[0, 0]], base: 17 })

// The first of the places along the line where the label lies on nothing; what must be said stays at its first.
function put([{ lines, width, high, points, sides, base = 2 }], taken, always = false) {
  const places = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82].flatMap((t) => sides.map(([dx, dy]) => { const [x, y] = along(points, t); return [x + dx, y + dy] }))
  const rect = ([x, y]) => ({ x0: x - width / 2, x1: x + width / 2, y0: y + base - high, y1: y + base })
  const free = places.find((place) => { const r = rect(place); return !taken.rects.some((t) => r.x0 < t.x1 && r.x1 > t.x0 && r.y0 < t.y1 && r.y1 > t.y0) }) ?? (always ? places[0] : null)
  if (!free) return ""
  taken.rects.push(rect(free))
  return lines.map(([line, dy, style]) => text(free[0], free[1] + dy, line, { size: 12, anchor: "middle", family: "code", colour: "text2", ...style })).join("")
}

// What labels keep clear of: boxes and the words over open blocks and their frames' upright sides.
export const obstacles = (items, boxes) => ({ said: new Set(), rects: items.flatMap((item) => obstacle(item, boxes)) })

function obstacle(item, boxes) {
  const { x, y, w, h } = boxes.get(item.id), x0 = x - w / 2, x1 = x + w / 2, y0 = y - h / 2, y1 = y + h / 2
  return item.type !== "block" ? [{ x0, x1, y0, y1 }] : [{ x0, x1, y0, y1: y0 + 28 }, { x0: x0 - 1, x1: x0 + 1, y0, y1 }, { x0: x1 - 1, x1: x1 + 1, y0, y1 }]
}

const middle = (points) => along(points, 0.5)

// The point at the share t of a path of cubic curves.
function along(points, t) {
  const pieces = (points.length - 1) / 3, at = Math.min(pieces - 1e-9, t * pieces), i = 3 * Math.floor(at), u = at - Math.floor(at), v = 1 - u
  const [a, b, c, d] = points.slice(i, i + 4)
  return [0, 1].map((k) => v ** 3 * a[k] + 3 * v * v * u * b[k] + 3 * v * u * u * c[k] + u ** 3 * d[k])
}

export const largestOf = (items) => {
  const found = new Map()
  for (const item of items) if (item.type !== "block") found.set(item.parent, Math.max(found.get(item.parent) ?? 0, parametersOf(item)))
  return found
}

export const summary = (data, operations) => `Graph of ${data.title}: ${operations} operations, ${short(data.blueprint.parameters)} parameters. ` +
  "Arrow keys follow the connections, Enter opens a block, Escape closes it. The layer table holds the numbers."
