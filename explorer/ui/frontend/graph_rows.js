// A long graph from left to right, cut into rows like lines of a page. It is cut only where a single edge crosses.

export const READABLE = 0.72, LEAST = 0.5 // of the size in which things are designed
const MOST_ROWS = 4, BETTER = 1.2, MARGIN = 34, GAP = 44

export const scale = (plan, page) => Math.min(1.1, page.width / plan.width, page.height / plan.height)

// The plan in the number of rows that can be drawn largest, or the plan as it is.
export function inRows(plan, seen, page) {
  if (scale(plan, page) >= READABLE) return plan
  const gaps = cuts(plan, seen)
  let best = plan
  for (let rows = 2; rows <= MOST_ROWS; rows++) {
    const at = split(gaps, plan.width, rows)
    const cut = at && arranged(plan, seen, at)
    if (cut && scale(cut, page) > (best === plan ? BETTER : 1.05) * scale(best, page)) best = cut
  }
  return best
}

// Where no box or frame stands and one edge passes: [x, …], from left to right.
function cuts(plan, seen) {
  const spans = [...plan.boxes.values()].map(({ x, w }) => [x - w / 2, x + w / 2]).sort((a, b) => a[0] - b[0])
  const found = []
  let end = spans[0][1]
  for (const [from, to] of spans) {
    if (from > end + 4 && crossing(plan, seen, (from + end) / 2) === 1) found.push((from + end) / 2)
    end = Math.max(end, to)
  }
  return found
}

function crossing(plan, seen, x) {
  const drawn = seen.edges.filter((edge, i) => plan.paths.has(i))
  return drawn.filter(({ from, to }) => (plan.boxes.get(from).x < x) !== (plan.boxes.get(to).x < x)).length
}

// The cuts that make so many rows of about the same width; null where there are too few.
function split(gaps, width, rows) {
  const found = []
  for (let i = 1; i < rows; i++) {
    const wanted = (i * width) / rows, free = gaps.filter((x) => x > (found.at(-1) ?? 0))
    if (!free.length) return null
    found.push(free.reduce((best, x) => (Math.abs(x - wanted) < Math.abs(best - wanted) ? x : best)))
  }
  return found
}

function arranged(plan, seen, at) {
  const rowOf = (x) => at.filter((cut) => cut < x).length, paths = new Map(), boxes = new Map()
  const starts = [0, ...at], ends = [...at, plan.width], tops = [], lows = starts.map(() => Infinity), highs = starts.map(() => -Infinity)
  const reach = (row, y0, y1) => { lows[row] = Math.min(lows[row], y0); highs[row] = Math.max(highs[row], y1) }
  for (const { x, y, h } of plan.boxes.values()) reach(rowOf(x), y - h / 2, y + h / 2)
  for (const points of plan.paths.values()) if (rowOf(points[0][0]) === rowOf(points.at(-1)[0])) points.forEach(([, y]) => reach(rowOf(points[0][0]), y, y))
  let height = 0
  starts.forEach((_, row) => { tops[row] = height; height += highs[row] - lows[row] + GAP })
  const moved = ([x, y], row) => [x - starts[row] + (row ? MARGIN : 0), y - lows[row] + tops[row]]
  for (const [id, box] of plan.boxes) { const [x, y] = moved([box.x, box.y], rowOf(box.x)); boxes.set(id, { ...box, x, y }) }
  for (const [i, points] of plan.paths) {
    const from = rowOf(points[0][0]), to = rowOf(points.at(-1)[0])
    paths.set(i, from === to ? points.map((point) => moved(point, from)) : around(moved(points[0], from), moved(points.at(-1), to), tops[to] - GAP / 2, moved([ends[from], 0], from)[0]))
  }
  return { ...plan, width: Math.max(...starts.map((start, row) => ends[row] - start + (row ? MARGIN : 0))) + MARGIN / 2, height: height - GAP, boxes, paths }
}

// From the end of a row to the beginning of the next, through the gap between them at height y.
function around([x0, y0], [x1, y1], y, end) {
  const turn = Math.max(x0, end) + 24
  return [[x0, y0], [turn, y0], [turn, y], [turn - 38, y], [turn - 39, y], [61, y], [60, y], [4, y], [4, y1], [x1, y1]]
}
