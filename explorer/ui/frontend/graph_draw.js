// Draws a laid-out graph as SVG text. Colours are CSS variables throughout, so that a change of theme needs no redraw.
import { count, escape, glyph, short } from "./kit.js"
import { isAdd, isCompact, isInput, shapeParts } from "./graph_model.js"

const text = (x, y, words, { size = 13.5, weight = 400, colour = "text", anchor = "start", family = "sans", cls = "" } = {}) =>
  `<text class="${cls}" x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="var(--${colour})" text-anchor="${anchor}" font-family="var(--${family})">${escape(words)}</text>`

export const kindOf = (item) => (item.group ?? item.node).kind
export const nameOf = (item) => (item.type === "node" ? item.node.label : item.group.title)
const parametersOf = (item) => (item.group ?? item.node).parameters * (item.sums ? 1 : item.count ?? 1)
const LOOP = "t → t+1"

// What a screen reader says of an item.
export function spoken(item) {
  const what = item.group ?? item.node, apart = item.node?.shared ? `, weights shared with ${item.node.shared}, counted there` : ""
  const times = (item.count > 1 ? `, ${item.count} times` : "") + (item.loop ? ", each call reads the one before" : "") + apart
  const state = item.type === "block" ? ", open block; Escape closes it" : item.type === "fold" ? ", block; Enter opens it" : ""
  const shape = item.node ? `, gives ${item.node.out_shape.join(" by ")}` : ""
  return `${nameOf(item)}, ${item.node?.detail || what.type || item.node.op}${times}${shape}, ${count(what.parameters)} parameters${state}`
}

export function drawItem(item, box, largest) {
  const tabbable = `class="item ${item.type}" data-id="${escape(item.id)}" tabindex="-1" role="button" aria-label="${escape(spoken(item))}"` +
    (item.type === "node" ? "" : ` aria-expanded="${item.type === "block"}"`)
  const inside = item.type === "block" ? block(item, box) : isAdd(item) ? sum() : isInput(item) ? input(item, box) : isCompact(item) ? small(item, box) : full(item, box, largest)
  return `<g ${tabbable} transform="translate(${box.x},${box.y})"><title>${escape(spoken(item))}</title>${inside}</g>`
}

const body = (x, y, w, h, kind, dashed = false, r = 4) =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="var(--surface)"/>` +
  `<rect class="tint" x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="var(--${kind})" fill-opacity=".09"/>` +
  `<rect class="frame" x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="none" stroke="var(--${kind})" stroke-width="1.2"${dashed ? ' stroke-dasharray="5 3"' : ""}/>`

function full(item, box, largest) {
  const kind = kindOf(item), many = item.count > 1, w = many ? box.w - 14 : box.w, h = 58, x = -box.w / 2, y = -h / 2
  const sheets = many ? Array.from({ length: Math.min(3, item.count - 1) }, (_, i) => Math.min(3, item.count - 1) - i)
    .map((i) => `<rect x="${x + 4 * i}" y="${y - 4 * i}" width="${w}" height="${h}" rx="4" fill="var(--surface)" stroke="var(--${kind})" stroke-opacity=".6"/>`).join("") : ""
  const detail = item.node ? item.node.detail : item.group.type, share = largest ? parametersOf(item) / largest : 0
  const dashed = Boolean(item.node?.shared)
  return (item.loop ? loop(x, y, w) : "") + sheets + body(x, y, w, h, kind, dashed) + glyph(kind, x + 9, y + 10, 13) + text(x + 28, y + 21, nameOf(item), { weight: 600 }) +
    text(x + 9, y + 40, dashed ? "shared, counted once" : detail, { size: 12.5, colour: "text2", cls: "detail" }) +
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

const small = (item, box) => body(-box.w / 2, -box.h / 2, box.w, box.h, kindOf(item)) + glyph(kindOf(item), -7, -7, 14)
const sum = () => '<circle class="frame" r="11" fill="var(--bg)" stroke="var(--text)" stroke-width="1.4"/><path d="M-5.5 0h11M0 -5.5v11" stroke="var(--text)" stroke-width="1.6"/>'
const input = (item, box) => `<rect class="frame" x="${-box.w / 2}" y="${-box.h / 2}" width="${box.w}" height="${box.h}" fill="var(--sunken)" stroke="var(--line2)" stroke-width="1.2"/>` +
  text(0, 4, nameOf(item), { size: 12, colour: "text2", anchor: "middle" })

function block(item, box) {
  const x = -box.w / 2, y = -box.h / 2, kind = kindOf(item)
  return `<rect class="frame" x="${x}" y="${y}" width="${box.w}" height="${box.h}" rx="7" fill="var(--sunken)" stroke="var(--${kind})" stroke-width="1.2"/>` +
    `<text x="${x + 12}" y="${y + 21}" font-size="13.5" fill="var(--text2)" font-family="var(--sans)"><tspan font-weight="600" fill="var(--text)">${escape(item.group.title)}</tspan> · ${escape(item.group.type)}</text>` +
    `<rect class="chevron" x="${x + box.w - 32}" y="${y + 4}" width="26" height="26" fill="transparent"/>` +
    `<path d="M${x + box.w - 24} ${y + 19}l5 -5l5 5" fill="none" stroke="var(--text2)" stroke-width="1.6" pointer-events="none"/>`
}

export function drawEdge(edge, points, rankdir, frames = []) {
  const [x0, y0] = points[0], curve = points.slice(1).map((p) => p.map((v) => v.toFixed(1)).join(" ")).join(" ")
  const [x, y] = points.at(-1), [px, py] = points.at(-2), angle = (Math.atan2(y - py, x - px) * 180) / Math.PI
  const colour = edge.skip ? "text" : edge.link ? "hand" : "text2", dashed = edge.loop || edge.link
  return `<g class="edge" data-from="${escape(edge.from)}" data-to="${escape(edge.to)}"><path class="wire" d="M${x0} ${y0}C${curve}" fill="none" stroke="var(--${colour})" stroke-width="${edge.skip ? 2.2 : 1.4}"${dashed ? ' stroke-dasharray="4 3"' : ""}/>` +
    `<path d="M0 0l-7 -3.6v7.2z" transform="translate(${x},${y}) rotate(${angle})" fill="var(--${colour})"/>` +
    (edge.skip ? `<circle cx="${x0}" cy="${y0}" r="3" fill="var(--text)"/>` : "") + (edge.link ? linkText(edge.text, points) : edge.loop ? text((x0 + x) / 2, (y0 + y) / 2 - 8, LOOP, { size: 12, anchor: "middle", colour: "text2", family: "code" }) : edge.shape && !edge.skip ? shapeLabel(edge.shape, points, rankdir, frames) : "") + "</g>"
}

// What a tie means, in the middle of its line and legible on whatever it crosses.
function linkText(words, points) {
  const [x, y] = points[Math.floor(points.length / 2)]
  return text(x, y - 5, words, { size: 12, anchor: "middle", colour: "hand", cls: "tie" })
}

// The middle of the longest stretch from a to b that no frame of a block cuts.
function clear(a, b, frames) {
  const cuts = frames.flatMap(({ x, w }) => [x - w / 2, x + w / 2]).filter((cut) => cut > a && cut < b)
  const ends = [a, ...cuts.sort((p, q) => p - q), b - 6]
  const widest = ends.slice(1).map((end, i) => [end - ends[i], (end + ends[i]) / 2]).sort((p, q) => q[0] - p[0])
  return widest[0][1]
}

function shapeLabel(shape, points, rankdir, frames) {
  const [above, below] = shapeParts(shape), a = points[0], b = points.at(-1), y = (a[1] + b[1]) / 2
  const x = rankdir === "TB" ? (a[0] + b[0]) / 2 - 3 : clear(a[0], b[0], frames)
  const style = { size: 12, anchor: "middle", family: "code", colour: "text2" }
  if (rankdir === "TB") return text(x + 12, y + 4, below ? `${above}·${below}` : above, { ...style, anchor: "start" })
  return text(x, y - 6, above, style) + (below ? text(x, y + 16, below, { ...style, colour: "text3" }) : "")
}

export const largestOf = (items) => {
  const found = new Map()
  for (const item of items) if (item.type !== "block") found.set(item.parent, Math.max(found.get(item.parent) ?? 0, parametersOf(item)))
  return found
}

export const summary = (data) => `Graph of ${data.title}: ${data.blueprint.nodes.length - 1} operations, ${short(data.blueprint.parameters)} parameters. ` +
  "Arrow keys follow the connections, Enter opens a block, Escape closes it. The layer table holds the numbers."
