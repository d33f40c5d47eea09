import { short } from "./kit.js"

// From a blueprint and the set of open blocks to what is visible: items, edges between them, and DOT for Graphviz.

const COMPACT = new Set(["activation", "pooling", "reshape", "normalisation"])
const SIGNS = new Set(["+", "×", "−", "÷"])
const ROOM = 75 // pixels that a rank needs to be read, left to right
const MOST_RANKS = 13, MOST_VISIBLE = 300, OPENED_AT_FIRST = 16, MOST_LOOPS = 2, FAR = 3, MOST_FAR = 4 // lines back, and past others, from or to one place

// Rows written out: {copy: [start, count, old, new]} repeats earlier rows with another path.
function written(rows) {
  const found = []
  for (const row of rows) {
    if (!row.copy) { found.push(row); continue }
    const [start, count, old, path] = row.copy
    const name = (text) => (text.startsWith(old) && ["", ".", ":", "~"].includes(text.charAt(old.length)) ? path + text.slice(old.length) : text)
    for (let i = start; i < start + count; i++) {
      const { id, shared, members, repeats } = found[i]
      found.push(members ? { ...found[i], path: name(found[i].path), members: members.map(name), repeats: repeats.map(name) } : { ...found[i], path: name(found[i].path), id: name(id), shared: name(shared) })
    }
  }
  return found
}

export function index(blueprint) {
  const listed = written(blueprint.nodes)
  const nodes = new Map(listed.map((n) => [n.id, n])), groups = new Map(written(blueprint.groups).map((g) => [g.path, g]))
  const parent = new Map()
  for (const group of groups.values()) for (const member of group.members) parent.set(member, group.path)
  const inside = (path) => groups.has(path) ? groups.get(path).members.flatMap(inside) : [path]
  const leaves = new Map([...groups.keys()].map((path) => [path, inside(path)]))
  const order = new Map(listed.map((n, i) => [n.id, i])), edges = blueprint.edges.map(([a, b]) => [listed[a].id, listed[b].id])
  const often = new Map([...leaves].map(([path, ids]) => [path, path ? common(ids.map((id) => nodes.get(id).times)) : 1]))
  return { nodes, groups, parent, leaves, order, often, edges, links: blueprint.links }
}

const common = (times) => (times.every((each) => each === times[0]) ? times[0] : 1) // how often a block runs: as all in it do

// The blocks around a node or block, innermost first.
export function around(book, id) {
  const found = []
  for (let path = book.parent.get(id); path; path = book.parent.get(path)) found.push(path)
  return found
}

// Blocks by the work they do, one of each sort, as long as the picture stays small and its words can be read.
export function openedAtFirst(book, fitsPage) {
  const open = new Set(), sorts = new Set()
  const shown = (path) => { const { members } = book.groups.get(path), again = new Set(members.flatMap((each) => book.groups.get(each)?.repeats ?? [])); return members.filter((each) => !again.has(each)) }
  const sort = (path) => `${book.groups.get(path).type} ${[...new Set(book.groups.get(path).members.map((each) => (book.groups.get(each) ?? book.nodes.get(each)).type ?? book.nodes.get(each).op))].sort()}`
  const weight = ({ macs, parameters, repeats }) => (macs + parameters) * (1 + repeats.length)
  const blocks = (path) => shown(path).filter((each) => book.groups.has(each))
  let many = shown("").length, closed = blocks("")
  for (;;) {
    const sums = new Map()
    for (const path of closed) sums.set(sort(path), (sums.get(sort(path)) ?? 0) + weight(book.groups.get(path)))
    const fits = (path) => !sorts.has(sort(path)) && !book.groups.get(path).shared && book.groups.get(path).alike === 1 && many + more(path) <= OPENED_AT_FIRST
    const more = (path) => shown(path).length - 1 + (book.groups.get(path).repeats.length ? 1 : 0)
    const best = closed.filter(fits).sort((a, b) => sums.get(sort(b)) - sums.get(sort(a)))[0]
    if (best === undefined) return open
    sorts.add(sort(best))
    open.add(best)
    if (!fitsPage(visible(book, open))) { open.delete(best); continue }
    many += more(best)
    closed = closed.flatMap((path) => (path === best ? blocks(path) : [path]))
  }
}

// {items: [{id, type: node|fold|block, parent, …}], edges, owner}: what stands on the page.
export function visible(book, open) {
  const items = [], owner = new Map()
  const own = (path, by) => { for (const leaf of book.leaves.get(path)) owner.set(leaf, by) }
  const times = (path, parent) => book.often.get(path) / book.often.get(parent)
  const unfold = (path, rest, parent) => {
    const group = book.groups.get(path)
    if (open.has(path) && group.alike > 1) { // side by side and reading the same: a grid, and the edges end at its frame
      own(path, path)
      const cells = group.members.map((id) => ({ id, type: "node", parent: path, node: book.nodes.get(id), count: 1, cell: true }))
      items.push({ id: path, type: "block", parent, group, cells }, ...cells)
      return
    }
    if (open.has(path)) {
      items.push({ id: path, type: "block", parent, group, count: times(path, parent) })
      walk(group.members, path)
      if (rest.length) unfold(rest[0], rest.slice(1), parent)
      return
    }
    for (const each of [path, ...rest]) own(each, path)
    const alike = group.alike > 1 // its layers stand side by side: one sheet each, and their numbers are its own
    items.push({ id: path, type: "fold", parent, group, count: alike ? group.alike : (rest.length + 1) * times(path, parent), sums: alike || !rest.length, last: book.groups.get(rest.at(-1) ?? path) })
  }
  const walk = (members, parent) => {
    const folded = new Set()
    for (const member of members) {
      if (folded.has(member)) continue
      const group = book.groups.get(member)
      if (group) { group.repeats.forEach((each) => folded.add(each)); unfold(member, group.repeats, parent) }
      else { owner.set(member, member); items.push({ id: member, type: "node", parent, node: book.nodes.get(member), count: book.nodes.get(member).times / book.often.get(parent), sums: true }) }
    }
  }
  walk(book.groups.get("").members, "")
  const edges = [...edgesOf(book, owner), ...linksOf(book, owner, open)]
  const inside = new Set(book.edges.filter(([a, b]) => owner.get(a) === owner.get(b) && !(book.order.get(a) < book.order.get(b))).map(([a]) => owner.get(a)))
  for (const item of items) {
    item.loop = inside.has(item.id)
    item.reads = edges.filter((edge) => edge.stub && edge.to === item.id)
    item.goes = edges.filter((edge) => edge.stub && edge.from === item.id)
  }
  return { items, owner, edges }
}

export const tooMany = (book, open) => visible(book, open).items.length > MOST_VISIBLE

function edgesOf(book, owner) {
  const found = new Map()
  for (const [a, b] of book.edges) {
    const from = owner.get(a), to = owner.get(b)
    if (from !== to && !found.has(`${from}\n${to}`)) found.set(`${from}\n${to}`, { from, to, shape: labelShape(book.nodes.get(a)), loop: book.order.get(a) >= book.order.get(b), crosses: book.parent.get(from) !== book.parent.get(to) })
  }
  const edges = [...found.values()], after = follow(edges.filter(flows))
  const loops = edges.filter((edge) => edge.loop)
  for (const edge of loops) edge.stub = loops.filter((each) => each.from === edge.from).length > MOST_LOOPS
  for (const edge of edges) edge.skip = !edge.loop && [...(after.get(edge.from) ?? [])].some((next) => next !== edge.to && reaches(after, next, edge.to))
  const rank = ranks(edges.filter(flows)), far = edges.filter((edge) => !edge.loop && (edge.skip || rank(edge.to) - rank(edge.from) > FAR))
  const many = (end) => far.filter(end).length > MOST_FAR
  for (const edge of far) edge.stub = many((each) => each.from === edge.from) || many((each) => each.to === edge.to)
  return edges
}

// Ties that no data flow along, between the visible items that hold their ends: an open block itself, else what owns it.
function linksOf(book, owner, open) {
  const holder = (path) => {
    const leaves = book.leaves.get(path) ?? [...book.nodes.values()].filter((node) => node.path === path).map((node) => node.id)
    const shown = open.has(path) && around(book, path).every((block) => open.has(block))
    return shown ? path : owner.get(leaves[0])
  }
  return book.links.map(([source, target, text]) => ({ from: holder(source), to: holder(target), link: true, text })).filter(({ from, to }) => from !== to)
}

const labelShape = (node) => {
  const same = node.in_shapes.length && String(node.in_shapes[0]) === String(node.out_shape)
  return same ? null : node.out_shape
}

const flows = (edge) => !edge.loop && !edge.link && !edge.stub

function follow(edges) {
  const after = new Map()
  for (const { from, to } of edges) { if (!after.has(from)) after.set(from, new Set()); after.get(from).add(to) }
  return after
}

// How many edges lead to each, at most, one after the other.
function ranks(edges) {
  const before = follow(edges.map(({ from, to }) => ({ from: to, to: from }))), found = new Map()
  const rank = (id) => {
    if (!found.has(id)) { found.set(id, 0); found.set(id, Math.max(0, ...[...(before.get(id) ?? [])].map((each) => 1 + rank(each)))) }
    return found.get(id)
  }
  return rank
}

function reaches(after, from, to) {
  const seen = new Set([from]), queue = [from]
  while (queue.length) for (const next of after.get(queue.pop()) ?? []) {
    if (next === to) return true
    if (!seen.has(next)) { seen.add(next); queue.push(next) }
  }
  return false
}

// Left to right up to 13 ranks where it fits the width, else top to bottom. Small glyph nodes count half.
export function direction(seen, width) {
  const after = follow(seen.edges.filter(flows)), ranks = new Map(), weight = new Map(seen.items.map((i) => [i.id, isCompact(i) ? 0.5 : 1]))
  const depth = (id) => {
    if (!ranks.has(id)) { ranks.set(id, 0); ranks.set(id, (weight.get(id) ?? 1) + Math.max(0, ...[...(after.get(id) ?? [])].map(depth))) }
    return ranks.get(id)
  }
  const deepest = Math.max(0, ...seen.items.map((item) => depth(item.id)))
  return deepest <= MOST_RANKS && width >= Math.max(500, ROOM * deepest) ? "LR" : "TB"
}

// About how wide it gets from left to right: boxes, gaps and frames along the longest way.
export function breadth(seen) {
  const after = new Map(), items = new Map(seen.items.map((item) => [item.id, item])), found = new Map()
  for (const edge of seen.edges.filter(flows)) after.set(edge.from, [...(after.get(edge.from) ?? []), edge])
  const from = (id) => {
    if (!found.has(id)) {
      found.set(id, 0)
      const item = items.get(id), w = item.cells ? grid(item).size[0] : size(item)[0]
      found.set(id, w + Math.max(0, ...(after.get(id) ?? []).map((edge) => from(edge.to) + (edge.shape && !edge.skip ? 42 : 15) + (edge.crosses ? 24 : 0))))
    }
    return found.get(id)
  }
  return Math.max(0, ...seen.items.filter((item) => item.type !== "block" || item.cells).map((item) => from(item.id)))
}

export const isSign = (item) => item.type === "node" && SIGNS.has(item.node.label) && !item.node.parameters && item.count === 1
export const isInput = (item) => item.type === "node" && item.node.op === "input"
export const isCompact = (item) => item.type === "node" && !item.node.parameters && COMPACT.has(item.node.kind) && !isInput(item) && !isSign(item) && item.count === 1

// The shape as [channels, space]: [6, "28²"], [84, ""].
export function shapeParts(shape) {
  if (shape.length === 3) return [String(shape[0]), shape[1] === shape[2] ? `${shape[1]}²` : `${shape[1]}×${shape[2]}`]
  return [shape.join("·") || "1", ""]
}

const pen = typeof document === "undefined" ? null : document.createElement("canvas").getContext("2d")
const wide = (text, weight, size) => { pen.font = `${weight} ${size}px "Source Sans", sans-serif`; return pen.measureText(text).width }

// What stands in a box: its name (of a row of blocks folded into one: the first and the last) and a line below.
export function nameOf(item) {
  if (item.type === "node") return item.node.label
  const { title } = item.group, last = item.last?.title.match(/ (\d+)(, .*)?$/)
  return last && item.last !== item.group ? title.replace(/( \d+)(, .*)?$/, `$1–${last[1]}$2`) : title
}
export const detailOf = (item) => ((item.node ?? item.group).shared ? "shared, counted once" : item.node ? item.node.detail : item.group.detail || sized(item.group))
const sized = ({ parameters, members }) => (parameters ? `${short(parameters)} parameters` : `${members.length} operations`)

export function size(item) {
  if (isSign(item)) return [24, 24]
  if (isInput(item)) return [Math.max(44, wide(nameOf(item), 400, 12) + 16), 42]
  if (isCompact(item)) return [Math.max(32, wide(nameOf(item), 400, CAPTION) + 10), 42]
  const width = Math.max(78, (item.type === "fold" ? 54 : 38) + wide(nameOf(item), 600, 13.5), 20 + wide(detailOf(item), 400, 12.5))
  return item.count > 1 ? [width + 14, 58 + 30] : [width, 58]
}

// The words over an open block.
export const headOf = (item) => `${item.group.title} · ${detailOf(item)}${item.count > 1 ? ` × ${item.count}` : ""}`

export const CAPTION = 11
const GAP = 10, HEAD = 36, ROWS = 4

// A grid of at most four rows: its own size, that of a cell, and how many columns it has.
function grid(item) {
  const sizes = item.cells.map(size), w = Math.max(...sizes.map(([each]) => each)), columns = Math.ceil(item.cells.length / ROWS)
  const rows = Math.ceil(item.cells.length / columns), title = wide(headOf(item), 600, 15) + 50
  return { w, h: 58, columns, size: [Math.max(title, columns * (w + GAP) + GAP), HEAD + rows * (58 + GAP)] }
}

function fill(boxes, item) {
  const box = boxes.get(item.id), { w, h, columns } = grid(item)
  const left = box.x - (columns * (w + GAP) - GAP) / 2 + w / 2, top = box.y - box.h / 2 + HEAD + h / 2
  item.cells.forEach((cell, i) => boxes.set(cell.id, { x: left + (i % columns) * (w + GAP), y: top + Math.floor(i / columns) * (h + GAP), w, h }))
}

// What stands for an item in DOT: itself, or for an open block its first node and the frame to end at.
function end(seen, place, id, side) {
  let item = seen.items[place.get(id)], frame = ""
  if (item.type === "block" && !item.cells) frame = `${side}=cluster_${place.get(id)},`
  while (item.type === "block" && !item.cells) item = seen.items.find((each) => each.parent === item.id)
  return [place.get(item.id), frame]
}

const inches = (pixels) => (pixels / 72).toFixed(4)

export function dot(seen, rankdir) {
  const place = new Map(seen.items.map((item, i) => [item.id, i])), lines = []
  const write = (parent) => {
    for (const item of seen.items.filter((each) => each.parent === parent)) {
      if (item.cell) continue
      if (item.type === "block" && !item.cells) {
        const title = Math.ceil(wide(headOf(item), 600, 14)) + 46
        lines.push(`subgraph cluster_${place.get(item.id)}{margin=14;label=<<table border="0" cellspacing="0" cellpadding="0"><tr><td fixedsize="true" width="${title}" height="24"></td></tr></table>>;`)
        write(item.id)
        lines.push("}")
      } else {
        const [w, h] = item.cells ? grid(item).size : size(item)
        lines.push(`n${place.get(item.id)}[width=${inches(w)},height=${inches(h)}];`)
      }
    }
  }
  write("")
  for (const [i, { from, to, skip, shape, loop, crosses, link, stub }] of seen.edges.entries()) {
    if (stub) continue
    if (link) {
      const [tail, ltail] = end(seen, place, from, "ltail"), [head, lhead] = end(seen, place, to, "lhead")
      lines.push(`n${tail}->n${head}[id=${i},${ltail}${lhead}constraint=false];`)
      continue
    }
    const length = (shape && rankdir === "LR" ? 3 : shape ? 2 : 1) + (crosses && shape && rankdir === "LR" ? 1 : 0)
    lines.push(`n${place.get(from)}->n${place.get(to)}[id=${i},${loop ? "constraint=false" : `weight=${skip ? 1 : 20},minlen=${skip ? 1 : length}`}];`)
  }
  return `digraph{rankdir=${rankdir};compound=true;nodesep=.32;ranksep=.17;splines=spline;node[shape=box,fixedsize=true,label=""];edge[arrowhead=none];${lines.join("")}}`
}

// Graphviz's JSON as {width, height, boxes: Map(id → {x, y, w, h} with x, y the middle), paths: Map(place of the edge → [[x, y], …])}.
export function read(json, seen) {
  const found = JSON.parse(json), [, , width, whole] = found.bb.split(",").map(Number), boxes = new Map()
  const room = seen.edges.some((edge) => edge.stub) ? 20 : 0, height = whole + room // for ends of lines over and below
  for (const object of found.objects ?? []) {
    const item = seen.items[Number(object.name.replace(/^\D+/, ""))]
    if (object.pos) {
      const [x, y] = object.pos.split(",").map(Number)
      boxes.set(item.id, { x, y: height - y, w: 72 * object.width, h: 72 * object.height })
    } else if (object.bb) {
      const [x0, y0, x1, y1] = object.bb.split(",").map(Number)
      boxes.set(item.id, { x: (x0 + x1) / 2, y: height - (y0 + y1) / 2, w: x1 - x0, h: y1 - y0 })
    }
  }
  for (const item of seen.items) if (item.cells) fill(boxes, item)
  const paths = new Map((found.edges ?? []).map((edge) => {
    const points = edge.pos.split(" ").filter((p) => !/^[es]/.test(p)).map((p) => p.split(",").map(Number)).map(([x, y]) => [x, height - y])
    return [Number(edge.id), points]
  }))
  return { width, height: height + room, boxes, paths }
}
