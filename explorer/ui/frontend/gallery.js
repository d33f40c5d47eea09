// The gallery of all networks in one of three orders, and the tree of who learnt from whom over the years.
import { root, escape, glyphSvg } from "./kit.js"

const FEW = 6 // so many networks are shown larger, each with its sentence
const ORDERS = [["family", "By family"], ["year", "By year"], ["size", "By size"]]

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const element = root(parentElement, "gallery")
  element.state ??= { order: data.order, find: "", pointed: "" }
  element.open = (key) => setTriggerValue("open", key)
  element.choose = (order) => { element.state.order = order; setStateValue("order", order); draw(element, data) }
  if (!element.querySelector(".bar")) frame(element)
  element.data = data
  draw(element, data)
  element.watching ??= new ResizeObserver(() => { if (treeWidth(element) !== element.treeWidth) draw(element, element.data) })
  element.watching.observe(element)
}

function frame(element) {
  element.innerHTML = `<div class="bar"><input type="search" placeholder="Find a network" aria-label="Find a network">
    <div class="seg" role="group" aria-label="Order of the gallery">${ORDERS.map(([key, label]) => `<button type="button" data-order="${key}">${label}</button>`).join("")}</div></div>
    <div class="groups"></div><h3>Who learnt from whom</h3><span class="say" role="status"></span><div class="tree"></div>`
  element.querySelectorAll("[data-order]").forEach((button) => { button.onclick = () => element.choose(button.dataset.order) })
  element.querySelector("input").oninput = (event) => { element.state.find = event.target.value; draw(element, element.data) }
  element.addEventListener("click", (event) => {
    const link = event.target.closest("[data-key]")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    element.open(link.dataset.key)
  })
  const point = (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key
    if (key && key !== element.state.pointed) { element.state.pointed = key; mark(element) }
  }
  element.addEventListener("pointerover", point)
  element.addEventListener("focusin", point)
}

function draw(element, data) {
  const { order, find } = element.state, words = find.trim().toLowerCase()
  const found = data.cards.filter((card) => `${card.title} ${card.key} ${card.authors} ${card.year} ${card.family} ${card.lead}`.toLowerCase().includes(words))
  element.querySelectorAll("[data-order]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.order === order))
  const text = groups(found, order).map(group).join("") || `<p class="empty">No network here is called “${escape(find)}”. Clear the field to see all.</p>`
  if (element.drawn !== text) { element.querySelector(".groups").innerHTML = text; element.drawn = text }
  element.classList.toggle("few", data.cards.length <= FEW)
  const width = treeWidth(element)
  if (element.treeWidth !== width) { element.querySelector(".tree").innerHTML = tree(data.cards, width); element.treeWidth = width }
  mark(element)
}

function groups(cards, order) {
  if (order === "year") return decades([...cards].sort((a, b) => a.year - b.year))
  if (order === "size") return sizes([...cards].sort((a, b) => a.parameters - b.parameters))
  return gather(cards, (card) => card.family[0].toUpperCase() + card.family.slice(1), (card) => card.kind)
}

const decades = (cards) => gather(cards, (card) => `${Math.floor(card.year / 10) * 10}s`, () => "")
const sizes = (cards) => gather(cards, (card) => card.parameters < 1e5 ? "under 100,000 parameters" : card.parameters < 1e7 ? "under 10 million" : card.parameters < 1e9 ? "under a billion" : "a billion and more", () => "")

function gather(cards, name, kind) {
  const found = new Map()
  for (const card of cards) {
    if (!found.has(name(card))) found.set(name(card), { name: name(card), kind: kind(card), cards: [] })
    found.get(name(card)).cards.push(card)
  }
  return [...found.values()]
}

function group({ name, kind, cards }) {
  const line = kind ? `var(--${kind})` : "var(--line2)"
  return `<section class="group"><h2 style="border-color:${line}">${kind ? glyphSvg(kind) : ""}${escape(name)}</h2><div class="row">${cards.map(card).join("")}</div></section>`
}

const card = (one) => `<a class="card" href="./${escape(one.key)}" data-key="${escape(one.key)}" title="${escape(one.lead)}">${miniature(one.bars)}
  <b>${escape(one.title)}</b><span>${one.year} · <i>${escape(one.size)}${one.parameters < 1000 ? " parameters" : ""}</i></span><em>${escape(one.lead)}</em></a>`

// ---- one bar for each layer; dense layers of a few units as neurons, all joined --------------------------------------

function miniature(bars) {
  if (!bars.length) return `<svg viewBox="0 0 128 58" aria-hidden="true"><rect x="4.5" y="4.5" width="119" height="49" fill="none" stroke="var(--line)" stroke-dasharray="3 3"/></svg>`
  const dense = bars.length && bars.every((bar) => bar.units)
  const gap = bars.length > 24 ? 1 : bars.length > 10 ? 2 : 5
  const wide = bars.reduce((sum, bar) => sum + bar.width, 0), scale = Math.min(26, (120 - gap * (bars.length - 1)) / wide)
  const spread = dense ? 112 / Math.max(1, bars.length - 1) : 0
  let x = dense ? 8 : 64 - (wide * scale + gap * (bars.length - 1)) / 2, drawing = ""
  const placed = bars.map((bar) => {
    const width = dense ? 6 : Math.max(1.5, bar.width * scale), place = { ...bar, x, width, points: points(bar) }
    x += dense ? spread : width + gap
    return place
  })
  if (dense) for (let i = 1; i < placed.length; i++) drawing += joined(placed[i - 1], placed[i])
  return `<svg viewBox="0 0 128 58" aria-hidden="true">${drawing}${placed.map(shape).join("")}</svg>`
}

const points = (bar) => bar.units && bar.units <= 6
  ? Array.from({ length: bar.units }, (_, i) => 29 + (i - (bar.units - 1) / 2) * 10)
  : Array.from({ length: 6 }, (_, i) => 29 + (i / 5 - 0.5) * (bar.height * 50 - 4))

const joined = (a, b) => a.points.flatMap((y) => b.points.map((z) => `<line x1="${a.x}" y1="${y}" x2="${b.x}" y2="${z}" stroke="var(--linear)" stroke-width=".6" opacity=".55"/>`)).join("")

function shape(bar) {
  const input = bar.kind === "reshape", fill = input ? "none" : `var(--${bar.kind})`, stroke = input ? "var(--text3)" : "none"
  if (bar.units && bar.units <= 6) return bar.points.map((y) => `<circle cx="${bar.x}" cy="${y}" r="3.6" fill="${input ? "var(--bg)" : fill}" stroke="${input ? "var(--text2)" : "none"}"/>`).join("")
  const height = Math.max(4, bar.height * 50), left = bar.units && bar.width === 6 ? bar.x - 2.5 : bar.x
  return `<rect x="${left.toFixed(1)}" y="${(29 - height / 2).toFixed(1)}" width="${bar.units && bar.width === 6 ? 5 : bar.width.toFixed(1)}" height="${height.toFixed(1)}" fill="${input ? "var(--sunken)" : fill}" stroke="${stroke}" stroke-width=".8"/>`
}

// ---- the tree: one column for each year that has a paper, rows packed family by family --------------------------------

const MOST = 1090, LEAST = 560, LEFT = 24, RIGHT = 110, LABEL = 96
const treeWidth = (element) => Math.max(LEAST, Math.min(MOST, Math.floor(element.clientWidth) || MOST))

function layout(cards, width) {
  const high = cards.length > FEW ? 40 : 64
  const years = [...new Set(cards.map((card) => card.year))].sort((a, b) => a - b)
  const room = (width - LEFT - RIGHT) / Math.max(1, years.length - 1)
  const at = new Map(), rows = []
  for (const family of new Set(cards.map((card) => card.family))) {
    const first = rows.length
    for (const card of cards.filter((one) => one.family === family).sort((a, b) => a.year - b.year)) {
      const x = LEFT + years.indexOf(card.year) * room
      let row = first
      while (rows[row] !== undefined && rows[row] > x) row++
      rows[row] = x + LABEL + 18 + (card.title.length > 12 ? 50 : 0)
      at.set(card.key, { card, x, y: 26 + row * high })
    }
  }
  return { at, years: years.map((year, i) => [year, LEFT + i * room]), height: 26 + rows.length * high }
}

function tree(cards, width) {
  const { at, years, height } = layout(cards, width)
  const grid = years.map(([year, x]) => `<line class="grid" x1="${x}" y1="6" x2="${x}" y2="${height}"/><text class="year" x="${x}" y="${height + 18}" text-anchor="middle">${year}</text>`).join("")
  const edges = cards.flatMap((card) => card.ancestors.filter((one) => at.has(one.key)).map((one) => edge(at.get(one.key), at.get(card.key), one.idea))).join("")
  const nodes = [...at.values()].map(({ card, x, y }) => `<g class="node" data-key="${escape(card.key)}" tabindex="0" role="link" aria-label="${escape(`${card.title}, ${card.year}`)}">
    <circle class="ring" cx="${x}" cy="${y}" r="9"/><rect x="${x - 12}" y="${y - 12}" width="${LABEL}" height="24" fill="transparent"/><circle cx="${x}" cy="${y}" r="4.6" fill="var(--${card.kind})"/><text x="${x + 10}" y="${y - 7}">${escape(card.title)}</text></g>`).join("")
  return `<svg width="${width}" height="${height + 26}" viewBox="0 0 ${width} ${height + 26}" role="group" aria-label="Who learnt from whom, by year of the paper">${grid}${edges}${nodes}</svg>`
}

const ROOM_FOR_WORDS = 250 // pixels between two papers, for an idea that is always written

function edge(from, to, idea) {
  const bend = Math.max(40, (to.x - from.x) / 2), keys = `data-from="${from.card.key}" data-to="${to.card.key}"`
  const path = `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`
  const x = (from.x + to.x) / 2, y = Math.max(from.y, to.y) + 18, wide = to.x - from.x > ROOM_FOR_WORDS ? " wide" : ""
  const lines = wrapped(idea).map((line, i) => `<tspan x="${x}" dy="${i ? 16 : 0}">${escape(line)}</tspan>`).join("")
  return `<path class="edge" ${keys} d="${path}"/><text class="idea${wide}" ${keys} x="${x}" y="${y}" text-anchor="middle">${lines}</text>`
}

// Words in lines of some 38 characters.
function wrapped(words) {
  const lines = [""]
  for (const word of words.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length > 37) lines.push(word)
    else lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word
  }
  return lines
}

function mark(element) {
  const key = element.state.pointed, cards = element.data.cards, pointed = cards.find((card) => card.key === key)
  element.querySelectorAll("a.card").forEach((one) => one.classList.toggle("pointed", one.dataset.key === key))
  element.querySelectorAll(".node").forEach((one) => {
    one.classList.toggle("on", one.dataset.key === key)
    one.onkeydown = (event) => { if (event.key === "Enter") element.open(one.dataset.key) }
  })
  element.querySelectorAll("[data-from]").forEach((one) => {
    const on = one.dataset.from === key || one.dataset.to === key
    one.classList.toggle("on", on)
  })
  element.querySelector(".say").innerHTML = pointed ? sentence(pointed, cards) : "Each line is an idea that one paper took from another; the years are those of the papers, not to scale."
}

function sentence(card, cards) {
  const title = (key) => cards.find((one) => one.key === key)?.title ?? key
  const from = card.ancestors.map((one) => `from ${escape(title(one.key))} ${escape(one.idea)}`).join("; ")
  const to = cards.filter((one) => one.ancestors.some((each) => each.key === card.key)).map((one) => escape(one.title)).join(", ")
  return `<span class="hand">Pointed at: ${escape(card.title)}</span>${from ? `, ${from}` : ", first of its line"}${to ? `; then ${to}` : ""}.`
}
