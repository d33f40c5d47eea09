// The sizes of networks: squares of true area on one floor, or bars on a logarithmic scale.
import { count, escape, glyphSvg, legible, rgb, root } from "./kit.js"

const SCALES = [["area", "area"], ["logarithm", "logarithm"]], LADDERS = [["with", "among known ones"], ["without", "alone"]]
const TALLEST = 450, BIG = 58, GAP = 18, LANE = 62, ROW = 25, HEAD = 44, FILL = 0.6
const pen = document.createElement("canvas").getContext("2d")

export default function scale({ parentElement, data, setTriggerValue }) {
  const element = root(parentElement, "scale")
  element.data = data
  element.send = setTriggerValue
  if (!element.watched) {
    element.innerHTML = `<div class="bar">${switcher("ladder", LADDERS, "What stands beside them")}${switcher("scale", SCALES, "Scale")}</div><div class="stage"></div><figcaption></figcaption>`
    element.watched = new ResizeObserver(() => { if (element.clientWidth !== element.width) draw(element) })
    element.watched.observe(element)
    element.addEventListener("click", (event) => press(element, event))
  }
  draw(element)
}

const switcher = (name, options, words) => `<div class="seg" role="group" aria-label="${words}">${options.map(([key, label]) => `<button type="button" data-set="${name}" data-to="${key}">${label}</button>`).join("")}</div>`

function press(element, event) {
  const button = event.target.closest("[data-set]"), link = event.target.closest("[data-id]")
  if (button) {
    element.data = { ...element.data, [button.dataset.set]: button.dataset.to }
    draw(element)
    element.send(button.dataset.set, button.dataset.to)
  } else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault()
    element.send("open", link.dataset.id)
  }
}

function draw(element) {
  const width = (element.width = element.clientWidth), { data } = element
  if (!width) return
  for (const button of element.querySelectorAll("[data-set]")) button.setAttribute("aria-pressed", data[button.dataset.set] === button.dataset.to)
  const shown = data.squares.filter((one) => one.chosen || data.ladder === "with").sort((a, b) => b.parameters - a.parameters)
  const [drawing, caption] = data.scale === "area" ? areas(element, shown, width) : bars(shown, width)
  element.querySelector(".stage").innerHTML = drawing
  element.querySelector("figcaption").innerHTML = caption
}

// ---- true areas ----------------------------------------------------------------------------------------------------------

const wide = (words, weight = 600) => { pen.font = `${weight} 14px "Source Sans", sans-serif`; return pen.measureText(words).width }
const room = (one) => Math.max(wide(one.label), wide(`${one.written} parameters`, 400)) + 10

// The greatest scale (pixels for the root of a parameter) at which large squares on the floor and the column of small ones fit.
function fitting(squares, width) {
  let low = 0, high = TALLEST / Math.sqrt(squares[0].parameters)
  for (let i = 0; i < 50; i++) {
    const k = (low + high) / 2
    if (layout(squares, k, width).fits) low = k
    else high = k
  }
  return layout(squares, high, width).fits ? high : low
}

function layout(squares, k, width) {
  const sized = squares.map((one) => ({ one, side: k * Math.sqrt(one.parameters) }))
  const large = sized.filter(({ side }, i) => side > BIG || i === 0), small = sized.filter((each) => !large.includes(each))
  let x = 0
  for (const each of large) { each.x = x; x += Math.max(each.side, room(each.one)) + GAP }
  const column = small.length ? LANE + 12 + Math.max(...small.map(({ one }) => wide(`${one.label} ${one.written}`) + 20)) : 0
  const high = small.reduce((sum, { side }) => sum + Math.max(ROW, side + 6), 0)
  return { large, small, x, column, high, fits: x + column <= width && sized[0].side <= TALLEST }
}

function areas(element, squares, width) {
  const k = fitting(squares, width), { large, small, x, high } = layout(squares, k, width)
  const ground = Math.max(HEAD + large[0].side, high + 4), style = getComputedStyle(element)
  const drawn = large.map((each) => big(each, ground, style)).join("") + column(small, x, ground)
  const label = `${squares.length} networks as squares of true area: ${squares.map((one) => `${one.name} ${count(one.parameters)}`).join(", ")} parameters.`
  const svg = `<svg width="${width}" height="${ground + 2}" viewBox="0 0 ${width} ${ground + 2}" role="group" aria-label="${escape(label)}"><line class="floor" x1="0" y1="${ground}" x2="${width}" y2="${ground}"/>${drawn}</svg>`
  return [svg, truth(squares, k)]
}

const link = (one, inside) => `<a class="square${one.chosen ? " chosen" : ""}" href="${escape(one.href)}" data-id="${escape(one.id)}" aria-label="${escape(`${one.name}, ${one.year}: ${count(one.parameters)} parameters${one.chosen ? ", chosen by you" : ""}`)}">${inside}</a>`

function big({ one, side, x }, ground, style) {
  const top = ground - side, words = `<text class="name" x="${x}" y="${top - 25}">${escape(one.label)}</text><text x="${x}" y="${top - 8}">${escape(one.written)} parameters</text>`
  let y = top
  const inside = one.bands.map((band) => {
    const high = (side * band.parameters) / one.parameters
    const drawn = `<rect x="${x}" y="${y}" width="${side}" height="${high}" fill="var(--${band.kind})" fill-opacity="${FILL}"/>` + said(band, x, y, side, high, style) + (y > top ? `<line class="cut" x1="${x}" y1="${y}" x2="${x + side}" y2="${y}"/>` : "")
    y += high
    return drawn
  }).join("")
  return link(one, `${words}<rect class="ground" x="${x}" y="${top}" width="${side}" height="${side}"/>${inside}<rect class="frame" x="${x}" y="${top}" width="${side}" height="${side}"/>`)
}

function said(band, x, y, side, high, style) {
  const words = `${band.name}, ${band.written}`
  if (high < 20 || wide(words, 400) > side - 16) return ""
  const over = rgb(style.getPropertyValue(`--${band.kind}`).trim()), under = rgb(style.getPropertyValue("--surface").trim())
  return `<text x="${x + 8}" y="${y + 16}" style="fill:${legible(over.map((c, i) => FILL * c + (1 - FILL) * under[i]))}">${words}</text>`
}

// Small squares in a lane, the largest below, as on a shelf; what is thinner than a pixel is drawn as thin as it is.
function column(small, x, ground) {
  let y = ground
  return small.map(({ one, side }) => {
    const high = Math.max(ROW, side + 6), middle = y - high / 2
    y -= high
    const fill = one.bands.length ? one.bands[0].kind : one.kind
    const words = `<tspan class="name">${escape(one.label)}</tspan> ${escape(one.written)}`
    return link(one, `<rect class="hit" x="${x}" y="${middle - high / 2}" width="${LANE + 150}" height="${high}"/><rect class="dot" x="${x + LANE - side}" y="${middle - side / 2}" width="${side}" height="${side}" style="fill:var(--${fill})"/><text x="${x + LANE + 12}" y="${middle + 4.5}">${words}</text>`)
  }).join("")
}

function truth(squares, k) {
  const pixel = 1 / (k * k), side = (one) => k * Math.sqrt(one.parameters)
  const one = pixel >= 1 ? `one pixel is ${number(pixel)} parameter${pixel >= 1.5 ? "s" : ""}` : `one parameter is ${number(1 / pixel)} pixels`
  const dots = squares.filter((each) => side(each) >= 1 && side(each) < 6), thin = squares.filter((each) => side(each) < 1).at(0), rest = squares.filter((each) => side(each) < 1).length - 1
  const dot = dots.length ? ` ${names(dots)} ${dots.length > 1 ? "are dots" : "is a dot"}.` : ""
  const speck = thin ? ` ${escape(thin.label)} is ${Number(side(thin).toPrecision(2))} pixel wide${rest > 0 ? `, and ${rest === 1 ? "one is" : `${rest} are`} thinner still` : ""}.` : ""
  return `<b>True areas:</b> ${one}.${dot}${speck} <span class="key">The squares you chose, and the largest, are divided by what their layers do.</span>`
}

const names = (many) => many.map((one) => escape(one.label)).join(", ").replace(/, ([^,]*)$/, " and $1")
const number = (x) => x >= 1e9 ? `${Number((x / 1e9).toPrecision(3))} billion` : x >= 1e6 ? `${Number((x / 1e6).toPrecision(3))} million` : x >= 100 ? count(x) : String(Number(x.toPrecision(3)))

// ---- logarithm -----------------------------------------------------------------------------------------------------------

const LINE = 30

function bars(squares, width) {
  const left = Math.min(0.34 * width, Math.max(...squares.map((one) => wide(one.label))) + 40), right = width - 96
  const most = Math.ceil(Math.log10(squares[0].parameters)), at = (n) => left + (Math.log10(Math.max(1, n)) / most) * (right - left), bottom = squares.length * LINE + 8
  const every = (right - left) / most < 44 ? 3 : 1
  const ticks = Array.from({ length: most + 1 }, (_, p) => `<line class="grid" x1="${at(10 ** p)}" y1="0" x2="${at(10 ** p)}" y2="${bottom}"/>` + (p % every ? "" : `<text class="tick" x="${at(10 ** p)}" y="${bottom + 18}" text-anchor="middle">${power(p)}</text>`)).join("")
  const rows = squares.map((one, i) => {
    const y = i * LINE + 8, end = at(one.parameters)
    return link(one, `<rect class="hit" x="0" y="${y - 4}" width="${width}" height="${LINE}"/><g transform="translate(0,${y + 4})">${glyphSvg(one.kind, 13)}</g><text class="name" x="20" y="${y + 15}">${escape(one.label)}</text>
      <rect class="bar" x="${left}" y="${y + 3}" width="${Math.max(1.5, end - left)}" height="15" style="fill:var(--${one.kind})"/><text x="${end + 8}" y="${y + 15}">${escape(one.written)}</text>`)
  }).join("")
  const label = `${squares.length} networks as bars on a logarithmic scale: ${squares.map((one) => `${one.name} ${count(one.parameters)}`).join(", ")} parameters.`
  return [`<svg width="${width}" height="${bottom + 26}" viewBox="0 0 ${width} ${bottom + 26}" role="group" aria-label="${escape(label)}">${ticks}${rows}</svg>`, distortion(squares)]
}

const power = (p) => p < 3 ? count(10 ** p) : `${10 ** (p % 3)}\u2009${["", "k", "M", "B", "T"][Math.floor(p / 3)]}`

function distortion(squares) {
  const first = squares[0], last = squares.at(-1), drawn = Math.log10(first.parameters) / Math.max(0.3, Math.log10(last.parameters))
  const really = first.parameters / last.parameters
  const words = squares.length > 1 ? ` Here ${escape(first.name)} is ${Number(drawn.toPrecision(2))} times as long as ${escape(last.name)}; it really is ${number(really)} times as large.` : ""
  return `<b>Powers of ten:</b> from one line to the next is ten times as many parameters.${words}`
}
