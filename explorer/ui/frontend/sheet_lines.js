// Curves on a sheet: hairlines across, names at the ends of the lines, no box and no legend.
import { escape } from "./kit.js"
import { scrolls, written } from "./sheet_parts.js"

const INKS = ["text", "loss", "convolution", "linear", "recurrent", "attention", "normalisation", "activation"]
const LEFT = 46, RIGHT = 96, TOP = 8, BOTTOM = 30

export function lines(body, part, view) {
  scrolls(body, part)
  const x = view.array(`${part.array}_x`).values, ys = part.names.map((_, i) => view.array(`${part.array}_${i}`).values)
  const seen = [...ys.flatMap((y) => [...y]), ...part.levels.map(([, value]) => value)].filter((v) => Number.isFinite(v) && (!part.log || v > 0))
  if (!seen.length) { body.innerHTML = "<p>No numbers yet.</p>"; return }
  const scale = part.log ? Math.log10 : (v) => v, low = scale(part.low ?? Math.min(...seen)), high = scale(part.high ?? Math.max(...seen)), room = high - low || 1
  const { width, height } = part, wide = width - LEFT - RIGHT, tall = height - TOP - BOTTOM, first = x[0] ?? 0, last = x.at(-1) ?? 1
  const X = (v) => LEFT + ((v - first) / (last - first || 1)) * wide, Y = (v) => TOP + (1 - (scale(v) - low) / room) * tall
  const marks = part.log ? decades(low, high) : ticks(low, high)
  const grid = marks.map((v) => `<line x1="${LEFT}" x2="${LEFT + wide}" y1="${Y(v)}" y2="${Y(v)}" stroke="var(--line)"/><text class="tick" x="${LEFT - 6}" y="${Y(v) + 4}" text-anchor="end">${written(v)}</text>`).join("")
  const levels = part.levels.map(([text, value]) => `<line x1="${LEFT}" x2="${LEFT + wide}" y1="${Y(value)}" y2="${Y(value)}" stroke="var(--text2)" stroke-dasharray="1.5 3"/><text class="tick" x="${LEFT + 4}" y="${Y(value) - 4}">${escape(text)}</text>`).join("")
  const drawn = ys.map((y, i) => `<path d="${path(x, y, X, Y, part.log)}" fill="none" stroke="var(--${INKS[i % INKS.length]})" stroke-width="${part.wide[i] ? 6 : 1.7}" ${part.wide[i] ? 'opacity="0.3"' : ""} ${part.dashed[i] ? 'stroke-dasharray="5 2.5"' : ""}/>`).join("")
  const names = apart(ys.map((y, i) => ({ i, y: Y(final(y, part.log)) })).filter((each) => Number.isFinite(each.y)), height - 6)
    .map(({ i, y }) => `<text x="${LEFT + wide + 6}" y="${y + 4}" style="fill:var(--${INKS[i % INKS.length]})">${escape(part.names[i])}</text>`).join("")
  const ends = `<text class="tick" x="${LEFT}" y="${height - 12}">${written(first)}</text><text class="tick" x="${LEFT + wide}" y="${height - 12}" text-anchor="end">${written(last)}</text><text class="tick" x="${LEFT + wide / 2}" y="${height - 12}" text-anchor="middle">${escape(part.x_title)}</text>`
  body.innerHTML = `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(`${part.title}. ${part.names.map((name, i) => `${name}: from ${written(ys[i].find(Number.isFinite))} to ${written(final(ys[i], false))}`).join("; ")}`)}">${grid}<line x1="${LEFT}" x2="${LEFT + wide}" y1="${TOP + tall}" y2="${TOP + tall}" stroke="var(--line2)"/>${levels}${drawn}${names}${ends}</svg>`
}

const final = (y, log) => { for (let i = y.length - 1; i >= 0; i--) if (Number.isFinite(y[i]) && (!log || y[i] > 0)) return y[i]; return NaN }

function path(x, y, X, Y, log) {
  let d = "", pen = false
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i]) || (log && y[i] <= 0)) { pen = false; continue }
    d += `${pen ? "L" : "M"}${X(x[i]).toFixed(1)} ${Y(y[i]).toFixed(1)}`
    pen = true
  }
  return d
}

function ticks(low, high) {
  const rough = (high - low || 1) / 3, size = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((m) => m * size).find((s) => s >= rough)
  const found = []
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9 * step; v += step) found.push(Math.abs(v) < step / 1e6 ? 0 : v)
  return found
}

function decades(low, high) {
  const each = Math.max(1, Math.ceil((high - low) / 4)), found = []
  for (let p = Math.ceil(low); p <= high; p += each) found.push(10 ** p)
  return found.length ? found : [10 ** low, 10 ** high]
}

// Names at the ends, moved so that they do not lie on each other; down first, and up again where they would leave the picture.
function apart(names, lowest) {
  names.sort((a, b) => a.y - b.y)
  for (let i = 1; i < names.length; i++) names[i].y = Math.max(names[i].y, names[i - 1].y + 14)
  for (let i = names.length - 1, most = lowest; i >= 0; most = names[i].y - 14, i--) names[i].y = Math.min(names[i].y, most)
  return names
}
