// One layer taken apart in the browser: the patch that a cell sees, each input map's share, in plain arithmetic.

// `layer`: {inputs, kernels, biases, sums, left: {values, shape}, stride, padding, dilation, groups, channels, first}
export function geometry(layer) {
  const [, height, width] = layer.inputs.shape, [, each, kh, kw] = layer.kernels.shape, [, rows, columns] = layer.sums.shape
  return { height, width, each, kh, kw, rows, columns }
}

// The first of the input maps that channel `c` sees: with groups, only some.
export const firstMap = (layer, c) => Math.floor(c / (layer.channels / layer.groups)) * geometry(layer).each

// What stands under the kernel for a cell (y, x): rows of {value, inside, row, column} of input map `map`.
export function patch(layer, map, y, x) {
  const g = geometry(layer), [sy, sx] = layer.stride, [py, px] = layer.padding, [dy, dx] = layer.dilation
  return Array.from({ length: g.kh * g.kw }, (_, at) => {
    const row = y * sy - py + Math.floor(at / g.kw) * dy, column = x * sx - px + (at % g.kw) * dx
    const inside = row >= 0 && row < g.height && column >= 0 && column < g.width
    return { value: inside ? layer.inputs.values[(map * g.height + row) * g.width + column] : 0, inside, row, column }
  })
}

// The kernel that channel `c` has for its i-th input map.
export function kernel(layer, c, i) {
  const g = geometry(layer), size = g.kh * g.kw, start = ((c - layer.first) * g.each + i) * size
  return layer.kernels.values.subarray(start, start + size)
}

// The share of input map i in the sum of one cell.
export function term(layer, c, i, y, x) {
  const k = kernel(layer, c, i)
  return patch(layer, firstMap(layer, c) + i, y, x).reduce((sum, cell, at) => sum + cell.value * k[at], 0)
}

// The shares of input map i in every cell of the channel's map.
export function share(layer, c, i) {
  const g = geometry(layer), out = new Float32Array(g.rows * g.columns)
  for (let y = 0; y < g.rows; y++) for (let x = 0; x < g.columns; x++) out[y * g.columns + x] = term(layer, c, i, y, x)
  return out
}

export function cellOf(layer, array, c, y, x) {
  const g = geometry(layer)
  return layer[array].values[((c - layer.first) * g.rows + y) * g.columns + x]
}
