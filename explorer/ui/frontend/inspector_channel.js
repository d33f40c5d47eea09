// The lower half of Look inside: one channel with the maps that feed it, and one cell as patch × kernel.
import { colour, escape, glyphSvg, paint, signed, legible } from "./kit.js"
import { cellOf, firstMap, geometry, kernel, patch, share, term } from "./inspector_cells.js"
import { show, title } from "./inspector.js"

const ROWS = 8, WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
const word = (n) => WORDS[n] ?? String(n)
const tall = 51

export function showChannel(view) {
  const { layer } = view, g = geometry(layer), [y, x] = view.cell, c = view.channel
  const terms = Array.from({ length: g.each }, (_, i) => term(layer, c, i, y, x))
  const shown = strongest(terms)
  if (!view.touched || !shown.includes(view.map)) view.map = shown.reduce((best, i) => (Math.abs(terms[i]) > Math.abs(terms[best]) ? i : best), shown[0])
  const key = [view.path, shown.length, g.rows, g.columns, g.kh, g.kw].join()
  if (view.channelKey !== key) { view.channelKey = key; frame(view, shown.length) }
  rows(view, shown, terms)
  channel(view)
  showCell(view, terms)
}

// The input maps with the largest shares, in their own order.
function strongest(terms) {
  const order = terms.map((_, i) => i).sort((a, b) => Math.abs(terms[b]) - Math.abs(terms[a]))
  return order.slice(0, ROWS).sort((a, b) => a - b)
}

function frame(view, count) {
  const one = `<div class="line"><button type="button" class="feeds"><span class="seen"><canvas></canvas><i></i></span><span aria-hidden="true">∗</span><canvas class="kernel"></canvas>
    <span aria-hidden="true" class="arrow">→</span><canvas class="share"></canvas><b></b></button></div>`
  view.channelAt.innerHTML = `<h3><span class="disc">2</span><span></span></h3><div class="flow"><div class="lines">${one.repeat(count)}</div>
    <svg class="joins" width="100" height="${Math.max(96, count * tall)}" aria-hidden="true"></svg>
    <div class="result"><div class="heading"></div><div class="big" tabindex="0" role="application"><canvas></canvas><i></i></div><div class="value hand"></div></div></div><p class="caption"></p>`
  view.lines = [...view.channelAt.querySelectorAll(".line")]
  view.lines.forEach((line, at) => line.firstChild.addEventListener("click", () => { view.touched = true; view.map = view.shown[at]; show(view) }))
  const big = view.channelAt.querySelector(".big")
  big.addEventListener("pointermove", (event) => point(view, big, event))
  big.addEventListener("pointerdown", (event) => point(view, big, event))
  big.addEventListener("keydown", (event) => move(view, event))
}

function point(view, big, event) {
  const box = big.querySelector("canvas").getBoundingClientRect(), g = geometry(view.layer)
  const inside = (part, size, count) => Math.max(0, Math.min(count - 1, Math.floor(part / size * count)))
  view.touched = true
  view.cell = [inside(event.clientY - box.top, box.height, g.rows), inside(event.clientX - box.left, box.width, g.columns)]
  show(view)
}

function move(view, event) {
  const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
  if (!by) return
  event.preventDefault()
  const g = geometry(view.layer)
  view.touched = true
  view.cell = [Math.max(0, Math.min(g.rows - 1, view.cell[0] + by[0])), Math.max(0, Math.min(g.columns - 1, view.cell[1] + by[1]))]
  show(view)
  view.status.textContent = `Row ${view.cell[0] + 1}, column ${view.cell[1] + 1}: ${cellOf(view.layer, "left", view.channel, ...view.cell).toFixed(2)}`
}

function rows(view, shown, terms) {
  view.shown = shown
  const { layer, theme } = view, g = geometry(layer), c = view.channel, base = firstMap(layer, c)
  const [sy, sx] = layer.stride, [py, px] = layer.padding, [dy, dx] = layer.dilation, [y, x] = view.cell
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
  const weights = Math.max(...shown.map((i) => largest(kernel(layer, c, i)))), key = [view.path, c, shown.join(), view.data.origin_id, theme, view.data.step].join()
  const fresh = view.shareKey !== key
  if (fresh) { view.shareKey = key; view.shares = shown.map((i) => share(layer, c, i)) }
  const scale = fresh ? (view.shareScale = Math.max(...view.shares.map(largest))) : view.shareScale, seenScale = largest(layer.inputs.values)
  const below = layer.inputs.values.some((value) => value < 0)
  shown.forEach((i, at) => {
    const line = view.lines[at], canvases = line.querySelectorAll("canvas"), box = line.querySelector("i"), size = g.height * g.width
    const values = layer.inputs.values.subarray((base + i) * size, (base + i + 1) * size)
    if (fresh) {
      paint(canvases[0], values, g.height, g.width, below ? "signed" : "magnitude", theme, below ? -seenScale : 0, seenScale)
      paint(canvases[1], kernel(layer, c, i), g.kh, g.kw, "signed", theme, -weights, weights)
      paint(canvases[2], view.shares[at], g.rows, g.columns, "signed", theme, -scale, scale)
    }
    const span = ([top, height]) => [Math.max(0, top), Math.min(height, top < 0 ? height + top : height)]
    const [top, high] = span([y * sy - py, (g.kh - 1) * dy + 1]), [left, wide] = span([x * sx - px, (g.kw - 1) * dx + 1])
    Object.assign(box.style, { top: `${100 * top / g.height}%`, height: `${100 * Math.min(high, g.height - top) / g.height}%`, left: `${100 * left / g.width}%`, width: `${100 * Math.min(wide, g.width - left) / g.width}%` })
    line.querySelector("b").textContent = signed(terms[i])
    line.firstChild.setAttribute("aria-pressed", String(i === view.map))
    const source = layer.sees_picture && g.each === 3 ? COLOURS[i] : `input map ${base + i + 1}`
    line.firstChild.setAttribute("aria-label", `${source}: adds ${signed(terms[i])}`)
    line.firstChild.title = source
  })
  joins(view, shown)
  const { one, cell } = nouns(view), fed = layer.sees_picture ? colours(layer) : `the ${shown.length === g.each ? word(g.each) : `${word(shown.length)} of the ${g.each}`} map${g.each === 1 ? "" : "s"} that feed${g.each === 1 ? "s" : ""} it`
  view.channelAt.querySelector("h3 span:last-child").textContent = `One ${one}, and ${flat(layer) && !layer.sees_picture && g.each === 1 ? `the ${g.kw} numbers that feed it` : fed}`
  const adds = g.rows * g.columns > 1 ? `${g.each === 1 ? "The picture is convolved with one kernel, and a bias is added." : `Each ${layer.sees_picture ? "colour" : "map"} is convolved with a kernel of its own; the results and one bias are added up.`}` : "Every number is multiplied by a weight of its own; the products and one bias are added up."
  view.channelAt.querySelector(".caption").textContent = shown.length === g.each ? adds : `Shown are the ${word(shown.length)} maps with the largest shares in this ${cell}; the sum is over all ${g.each}.`
}

// A layer whose inputs have no height: a row of numbers.
const flat = (layer) => layer.inputs.shape[1] === 1
const colours = (layer) => (geometry(layer).each === 1 ? "the picture that feeds it" : "the picture’s three colours")
const COLOURS = ["red", "green", "blue"]

// A layer of one cell a channel is a layer of neurons.
function nouns(view) {
  const g = geometry(view.layer)
  return g.rows * g.columns === 1 ? { one: "neuron", cell: "neuron" } : { one: "channel", cell: "cell" }
}

function joins(view, shown) {
  const middle = Math.max(96, shown.length * tall) / 2, offset = middle - shown.length * tall / 2, bias = view.layer.biases.values[view.channel - view.layer.first]
  const lines = shown.map((i, at) => {
    const from = offset + at * tall + tall / 2, hand = i === view.map
    return `<path d="M0 ${from}C40 ${from} 16 ${middle} 46 ${middle}" fill="none" stroke-width="${hand ? 2 : 1}" style="stroke:var(${hand ? "--hand" : "--line2"})"/>`
  }).join("")
  view.channelAt.querySelector(".joins").innerHTML = `${lines}<circle cx="57" cy="${middle}" r="11" style="fill:var(--surface);stroke:var(--text)"/>
    <text x="57" y="${middle + 5}" text-anchor="middle" style="fill:var(--text);font:600 13px var(--sans)">Σ</text>
    <text x="57" y="${middle + 30}" text-anchor="middle" style="fill:var(--text2);font:12px var(--sans)">bias ${signed(bias)}</text>
    <path d="M68 ${middle}H94m-6 -4l6 4l-6 4" fill="none" style="stroke:var(--text2)"/>`
}

function channel(view) {
  const { layer, theme } = view, g = geometry(layer), c = view.channel, [y, x] = view.cell, size = g.rows * g.columns
  const values = layer.left.values.subarray((c - layer.first) * size, (c - layer.first + 1) * size)
  let low = 0, most = 1e-6
  for (const value of values) { low = Math.min(low, value); most = Math.max(most, Math.abs(value)) }
  const big = view.channelAt.querySelector(".big"), box = big.querySelector("i"), wide = g.rows * g.columns === 1 ? 64 : 150
  paint(big.querySelector("canvas"), values, g.rows, g.columns, low < 0 ? "signed" : "magnitude", theme, low < 0 ? -most : 0, most)
  Object.assign(big.style, { width: `${wide}px`, height: `${Math.max(14, wide * g.rows / g.columns)}px` })
  Object.assign(box.style, { left: `${100 * x / g.columns}%`, top: `${100 * y / g.rows}%`, width: `${100 / g.columns}%`, height: `${100 / g.rows}%` })
  const sum = cellOf(layer, "sums", c, y, x), left = cellOf(layer, "left", c, y, x), after = view.data.layers[layer.layer].follows
  const name = channelName(view, c)
  view.channelAt.querySelector(".heading").innerHTML = `${after.length ? `${glyphSvg("activation")} ${after.join(", ")} · ` : ""}${name}`
  view.channelAt.querySelector(".value").textContent = after.length ? `this ${nouns(view).cell}: ${signed(sum)} → ${left.toFixed(2).replace("-", "−")}` : `this ${nouns(view).cell}: ${signed(sum)}`
  big.setAttribute("aria-label", `${name}. Arrow keys choose a cell.`)
}

// The last layer with weights may have a channel for each class, or one more, for none of them.
function channelName(view, c) {
  const { layer } = view, { layers, classes } = view.data, count = `${nouns(view).one} ${c + 1} of ${layer.channels}`
  const answers = layers.findLastIndex((each) => each.weighted) === layer.layer && [0, 1].includes(layer.channels - classes.length)
  return answers ? `“${escape(classes[c] ?? "none of them")}” · ${count}` : count
}

// ---- 3: one cell ---------------------------------------------------------------------------------------------------------

function showCell(view, terms) {
  const { layer } = view, g = geometry(layer), [y, x] = view.cell
  const cells = patch(layer, firstMap(layer, view.channel) + view.map, y, x), weights = kernel(layer, view.channel, view.map)
  const key = [g.kh, g.kw, view.path, layer.sees_picture].join()
  if (view.cellKey !== key) { view.cellKey = key; frameCell(view, g) }
  const most = (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6)
  fill(view, view.cellAt.querySelector(".patch"), cells.map((cell) => cell.value), most(layer.inputs.values), cells)
  fill(view, view.cellAt.querySelector(".weights"), [...weights], most(weights))
  if (view.pointed >= cells.length) view.pointed = -1
  const at = view.pointed >= 0 ? view.pointed : cells.reduce((best, cell, i) => (Math.abs(cell.value * weights[i]) > Math.abs(cells[best].value * weights[best]) ? i : best), 0)
  const line = `${cells[at].value.toFixed(5).replace("-", "−")} × ${signed(weights[at], 5)} = ${signed(cells[at].value * weights[at], 3)}`
  view.cellAt.querySelector(".pointed").textContent = `${view.pointed >= 0 ? "pointed at" : "the largest"}: ${line}${cells[at].inside ? "" : " (padding)"}`
  view.cellAt.querySelectorAll(".grid").forEach((grid) => [...grid.children].forEach((cell, i) => cell.classList.toggle("at", i === at)))
  view.cellAt.querySelector(".sum").textContent = signed(terms[view.map])
  view.cellAt.querySelector(".of").textContent = g.each === 1 ? "added up" : `one of ${word(g.each)} terms`
  const bias = layer.biases.values[view.channel - layer.first], total = cellOf(layer, "sums", view.channel, y, x)
  view.cellAt.querySelector(".total").textContent = `all terms ${signed(terms.reduce((a, b) => a + b, 0))}, bias ${signed(bias)}: ${signed(total)}`
}

function frameCell(view, g) {
  const wrapped = g.kh === 1 && g.kw > 12 ? 8 : g.kw, size = Math.max(Math.ceil(g.kh * g.kw / wrapped), wrapped), side = Math.max(4, Math.floor(Math.min(34, 170 / size))), dense = size > 8
  const cells = "<div></div>".repeat(g.kh * g.kw)
  const grid = (name) => `<div class="grid ${name} ${dense ? "dense" : ""}" tabindex="0" role="application" aria-label="${name}: arrow keys choose a product" style="grid-template-columns:repeat(${wrapped},${side}px);grid-auto-rows:${side}px">${cells}</div>`
  view.cellAt.innerHTML = `<h3><span class="disc">3</span>${g.rows * g.columns === 1 ? `One neuron of ${escape(title(view.data.layers[view.layer.layer]))}: input × weight` : "One cell: patch × kernel"}</h3><div class="product"><div><div class="name">${g.rows * g.columns === 1 ? "input" : "patch"}</div>${grid("patch")}</div><span class="times">×</span>
    <div><div class="name">${g.rows * g.columns === 1 ? "weights" : "kernel"}</div>${grid("weights")}</div><span class="times">=</span><div><div class="name">${g.each === 1 ? "all products" : "one term"}</div><div class="sum hand"></div><div class="of"></div></div></div>
    <p class="pointed hand num"></p><p class="total num"></p><p class="caption">${footnote(view.layer)}</p>`
  for (const grid of view.cellAt.querySelectorAll(".grid")) {
    grid.addEventListener("pointerover", (event) => { if (event.target !== grid) choose(view, [...grid.children].indexOf(event.target)) })
    grid.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -wrapped, ArrowDown: wrapped, ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (!by) return
      event.preventDefault()
      choose(view, Math.max(0, Math.min(g.kh * g.kw - 1, Math.max(0, view.pointed) + by)))
    })
  }
}

function footnote(layer) {
  const pixels = "Pixels reach the network shifted and scaled, so that their mean over the training pictures is 0 and their spread 1."
  const outside = layer.padding.some((rows) => rows > 0) ? "Hatched cells are padding: zeros around the map." : ""
  return [layer.sees_picture ? pixels : "", outside].filter(Boolean).join(" ")
}

function choose(view, at) {
  view.touched = true
  view.pointed = at
  show(view)
}

function fill(view, grid, values, scale, cells) {
  const dense = grid.classList.contains("dense")
  values.forEach((value, i) => {
    const cell = grid.children[i]
    const ground = colour(0.5 + 0.5 * value / scale, "signed", view.theme)
    cell.style.background = ground
    cell.classList.toggle("outside", Boolean(cells) && !cells[i].inside)
    if (dense) return
    cell.style.color = legible(ground)
    cell.textContent = cells ? value.toFixed(1).replace("-", "−").replace("−0.0", "0.0") : signed(value).replace("0.", ".")
  })
}
