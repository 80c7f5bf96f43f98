import type { Pixels } from '../../data/workspace/images.ts'

/**
 * The picture made smaller by a whole factor, each pixel the mean of those it covers, so that no side is longer than
 * `most` by more than half. Letters and gutters are as plain there, and everything is quicker.
 */
export function reduce(pixels: Pixels, most: number): { pixels: Pixels; factor: number } {
  const factor = Math.floor(Math.max(pixels.width, pixels.height) / most + 0.5)
  if (factor < 2) return { pixels, factor: 1 }
  const { data, width: from } = pixels
  const width = Math.max(1, Math.floor(pixels.width / factor))
  const height = Math.max(1, Math.floor(pixels.height / factor))
  const out = new Uint8Array(width * height * 3)
  const count = factor * factor
  for (let y = 0, j = 0; y < height; y++)
    for (let x = 0; x < width; x++, j += 3) {
      let [r, g, b] = [0, 0, 0]
      for (let v = 0; v < factor; v++) {
        let p = ((y * factor + v) * from + x * factor) * 3
        for (let u = 0; u < factor; u++, p += 3) {
          r += data[p]!
          g += data[p + 1]!
          b += data[p + 2]!
        }
      }
      out[j] = r / count
      out[j + 1] = g / count
      out[j + 2] = b / count
    }
  return { pixels: { data: out, width, height }, factor }
}
