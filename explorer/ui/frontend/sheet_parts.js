// The parts of a sheet that stand still: tiles, tables as colours, bars, words and numbers.
import { colour, escape, legible, paint, percent } from "./kit.js"
import { picture } from "./maps.js"

// Numbers as people write them: a minus that is one, no needless digits.
export const written = (v, digits = 3) => !Number.isFinite(v) ? "–" : (Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(1) : String(Number(v.toPrecision(digits)))).replace("-", "−")

export function tiles(body, part, view) {
  const { values, shape } = view.array(part.array), size = values.length / Math.max(1, shape[0]), [height, width] = shape.slice(1)
  body.style.gridTemplateColumns = part.columns ? `repeat(${part.columns}, max-content)` : ""
  body.classList.toggle("free", !part.columns)
  scrolls(body, part, Boolean(part.columns))
  const wide = Math.round((part.side * width) / Math.max(height, width)), high = Math.round((part.side * height) / Math.max(height, width))
  body.replaceChildren(...Array.from({ length: shape[0] }, (_, i) => {
    const tile = document.createElement(part.pick ? "button" : "div"), canvas = document.createElement("canvas")
    const said = [part.labels[i], ...part.boxes.filter((box) => box.tile === i).map((box) => box.text)].filter(Boolean).join(", ") || `${part.title} ${i + 1}`
    tile.className = "tile"
    tile.style.width = `${Math.max(wide + 2, part.labels.length ? 40 : 0)}px`
    if (part.pick) { tile.type = "button"; tile.setAttribute("aria-label", said); tile.setAttribute("aria-pressed", i === part.chosen); tile.onclick = () => view.ask({ [part.pick]: i }) }
    canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", said)
    canvas.style.width = `${wide}px`; canvas.style.height = `${high}px`
    tiled(canvas, values.subarray(i * size, (i + 1) * size), shape.slice(1), part.colours, view.theme)
    const frame = document.createElement("span")
    frame.className = "frame"
    frame.append(canvas)
    for (const box of part.boxes) if (box.tile === i) frame.append(boxed(box, width, height))
    tile.append(frame)
    if (part.labels[i]) tile.append(Object.assign(document.createElement("small"), { textContent: part.labels[i] }))
    return tile
  }))
}

// What may be wider than the page can be scrolled with the keyboard too.
export function scrolls(body, part, may = true) {
  if (!may) { for (const each of ["tabindex", "role", "aria-label"]) body.removeAttribute(each); return }
  body.tabIndex = 0
  body.setAttribute("role", "region")
  body.setAttribute("aria-label", part.title || "figure")
}

// Bytes of a tile through its colours: pictures as they are, numbers through a map; signed bytes have zero at 128.
export function tiled(canvas, values, shape, colours, theme) {
  if (colours === "ink" || shape.length === 3) picture(canvas, { values, shape }, theme)
  else paint(canvas, values, shape[0], shape[1], colours, theme, colours === "signed" ? 1 : 0, 255)
}

function boxed({ box: [left, top, right, bottom], text, dashed, hand }, width, height) {
  const mark = document.createElement("i")
  const edges = `${left > 0.7 * width ? " east" : ""}${top < 0.1 * height ? " north" : ""}` // where words would leave the picture
  mark.className = `box${dashed ? " dashed" : ""}${hand ? " hand" : ""}${edges}`
  Object.assign(mark.style, { left: `${(100 * left) / width}%`, top: `${(100 * top) / height}%`, width: `${(100 * (right - left)) / width}%`, height: `${(100 * (bottom - top)) / height}%` })
  if (text) mark.innerHTML = `<em>${escape(text)}</em>`
  return mark
}

export function heat(body, part, view) {
  const { values, shape } = view.array(part.array), [rows, columns] = shape, cell = part.cell
  const name = (i) => part.rows[i] ?? String(i + 1), column = (j) => part.columns[j] ?? String(j + 1)
  body.innerHTML = `<div class="table" tabindex="0" role="region" aria-label="${escape(part.title || "table")}"><div class="rows"></div><div class="field"><canvas role="img"></canvas><i class="at" hidden></i></div><span></span><div class="columns"></div></div><output class="says" aria-live="off">&nbsp;</output>`
  const canvas = body.querySelector("canvas"), at = body.querySelector(".at"), says = body.querySelector(".says"), most = values.reduce((best, v, i) => (v > values[best] ? i : best), 0)
  canvas.style.width = `${columns * cell}px`; canvas.style.height = `${rows * cell}px`
  paint(canvas, values, rows, columns, part.colours === "ink" ? "ink" : part.colours, view.theme, part.low, part.high)
  canvas.setAttribute("aria-label", `${part.title}: ${rows} rows, ${columns} columns; the largest, ${written(values[most])}, at ${name(Math.floor(most / columns))}, ${column(most % columns)}`)
  body.querySelector(".rows").innerHTML = part.rows.map((each, i) => `<${part.pick ? `button type="button" data-row="${i}" aria-pressed="${i === part.chosen}"` : "span"} style="height:${cell}px;font-size:${Math.min(12, cell)}px">${escape(each)}</${part.pick ? "button" : "span"}>`).join("")
  const upright = part.columns.every((each) => each.length <= Math.max(1, Math.floor(cell / 7)))
  body.querySelector(".columns").innerHTML = part.columns.map((each) => `<span class="${upright ? "" : "turned"}" style="width:${cell}px;font-size:${Math.min(12, cell)}px">${escape(each)}</span>`).join("")
  if (part.pick) body.querySelectorAll("[data-row]").forEach((row) => { row.onclick = () => view.ask({ [part.pick]: Number(row.dataset.row) }) })
  canvas.onpointermove = (event) => {
    const box = canvas.getBoundingClientRect(), j = Math.floor(((event.clientX - box.left) / box.width) * columns), i = Math.floor(((event.clientY - box.top) / box.height) * rows)
    if (i < 0 || j < 0 || i >= rows || j >= columns) return
    says.textContent = `${name(i)}, ${column(j)}: ${written(values[i * columns + j])}`
    at.hidden = false
    Object.assign(at.style, { left: `${j * cell}px`, top: `${i * cell}px`, width: `${cell}px`, height: `${cell}px` })
  }
  canvas.onpointerleave = () => { at.hidden = true; says.innerHTML = "&nbsp;" }
}

export function bars(body, part, view) {
  const most = part.most || Math.max(1e-12, ...part.values.map(Math.abs)), tag = part.pick ? "button" : "div"
  body.innerHTML = part.values.map((v, i) => `<${tag} class="bar${i === part.hand ? " hand" : ""}${v < 0 ? " below" : ""}" ${part.pick ? `type="button" data-bar="${i}"` : ""}><b>${escape(part.names[i])}</b><span class="way"><i style="width:${Math.min(100, (100 * Math.abs(v)) / most)}%"></i></span><span>${part.shares ? percent(v, v < 0.0995 && v > 0.0005 ? 1 : 0) : written(v, part.digits)}</span></${tag}>`).join("")
  body.querySelectorAll("[data-bar]").forEach((bar) => { bar.onclick = () => view.ask({ [part.pick]: Number(bar.dataset.bar) }) })
}

export function words(body, part, view) {
  body.classList.toggle("code", part.code)
  const low = part.colours === "signed" ? -1 : 0
  body.innerHTML = part.pieces.map((said, i) => {
    const piece = part.code ? said.replace(/^\n|(?<=[^↵])\n/, "↵\n") : said // an end of line is a character too
    const ground = part.values.length ? colour((part.values[i] - low) / (1 - low), part.colours, view.theme) : ""
    const style = ground ? `style="background:${ground};color:${legible(ground)}"` : ""
    const tip = part.tips[i] ? ` title="${escape(part.tips[i])}"` : ""
    return part.pick ? `<button type="button" data-word="${i}" aria-pressed="${i === part.chosen}" ${style}${tip}>${escape(piece)}</button>` : `<span ${style}${tip}>${escape(piece)}</span>`
  }).join("")
  body.querySelectorAll("[data-word]").forEach((word) => { word.onclick = () => view.ask({ [part.pick]: Number(word.dataset.word) }) })
}

export function numbers(body, part) {
  body.innerHTML = part.figures.map(([name, value, note]) => `<div><span>${escape(name)}</span><b>${escape(value)}</b><small>${escape(note)}</small></div>`).join("")
}
