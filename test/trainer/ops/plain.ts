/** The layers again, as plain loops in float64: what every backend is measured against. Written for reading, not for speed. */
export interface Nd {
  shape: number[]
  data: Float64Array
}

export const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)

export const nd = (shape: readonly number[], value: (at: number) => number): Nd => ({
  shape: [...shape],
  data: Float64Array.from({ length: size(shape) }, (_, at) => value(at)),
})

/** Numbers that repeat nowhere and keep clear of each other, rounded to float32 so that every backend gets the same. */
export const wave = (shape: readonly number[], salt = 0, scale = 1): Nd =>
  nd(shape, at => Math.fround(scale * Math.sin(0.3 + 1.7 * salt + 0.618 * at + 0.001 * at * at)))

export const map = (x: Nd, f: (value: number) => number): Nd => ({ shape: x.shape, data: x.data.map(f) })

/** Two operands, stretched to each other's shape. */
export function broadcast(a: Nd, b: Nd, f: (a: number, b: number) => number): Nd {
  const rank = Math.max(a.shape.length, b.shape.length)
  const full = (x: Nd) => [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]
  const [left, right] = [full(a), full(b)]
  const shape = left.map((length, axis) => Math.max(length, right[axis]!))
  return nd(shape, at => {
    const place = unravel(at, shape)
    const of = (x: Nd, lengths: number[]) =>
      x.data[
        ravel(
          place.map((p, axis) => (lengths[axis] === 1 ? 0 : p)),
          lengths,
        )
      ]!
    return f(of(a, left), of(b, right))
  })
}

export function unravel(at: number, shape: readonly number[]): number[] {
  const place = new Array<number>(shape.length)
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = at % shape[axis]!
    at = Math.floor(at / shape[axis]!)
  }
  return place
}

export const ravel = (place: readonly number[], shape: readonly number[]): number =>
  place.reduce((at, p, axis) => at * shape[axis]! + p, 0)

/** Value at each place of the output, by a function of the place. */
export const byPlace = (shape: readonly number[], value: (place: number[]) => number): Nd =>
  nd(shape, at => value(unravel(at, shape)))

/** Reduces over `axes` with a function of all values that fall together. */
export function reduce(x: Nd, axes: readonly number[], f: (values: number[]) => number, keep = false): Nd {
  const groups = new Map<number, number[]>()
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  x.data.forEach((value, at) => {
    const place = unravel(at, x.shape).map((p, axis) => (axes.includes(axis) ? 0 : p))
    const key = ravel(place, kept)
    groups.set(key, [...(groups.get(key) ?? []), value])
  })
  const shape = keep ? kept : kept.filter((_, axis) => !axes.includes(axis))
  return nd(shape, at => f(groups.get(at)!))
}

export const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
export const meanOf = (values: readonly number[]) => sumOf(values) / values.length

/** x [B, h, w, c] at a place, `outside` beyond its edges. */
export const at4 = (x: Nd, b: number, y: number, column: number, c: number, outside = 0): number => {
  const [, height, width] = x.shape as [number, number, number, number]
  if (y < 0 || column < 0 || y >= height || column >= width) return outside
  return x.data[ravel([b, y, column, c], x.shape)]!
}

/** Where a window of `size` at output `o` begins, and how many outputs there are. */
export function window1(length: number, size: number, stride: number, pad: number | 'same') {
  if (pad === 'same') {
    const outputs = Math.ceil(length / stride)
    const total = Math.max(0, (outputs - 1) * stride + size - length)
    return { outputs, begin: (o: number) => o * stride - Math.floor(total / 2) }
  }
  return {
    outputs: Math.floor((length + 2 * pad - size) / stride) + 1,
    begin: (o: number) => o * stride - pad,
  }
}

/** Convolution of x [B, h, w, i] with a kernel [kh, kw, i, o], or one kernel for each channel. */
export function convolve(x: Nd, kernel: Nd, stride: number, pad: number | 'same', depthwise = false): Nd {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const [kh, kw, , last] = kernel.shape as [number, number, number, number]
  const [rows, columns] = [window1(height, kh, stride, pad), window1(width, kw, stride, pad)]
  const out = depthwise ? channels * last : last
  return byPlace([batch, rows.outputs, columns.outputs, out], ([b, y, column, o]) => {
    let sum = 0
    for (let i = 0; i < kh; i++)
      for (let j = 0; j < kw; j++) {
        const [row, col] = [rows.begin(y!) + i, columns.begin(column!) + j]
        if (depthwise) {
          const c = Math.floor(o! / last)
          sum += at4(x, b!, row, col, c) * kernel.data[ravel([i, j, c, o! % last], kernel.shape)]!
        } else
          for (let c = 0; c < channels; c++)
            sum += at4(x, b!, row, col, c) * kernel.data[ravel([i, j, c, o!], kernel.shape)]!
      }
    return sum
  })
}

/** Windows of x [B, h, w, c], each reduced by `f` over the values inside the picture. */
export function pool(
  x: Nd,
  [kh, kw]: [number, number],
  stride: number,
  pad: number | 'same',
  f: (values: number[]) => number,
): Nd {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const [rows, columns] = [window1(height, kh, stride, pad), window1(width, kw, stride, pad)]
  return byPlace([batch, rows.outputs, columns.outputs, channels], ([b, y, column, c]) => {
    const values: number[] = []
    for (let i = 0; i < kh; i++)
      for (let j = 0; j < kw; j++) {
        const [row, col] = [rows.begin(y!) + i, columns.begin(column!) + j]
        if (row >= 0 && col >= 0 && row < height && col < width) values.push(at4(x, b!, row, col, c!))
      }
    return f(values)
  })
}

/** a [.., m, k] · b [.., k, n] with equal leading lengths, or none. */
export function product(a: Nd, b: Nd): Nd {
  const lead = (a.shape.length > b.shape.length ? a : b).shape.slice(0, -2)
  const [m, k] = a.shape.slice(-2) as [number, number]
  const n = b.shape.at(-1)!
  return byPlace([...lead, m, n], place => {
    const [row, column] = place.slice(-2) as [number, number]
    const outer = (x: Nd) => (x.shape.length > 2 ? place.slice(0, -2) : [])
    let sum = 0
    for (let i = 0; i < k; i++)
      sum +=
        a.data[ravel([...outer(a), row, i], a.shape)]! * b.data[ravel([...outer(b), i, column], b.shape)]!
    return sum
  })
}

export const transposed = (x: Nd, perm: readonly number[]): Nd =>
  byPlace(
    perm.map(axis => x.shape[axis]!),
    place => {
      const from = new Array<number>(perm.length)
      perm.forEach((axis, at) => {
        from[axis] = place[at]!
      })
      return x.data[ravel(from, x.shape)]!
    },
  )

/** Batch norm over all but the last axis, by the batch's own statistics (biased variance). */
export function batchNormed(x: Nd, weight: Nd, bias: Nd, epsilon: number): Nd {
  const channels = x.shape.at(-1)!
  const { mean, variance } = statistics(x)
  return nd(x.shape, at => {
    const c = at % channels
    return ((x.data[at]! - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * weight.data[c]! + bias.data[c]!
  })
}

export function statistics(x: Nd) {
  const channels = x.shape.at(-1)!
  const columns = Array.from({ length: channels }, (_, c) =>
    [...x.data].filter((_, at) => at % channels === c),
  )
  const mean = columns.map(meanOf)
  const variance = columns.map((column, c) => meanOf(column.map(value => (value - mean[c]!) ** 2)))
  return { mean, variance, count: columns[0]!.length }
}
