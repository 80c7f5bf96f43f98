import type { Raster } from './affine.ts'

/**
 * Hounsfield units stretched to a square of `size` pixels with a triangle filter as wide as a source pixel or a target
 * pixel, whichever is larger, so that shrinking takes means and no aliases. (libvips resizes bytes; units go below zero.)
 */
export function stretched(source: Raster<Float32Array>, size: number): Raster<Int16Array> {
  const rows = along(
    source.data,
    { count: source.width, stride: 1, lines: source.height, step: source.width },
    size,
  )
  // [height, size] → its columns
  const both = along(rows, { count: source.height, stride: size, lines: size, step: 1 }, size)
  const data = new Int16Array(size * size)
  for (let x = 0; x < size; x++)
    for (let y = 0; y < size; y++)
      data[y * size + x] = Math.min(32767, Math.max(-32768, Math.round(both[x * size + y]!)))
  return { data, width: size, height: size, channels: 1 }
}

/** Each line of `count` values resized to `size`; lines one after the other. */
function along(
  values: Float32Array,
  { count, stride, lines, step }: { count: number; stride: number; lines: number; step: number },
  size: number,
): Float32Array {
  const taps = triangleTaps(count, size)
  const out = new Float32Array(lines * size)
  for (let line = 0; line < lines; line++)
    for (let at = 0; at < size; at++) {
      const { from, weights } = taps[at]!
      let sum = 0
      for (let tap = 0; tap < weights.length; tap++)
        sum += weights[tap]! * values[line * step + (from + tap) * stride]!
      out[line * size + at] = sum
    }
  return out
}

function triangleTaps(count: number, size: number): { from: number; weights: Float64Array }[] {
  const ratio = count / size
  const reach = Math.max(1, ratio)
  return Array.from({ length: size }, (_, at) => {
    const centre = (at + 0.5) * ratio - 0.5
    const from = Math.max(0, Math.ceil(centre - reach))
    const to = Math.min(count - 1, Math.floor(centre + reach))
    const weights = Float64Array.from({ length: to - from + 1 }, (_, tap) =>
      Math.max(0, 1 - Math.abs(from + tap - centre) / reach),
    )
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { from, weights: weights.map(weight => weight / sum) }
  })
}
