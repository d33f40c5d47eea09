// The plane as a picture: a signed surface, the line where it is zero, and points by class and part.
import { paint } from "./kit.js"

const SOFT = 205 // values ±127 against this scale: the points must stand out from the ground

// Paint side × side numbers (128 is zero) large, smoothed, with the line through zero.
export function drawSurface(canvas, values, side, theme, element) {
  const ratio = devicePixelRatio || 1, size = Math.round((canvas.clientWidth || 330) * ratio)
  if (canvas.width !== size) { canvas.width = size; canvas.height = size }
  const small = canvas.small ??= document.createElement("canvas")
  paint(small, values, side, side, "signed", theme, 128 - SOFT, 128 + SOFT)
  const c = canvas.getContext("2d")
  c.imageSmoothingEnabled = true; c.imageSmoothingQuality = "high"
  c.drawImage(small, 0, 0, size, size)
  c.strokeStyle = getComputedStyle(element).getPropertyValue("--text"); c.lineWidth = 1.6 * ratio; c.lineJoin = c.lineCap = "round"
  c.stroke(contour(values, side, 128, size / side))
  canvas.setAttribute("aria-label", share(values))
}

function share(values) {
  let above = 0
  for (const value of values) if (value > 128) above++
  return `The plane as the network answers it: ${Math.round((100 * above) / values.length)} % of it above zero (blue). The points and the line between the classes lie on it.`
}

// Marching squares: the pieces of the line on which the values cross `level`.
export function contour(values, side, level, scale) {
  const path = new Path2D()
  for (let i = 0; i < side - 1; i++) for (let j = 0; j < side - 1; j++) {
    const a = values[i * side + j] - level, b = values[i * side + j + 1] - level
    const d = values[(i + 1) * side + j] - level, e = values[(i + 1) * side + j + 1] - level
    const kind = (a > 0) | ((b > 0) << 1) | ((e > 0) << 2) | ((d > 0) << 3)
    if (kind === 0 || kind === 15) continue
    const x = j + 0.5, y = i + 0.5, cut = []
    if (a > 0 !== b > 0) cut.push([x + a / (a - b), y])
    if (b > 0 !== e > 0) cut.push([x + 1, y + b / (b - e)])
    if (d > 0 !== e > 0) cut.push([x + d / (d - e), y + 1])
    if (a > 0 !== d > 0) cut.push([x, y + a / (a - d)])
    for (let k = 0; k + 1 < cut.length; k += 2) { path.moveTo(cut[k][0] * scale, cut[k][1] * scale); path.lineTo(cut[k + 1][0] * scale, cut[k + 1][1] * scale) }
  }
  return path
}

// Points: class 1 a blue disc, class 0 an amber square; filled if they are trained on, hollow if held out.
export function drawPoints(canvas, frame, theme) {
  const ratio = devicePixelRatio || 1, size = Math.round((canvas.clientWidth || 330) * ratio)
  canvas.width = canvas.height = size
  const c = canvas.getContext("2d")
  for (const [part, filled] of [["test", false], ["train", true]]) {
    const points = frame.arrays[`${part}_points`], classes = frame.arrays[`${part}_classes`]
    if (!points) continue
    for (let i = 0; i < classes.values.length; i++) {
      const x = (points.values[2 * i] / frame.span + 1) * size / 2, y = (1 - points.values[2 * i + 1] / frame.span) * size / 2
      mark(c, x, y, classes.values[i], filled, theme, ratio)
    }
  }
}

const INK = { light: ["#8A4304", "#22307F", "#FFFFFF"], dark: ["#FFC987", "#C3CEFF", "#15171B"] }

export function mark(c, x, y, kind, filled, theme, ratio, radius = 2.8) {
  const r = radius * ratio, ink = INK[theme][kind ? 1 : 0]
  c.beginPath()
  if (kind) c.arc(x, y, r, 0, 7); else c.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r)
  c.lineWidth = ratio
  if (filled) { c.fillStyle = ink; c.fill(); c.strokeStyle = INK[theme][2] } else { c.strokeStyle = ink; c.globalAlpha = 0.75 }
  c.stroke()
  c.globalAlpha = 1
}
