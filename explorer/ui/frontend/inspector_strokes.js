// A drawing as strokes, so that it can be moved and scaled the way MNIST's digits were without growing fat.
export const SIDE = 280, PEN = SIDE / 13
const BOX = 20 / 28 * SIDE // the longer side of a digit with its ink
const MOST = 8 // a scribble is enlarged no further
const DOT = 8 // pixels; what is smaller keeps its size

// Put the strokes, lists of [x, y] in 0 … SIDE, into a canvas context.
export function ink(context, strokes) {
  context.clearRect(0, 0, SIDE, SIDE)
  Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#000" })
  for (const stroke of strokes) {
    context.beginPath()
    context.moveTo(...stroke[0])
    for (const point of stroke) context.lineTo(...point)
    context.stroke()
  }
}

// The longer side, ink included, becomes 20 of 28 pixels and the centre of mass comes to lie in the middle.
export function centred(strokes) {
  const points = strokes.flat()
  if (!points.length) return strokes
  const [left, top, right, bottom] = bounds(points), reach = Math.max(right - left, bottom - top)
  const scale = reach < DOT ? 1 : Math.min(MOST, (BOX - PEN) / reach), sized = moved(strokes, ([x, y]) => [(x - left) * scale, (y - top) * scale])
  const [mx, my] = mass(sized), width = (right - left) * scale, height = (bottom - top) * scale
  const within = (at, size) => Math.max(PEN / 2, Math.min(SIDE - PEN / 2 - size, at))
  const dx = within(SIDE / 2 - mx, width), dy = within(SIDE / 2 - my, height)
  return moved(sized, ([x, y]) => [x + dx, y + dy])
}

const moved = (strokes, place) => strokes.map((stroke) => stroke.map(place))

function bounds(points) {
  const xs = points.map((point) => point[0]), ys = points.map((point) => point[1])
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

// The mean place along the strokes: each piece of a line counts by its length.
export function mass(strokes) {
  let x = 0, y = 0, weight = 0
  for (const stroke of strokes) for (let i = 0; i < stroke.length; i++) {
    const [ax, ay] = stroke[Math.max(0, i - 1)], [bx, by] = stroke[i], length = Math.hypot(bx - ax, by - ay) + 1e-6
    x += length * (ax + bx) / 2
    y += length * (ay + by) / 2
    weight += length
  }
  return [x / weight, y / weight]
}

// The mean ink, 0 … 255, in each of height × width pixels.
export function pixels(context, height, width) {
  const block = context.getImageData(0, 0, SIDE, SIDE).data
  const sums = new Float32Array(height * width), counts = new Float32Array(height * width)
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) {
    const at = Math.floor(y * height / SIDE) * width + Math.floor(x * width / SIDE)
    sums[at] += block[4 * (y * SIDE + x) + 3]
    counts[at]++
  }
  return Uint8Array.from(sums, (sum, at) => Math.min(255, 1.15 * sum / counts[at]))
}
