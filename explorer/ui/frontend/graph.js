// The network as a graph: laid out by Graphviz in the browser, drawn by us, opened and closed without asking the server.
import { colour, escape, root, tween } from "./kit.js"
import { around, breadth, detailOf, direction, dot, index, nameOf, openedAtFirst, read, tooMany, visible } from "./graph_model.js"
import { drawEdge, drawItem, largestOf, obstacles, spoken, summary } from "./graph_draw.js"
import { LEAST, READABLE, inRows, scale } from "./graph_rows.js"
import { Graphviz } from "./vendor/graphviz.js"

let engine
const graphviz = () => (engine ??= Graphviz.load())

export default function graph({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "graph")
  const view = (element.view ??= new View(element))
  view.send = (id) => setTriggerValue("select", id)
  view.update(data)
}

class View {
  constructor(element) {
    this.element = element
    this.signature = ""
    this.turned = ""
    this.zoomed = null
    this.build()
  }

  build() {
    this.element.innerHTML = `<div class="bar"><label><span class="sr">Find a layer by name</span><input type="search" placeholder="Find a layer" list=""></label><span class="said" role="status"></span><i></i>
      <button data-do="less" aria-label="Zoom out">−</button><button data-do="more" aria-label="Zoom in">+</button><button data-do="fit">Fit</button>
      <button data-do="turn" aria-label="Switch between left to right and top to bottom">Turn</button><button data-do="save">SVG</button></div>
      <div class="stage"><svg role="group"><g class="world"><g class="blocks"></g><g class="edges"></g><g class="items"></g></g></svg></div>`
    const find = (selector) => this.element.querySelector(selector)
    this.stage = find(".stage"); this.svg = find("svg"); this.world = find(".world"); this.said = find(".said"); this.input = find("input")
    find(".bar").addEventListener("click", (event) => this.press(event.target.closest("button")?.dataset.do))
    this.input.addEventListener("keydown", (event) => { if (event.key === "Enter") this.search(this.input.value) })
    this.svg.addEventListener("click", (event) => this.click(event))
    this.svg.addEventListener("dblclick", (event) => { const id = this.idOf(event.target); if (id) this.toggle(id) })
    this.svg.addEventListener("keydown", (event) => this.key(event))
    this.svg.addEventListener("focusin", (event) => this.rove(this.idOf(event.target)))
    this.svg.addEventListener("pointerover", (event) => this.dim(this.idOf(event.target)))
    this.svg.addEventListener("pointerleave", () => this.dim(null))
    this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    this.drag()
    new ResizeObserver(() => { if (this.seen && this.stage.clientWidth !== this.width) this.layout(false) }).observe(this.stage)
  }

  async update(data) {
    this.data = data
    if (data.signature !== this.signature) {
      this.signature = data.signature
      this.book = index(data.blueprint)
      this.open = new Set()
      const engine = await graphviz()
      if (data.signature !== this.signature) return
      this.width = this.stage.clientWidth
      this.open = openedAtFirst(this.book, (seen) => this.fits(engine, seen))
      this.zoomed = null
      this.svg.setAttribute("aria-label", summary(data, this.book.nodes.size - 1))
      if (this.data.selected) around(this.book, this.data.selected).forEach((path) => this.open.add(path))
      await this.layout(false)
    } else if (data.selected !== this.selected && data.selected) await this.show(data.selected)
    if (data.selected && data.selected !== this.selected) this.reveal(data.selected)
    this.selected = data.selected
    this.mark()
    this.tint()
  }

  async layout(moving) {
    this.width = this.stage.clientWidth
    this.seen = visible(this.book, this.open)
    const before = this.plan?.boxes ?? new Map(), turn = (this.turn = (this.turn ?? 0) + 1)
    const engine = await graphviz()
    if (turn !== this.turn) return
    this.plan = this.planned(engine)
    this.rankdir = this.plan.rankdir
    this.draw()
    if (!this.zoomed) this.fit()
    else this.place()
    if (moving) this.move(before)
  }

  // From left to right in rows where that can be read, even if it is long; else as `direction` says.
  planned(engine, seen = this.seen) {
    const lay = (rankdir) => ({ ...read(engine.layout(dot(seen, rankdir), "json", "dot"), seen), rankdir }), page = this.page()
    if (this.turned === "TB") return lay("TB")
    const rows = inRows(lay("LR"), seen, page)
    return this.turned || direction(seen, this.width) === "LR" || scale(rows, page) >= LEAST ? rows : lay("TB")
  }

  page() { return { width: this.width - 24, height: this.data.height - 46 } }

  // Whether it can be read; laid out only where its breadth does not tell.
  fits(engine, seen) {
    const page = this.page(), rows = (breadth(seen) * READABLE) / page.width
    if (rows <= 1) return direction(seen, this.width) === "LR"
    return rows < 2.5 && scale(this.planned(engine, seen), page) >= READABLE
  }

  draw() {
    const { items, edges } = this.seen, { boxes, paths } = this.plan, largest = largestOf(items)
    const name = (id) => nameOf(this.item(id))
    const drawn = (keep) => items.filter(keep).map((item) => drawItem(item, boxes.get(item.id), largest.get(item.parent), name)).join("")
    this.world.querySelector(".blocks").innerHTML = drawn((item) => item.type === "block")
    this.world.querySelector(".items").innerHTML = drawn((item) => item.type !== "block")
    const taken = obstacles(items, boxes)
    this.world.querySelector(".edges").innerHTML = edges.map((edge, i) => (edge.stub ? "" : drawEdge(edge, paths.get(i), this.rankdir, taken))).join("")
    this.handles = new Map([...this.world.querySelectorAll(".item")].map((g) => [g.dataset.id, g]))
    this.rove(this.handles.has(this.roving) ? this.roving : items[0].id)
    this.mark()
    this.tint()
  }

  // Let what stayed walk from its old place, and the new appear from the block it was in.
  move(before) {
    const starts = this.seen.items.map((item) => [item.id, before.get(item.id) ?? around(this.book, item.id).map((path) => before.get(path)).find(Boolean)])
    const fading = [...this.world.querySelectorAll(".edge, .blocks > .item")]
    this.halt?.()
    this.halt = tween(240, (t) => {
      const eased = 1 - (1 - t) ** 3
      for (const [id, from] of starts) {
        const to = this.plan.boxes.get(id), g = this.handles.get(id)
        if (from && to && g) g.setAttribute("transform", `translate(${from.x + (to.x - from.x) * eased},${from.y + (to.y - from.y) * eased})`)
      }
      for (const each of fading) each.style.opacity = t < 1 ? eased : ""
    })
  }

  // ---- view ----------------------------------------------------------------------------------------------------------

  fit() {
    const pad = 12, high = (this.data.height - 2 * pad) / this.plan.height
    const k = Math.min(1.1, (this.width - 2 * pad) / this.plan.width, Math.max(this.rankdir === "LR" ? 0.45 : 0.6, high))
    const tall = Math.min(this.data.height, Math.max(140, this.plan.height * k + 2 * pad + 22))
    this.stage.style.height = `${tall}px`
    const begin = this.plan.boxes.get(this.seen.items[0].id), over = this.rankdir === "LR" && this.plan.height * k > tall
    const y = over ? tall / 2 - begin.y * k : Math.max(pad, (tall - this.plan.height * k) / 2) // too tall: start at the input
    this.view = { k, x: (this.width - this.plan.width * k) / 2, y }
    this.zoomed = null
    this.place()
  }

  place() { this.world.setAttribute("transform", `translate(${this.view.x},${this.view.y}) scale(${this.view.k})`) }

  zoom(factor, x = this.width / 2, y = this.stage.clientHeight / 2) {
    const k = Math.max(0.1, Math.min(4, this.view.k * factor)), ratio = k / this.view.k
    this.view = { k, x: x - (x - this.view.x) * ratio, y: y - (y - this.view.y) * ratio }
    this.zoomed = true
    this.place()
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return // a plain wheel scrolls the page
    event.preventDefault()
    const box = this.svg.getBoundingClientRect()
    this.zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top)
  }

  drag() {
    let from = null
    this.svg.addEventListener("pointerdown", (event) => { from = { x: event.clientX, y: event.clientY, view: this.view, moved: false } })
    this.svg.addEventListener("pointermove", (event) => {
      if (!from || !event.buttons) return
      const dx = event.clientX - from.x, dy = event.clientY - from.y
      if (!from.moved && Math.hypot(dx, dy) < 4) return
      if (!from.moved) this.svg.setPointerCapture(event.pointerId)
      from.moved = this.zoomed = true
      this.view = { ...from.view, x: from.view.x + dx, y: from.view.y + dy }
      this.place()
    })
    this.svg.addEventListener("pointerup", () => { this.dragged = from?.moved; from = null })
  }

  // ---- blocks and selection -------------------------------------------------------------------------------------------

  idOf(target) { return target.closest?.(".item")?.dataset.id ?? null }
  item(id) { return this.seen.items.find((each) => each.id === id) }

  click(event) {
    if (this.dragged) { this.dragged = false; return }
    const id = this.idOf(event.target)
    if (!id) return
    if (event.target.closest(".chevron")) this.toggle(id)
    else this.choose(id)
  }

  choose(id) {
    this.selected = id
    this.mark()
    this.send(id)
  }

  async toggle(id) {
    if (!this.book.groups.has(id)) return
    const closing = this.open.has(id)
    if (closing) this.open.delete(id)
    else this.open.add(id)
    if (!closing && tooMany(this.book, this.open)) {
      this.open.delete(id)
      this.said.textContent = "That would be more than 300 boxes. Close another block first."
      return
    }
    this.roving = id
    await this.layout(true)
    this.said.textContent = `${this.book.groups.get(id).title} ${closing ? "closed" : "opened"}`
    this.handles.get(id)?.focus({ preventScroll: true })
  }

  async show(id) {
    const closed = around(this.book, id).filter((path) => !this.open.has(path))
    closed.forEach((path) => this.open.add(path))
    if (closed.length) await this.layout(true)
  }

  async search(words) {
    const wanted = words.trim().toLowerCase()
    if (!wanted) return
    const known = [...this.book.nodes.values(), ...[...this.book.groups.values()].filter((g) => g.path).map((g) => ({ id: g.path, label: g.title, op: g.type, path: g.path }))]
    const found = known.find((n) => [n.label, n.path].some((name) => name.toLowerCase() === wanted)) ?? known.find((n) => `${n.path} ${n.label} ${n.op}`.toLowerCase().includes(wanted))
    this.said.textContent = found ? "" : `No layer is called “${words}”.`
    if (!found) return
    await this.show(found.id)
    this.centre(found.id)
    this.choose(found.id)
  }

  centre(id) {
    const box = this.plan.boxes.get(id)
    if (!box) return
    const { k } = this.view
    this.view = { k, x: this.width / 2 - box.x * k, y: this.stage.clientHeight / 2 - box.y * k }
    this.zoomed = true
    this.place()
  }

  // Bring what the page selected into view; what was clicked here is in view already.
  reveal(id) {
    const box = this.plan?.boxes.get(id), { k, x, y } = this.view ?? {}
    if (!box) return
    const wide = box.w / 2 * k, high = box.h / 2 * k, at = { x: box.x * k + x, y: box.y * k + y }
    const across = at.x - wide < 0 || at.x + wide > this.width, down = at.y - high < 0 || at.y + high > this.stage.clientHeight
    if (across) this.view = { ...this.view, x: this.width / 2 - box.x * k }
    if (down) this.view = { ...this.view, y: this.stage.clientHeight / 2 - box.y * k }
    if (across || down) this.place()
  }

  mark() {
    for (const [id, g] of this.handles ?? []) { g.classList.toggle("selected", id === this.selected); g.setAttribute("aria-pressed", id === this.selected) }
  }

  // ---- overlay: what happens in each layer while it trains ---------------------------------------------------------------

  tint() {
    const overlay = this.data.overlay, theme = this.element.dataset.theme
    for (const item of this.seen?.items ?? []) {
      const g = this.handles.get(item.id), rect = g?.querySelector(".tint"), detail = g?.querySelector(".detail")
      if (!rect) continue
      const found = overlay && this.reading(item, overlay)
      rect.style.fill = found ? colour(found.value, overlay.map ?? "gradient", theme) : ""
      rect.style.fillOpacity = found ? 0.55 : ""
      if (detail) detail.textContent = found ? found.label : detailOf(item)
      g.setAttribute("aria-label", spoken(item) + (found ? `, ${overlay.name} ${found.label}` : ""))
    }
  }

  reading(item, overlay) {
    if (item.type === "node") return overlay.layers[item.node.path]
    const inside = this.book.leaves.get(item.id).map((id) => overlay.layers[this.book.nodes.get(id).path]).filter(Boolean)
    return overlay.layers[item.id] ?? inside.reduce((most, each) => (most && most.value >= each.value ? most : each), undefined)
  }

  dim(id) {
    clearTimeout(this.dimming)
    const near = new Set([id])
    if (id) for (const { from, to } of this.seen.edges) { if (from === id) near.add(to); if (to === id) near.add(from) }
    const kept = (other) => !id || near.has(other) || around(this.book, id).includes(other) || around(this.book, other).includes(id)
    this.dimming = setTimeout(() => {
      for (const [other, g] of this.handles ?? []) g.classList.toggle("dim", !kept(other))
      for (const g of this.world.querySelectorAll(".edge")) g.classList.toggle("dim", Boolean(id) && g.dataset.from !== id && g.dataset.to !== id && !(kept(g.dataset.from) && kept(g.dataset.to) && this.book.groups.has(id)))
    }, id ? 120 : 0)
  }

  // ---- keyboard ----------------------------------------------------------------------------------------------------------

  rove(id) {
    if (!id || !this.handles?.has(id)) return
    this.handles.get(this.roving)?.setAttribute("tabindex", "-1")
    this.roving = id
    this.handles.get(id).setAttribute("tabindex", "0")
  }

  key(event) {
    const id = this.idOf(event.target)
    if (!id) return
    const next = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key]
    if (next) this.step(id, next)
    else if (event.key === "Enter") { if (this.item(id).type === "fold") this.toggle(id); else this.choose(id) }
    else if (event.key === " ") this.choose(id)
    else if (event.key === "Escape") { const block = this.open.has(id) ? id : around(this.book, id)[0]; if (block) this.toggle(block) }
    else return
    event.preventDefault()
  }

  // Along the flow follow an edge; across it go to the nearest neighbour.
  step(id, [dx, dy]) {
    const along = this.rankdir === "LR" ? dx : dy, here = this.plan.boxes.get(id)
    const linked = this.seen.edges.filter((edge) => !edge.link).flatMap(({ from, to }) => (along > 0 && from === id ? [to] : along < 0 && to === id ? [from] : []))
    const others = linked.length ? linked : this.seen.items.map((i) => i.id).filter((other) => {
      const box = this.plan.boxes.get(other)
      return other !== id && (box.x - here.x) * dx + (box.y - here.y) * dy > 4
    })
    const away = (other) => { const b = this.plan.boxes.get(other); return Math.hypot(b.x - here.x, b.y - here.y) }
    const target = others.sort((a, b) => away(a) - away(b))[0]
    if (target) this.handles.get(target).focus()
  }

  // ---- buttons -----------------------------------------------------------------------------------------------------------

  press(what) {
    if (what === "more") this.zoom(1.25)
    if (what === "less") this.zoom(0.8)
    if (what === "fit") this.fit()
    if (what === "turn") { this.turned = this.rankdir === "LR" ? "TB" : "LR"; this.zoomed = null; this.layout(true) }
    if (what === "save") this.save()
  }

  save() {
    const { width, height } = this.plan, style = getComputedStyle(this.element), pad = 24
    const inside = [...this.world.children].map((g) => g.outerHTML).join("").replace(/currentColor/g, "var(--text)")
    const plain = inside.replace(/style="color:var\((--\w+)\)"([^>]*?)stroke="var\(--text\)"/g, 'stroke="var($1)"$2')
      .replace(/var\((--[\w-]+)\)/g, (_, name) => escape(style.getPropertyValue(name).trim()))
    const ground = escape(style.getPropertyValue("--bg").trim())
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-pad} ${-pad} ${width + 2 * pad} ${height + 2 * pad}"><rect x="${-pad}" y="${-pad}" width="100%" height="100%" fill="${ground}"/>${plain}</svg>`
    const link = document.createElement("a")
    link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }))
    link.download = `${this.data.title.replace(/[^\w-]+/g, "-")}.svg`
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }
}
