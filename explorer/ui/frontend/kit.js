// Shared by every component: theme, colour maps, glyphs, arrays from Python, tweens, numbers.

export const KINDS = ["convolution", "linear", "attention", "normalisation", "activation", "pooling", "recurrent", "reshape", "loss"]

// Mount (or find) the component's root element inside Streamlit's parentElement and set its theme.
export function root(parentElement, className) {
  // not querySelector(":scope > …"): it finds nothing in a shadow root
  let element = [...parentElement.children].find((child) => child.classList.contains("explorer"))
  if (!element) {
    element = document.createElement("div")
    element.className = `explorer ${className}`
    parentElement.appendChild(element)
  }
  element.dataset.theme = isDark(parentElement) ? "dark" : "light"
  return element
}

// Tells whether the page's ground is dark, from Streamlit's own background variable.
export function isDark(element) {
  const host = element.host ?? element
  const ground = getComputedStyle(host).getPropertyValue("--st-background-color").trim()
  const [r, g, b] = rgb(ground || "#FCFBF8")
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128
}

export function rgb(colour) {
  if (colour.startsWith("#")) {
    const hex = colour.length === 4 ? [...colour.slice(1)].map((c) => c + c).join("") : colour.slice(1)
    return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16))
  }
  return (colour.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number)
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches

// ---- colour maps: zero is always the colour of the paper -----------------------------------------------------------

const MAPS = {
  light: {
    magnitude: ["#FBFAF6", "#D5DCF0", "#9AAADB", "#5468C4", "#2A3A92", "#151C4E"],
    signed: ["#8A4304", "#C67F2B", "#EBC58F", "#F6F3EC", "#A9B7E3", "#5468C4", "#22307F"],
    attention: ["#FBFAF6", "#E3DAFB", "#B9A4F3", "#8A6BE6", "#5433B0", "#260F66"],
    gradient: ["#FBF3DC", "#EBCB82", "#C9952F", "#8B5C12", "#432805"],
    ink: ["#FBFAF6", "#1C1E21"],
  },
  dark: {
    magnitude: ["#15171B", "#262E57", "#4455A8", "#7F91EE", "#C3CEFF", "#F3F5FF"],
    signed: ["#FFC987", "#D08A38", "#6E4A22", "#1C1F24", "#3A4A94", "#7387E8", "#C3CEFF"],
    attention: ["#15171B", "#2D2155", "#573BA6", "#8E6BF0", "#C5B2FB", "#F4EFFF"],
    gradient: ["#1B1810", "#4A3610", "#97691B", "#DBA63E", "#FFE9B0"],
    ink: ["#101215", "#ECE9E2"],
  },
}
const tables = new Map()

// A 256-entry table (Uint8ClampedArray of rgb triples) of the map called `name` in the theme "light" or "dark".
export function table(name, theme) {
  const key = `${theme}/${name}`
  if (!tables.has(key)) {
    const stops = MAPS[theme][name].map(rgb)
    const entries = new Uint8ClampedArray(768)
    for (let i = 0; i < 256; i++) {
      const at = (i / 255) * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2)
      for (let c = 0; c < 3; c++) entries[3 * i + c] = stops[low][c] + (stops[low + 1][c] - stops[low][c]) * (at - low)
    }
    tables.set(key, entries)
  }
  return tables.get(key)
}

// The css colour of value v in 0..1 of a map.
export function colour(v, name, theme) {
  const t = table(name, theme), i = 3 * Math.max(0, Math.min(255, Math.round(v * 255)))
  return `rgb(${t[i]},${t[i + 1]},${t[i + 2]})`
}

// Black or white, whichever can be read on the ground (a css colour or [r, g, b]): always at least 4.5 to 1.
export function legible(ground) {
  const line = (c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  const [r, g, b] = Array.isArray(ground) ? ground : rgb(ground)
  return 0.2126 * line(r) + 0.7152 * line(g) + 0.0722 * line(b) > 0.179 ? "#000000" : "#FFFFFF"
}

// Paint a (height, width) array of numbers into a canvas of that size through a colour map; low..high is the scale.
export function paint(canvas, values, height, width, name, theme, low = 0, high = 1) {
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height }
  const context = canvas.getContext("2d"), image = context.createImageData(width, height), t = table(name, theme)
  const scale = 255 / Math.max(high - low, 1e-12)
  for (let i = 0; i < width * height; i++) {
    const j = 3 * Math.max(0, Math.min(255, Math.round((values[i] - low) * scale)))
    image.data[4 * i] = t[j]; image.data[4 * i + 1] = t[j + 1]; image.data[4 * i + 2] = t[j + 2]; image.data[4 * i + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

// ---- arrays from Python (explorer/ui/wire.py packs them) -------------------------------------------------------------

const TYPES = { u1: Uint8Array, i1: Int8Array, i4: Int32Array, f4: Float32Array, f8: Float64Array }

// {type, shape, data: base64} -> {values, shape}. float16 ("f2") is widened to Float32Array.
export function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0))
  if (packed.type === "f2") return { values: widen(new Uint16Array(bytes.buffer)), shape: packed.shape }
  return { values: new TYPES[packed.type](bytes.buffer), shape: packed.shape }
}

function widen(halves) {
  const out = new Float32Array(halves.length)
  for (let i = 0; i < halves.length; i++) {
    const h = halves[i], sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023
    out[i] = exponent === 0 ? sign * fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : sign * Infinity)
      : sign * 2 ** (exponent - 25) * (1024 + fraction)
  }
  return out
}

// ---- glyphs: the second cue beside colour, twelve pixels --------------------------------------------------------------

const GLYPHS = {
  convolution: '<rect x="1" y="1" width="10" height="10" fill="none"/><path d="M4.33 1v10M7.66 1v10M1 4.33h10M1 7.66h10" stroke-width=".8"/><rect x="1" y="1" width="6.66" height="6.66" fill="currentColor" stroke="none"/>',
  linear: '<path d="M2 2L10 2M2 2L10 10M2 10L10 2M2 10L10 10"/><circle cx="2" cy="2" r="1.7" fill="currentColor"/><circle cx="2" cy="10" r="1.7" fill="currentColor"/><circle cx="10" cy="2" r="1.7" fill="currentColor"/><circle cx="10" cy="10" r="1.7" fill="currentColor"/>',
  attention: '<path d="M1.5 9.5Q6 -3 10.5 9.5M6 9.5Q8 4 10.5 9.5" fill="none"/><circle cx="1.5" cy="10" r="1.5" fill="currentColor"/><circle cx="6" cy="10" r="1.5" fill="currentColor"/><circle cx="10.5" cy="10" r="1.5" fill="currentColor"/>',
  normalisation: '<path d="M.5 10.5C4 10.5 4 1.5 6 1.5S8 10.5 11.5 10.5" fill="none"/><path d="M6 4v6.5" stroke-width=".9"/>',
  activation: '<path d="M.5 10H5L11 2" fill="none" stroke-width="1.8"/>',
  pooling: '<path d="M1 1.5H11L7.6 7V11H4.4V7Z" fill="currentColor" stroke="none"/>',
  recurrent: '<path d="M9.9 3.2A4.8 4.8 0 1 0 10.8 6.6" fill="none" stroke-width="1.5"/><path d="M11.6 .8V4.6H7.8Z" fill="currentColor" stroke="none"/>',
  reshape: '<rect x="1" y="2.5" width="4" height="7" fill="none"/><path d="M6.6 6h4.6M9.3 4l2 2-2 2" fill="none"/>',
  loss: '<circle cx="6" cy="6" r="5" fill="none"/><circle cx="6" cy="6" r="1.9" fill="currentColor" stroke="none"/>',
}

// The inside of an <svg>: the glyph of a kind of layer at x, y with the given size, in the kind's colour.
export const glyph = (kind, x = 0, y = 0, size = 12) =>
  `<g transform="translate(${x},${y}) scale(${size / 12})" style="color:var(--${kind})" stroke="currentColor" stroke-width="1.2" ` +
  `stroke-linejoin="round" stroke-linecap="round">${GLYPHS[kind]}</g>`

export const glyphSvg = (kind, size = 13) => `<svg width="${size}" height="${size}" viewBox="0 0 12 12" aria-hidden="true">${glyph(kind)}</svg>`

// ---- words and numbers -------------------------------------------------------------------------------------------------

export const escape = (text) => String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c])
export const count = (n) => Math.round(n).toLocaleString("en-US")
export const signed = (x, digits = 2) => (x < 0 ? "−" : "+") + Math.abs(x).toFixed(digits)
export const percent = (x, digits = 1) => `${(100 * x).toFixed(digits)} %`.replace(" ", "\u2009")
export function short(n) {
  for (const [unit, size] of [["T", 1e12], ["B", 1e9], ["M", 1e6], ["k", 1e3]]) if (n >= size) return `${(n / size).toPrecision(3)} ${unit}`
  return String(n)
}

// ---- motion --------------------------------------------------------------------------------------------------------------

// Call draw(t) with t from 0 to 1 over `ms`, once with 1 where motion is reduced; returns a function that stops it.
export function tween(ms, draw) {
  if (reducedMotion() || ms <= 0) { draw(1); return () => {} }
  let frame, begin
  const step = (now) => {
    begin ??= now
    const t = Math.min(1, (now - begin) / ms)
    draw(t)
    if (t < 1) frame = requestAnimationFrame(step)
  }
  frame = requestAnimationFrame(step)
  return () => cancelAnimationFrame(frame)
}
