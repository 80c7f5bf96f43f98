import type { Augmentation } from './augmentation.ts'

/** Source position of an output position, both in pixels from the top left corner: x' = a·x + b·y + c, y' = d·x + e·y + f. */
export interface Affine {
  a: number
  b: number
  c: number
  d: number
  e: number
  f: number
}

/** Pixels of one or three channels, row by row. */
export interface Raster<T extends Uint8Array | Int16Array | Float32Array> {
  data: T
  width: number
  height: number
  channels: 1 | 3
}

/**
 * Flip, rotation and crop as one map from an output of `size` × `size` to a source.
 * @param aspect width by height of the picture as it was before it was stretched: rotation turns its true shape.
 */
export function affineOf(
  { box, angle, flip }: Pick<Augmentation, 'box' | 'angle' | 'flip'>,
  source: { width: number; height: number },
  size: number,
  aspect = 1,
): Affine {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  // Shares of the crop, from its middle: u = ±(x / size − ½), v = y / size − ½.
  const mirror = flip ? -1 : 1
  const [ux, vy] = [(mirror * box.width) / size, box.height / size]
  const [u0, v0] = [(-mirror * box.width) / 2, -box.height / 2]
  const [centreX, centreY] = [box.left + box.width / 2, box.top + box.height / 2]
  // Turned about the crop's middle: shares are made lengths by the aspect, turned, and made shares again.
  const [xx, xy] = [cos, sin / aspect]
  const [yx, yy] = [-sin * aspect, cos]
  return {
    a: source.width * xx * ux,
    b: source.width * xy * vy,
    c: source.width * (centreX + xx * u0 + xy * v0),
    d: source.height * yx * ux,
    e: source.height * yy * vy,
    f: source.height * (centreY + yx * u0 + yy * v0),
  }
}

/**
 * One bilinear resample of a picture into a square. Positions are pixel centres; outside the picture its edge goes on.
 * @returns [size, size, channels], rounded where the source is whole numbers.
 */
export function resample<T extends Uint8Array | Int16Array | Float32Array>(
  source: Raster<T>,
  { a, b, c, d, e, f }: Affine,
  size: number,
): Raster<T> {
  const { data, width, height, channels } = source
  const out = new (data.constructor as new (length: number) => T)(size * size * channels)
  const half = data instanceof Float32Array ? 0 : 0.5
  const floor = data instanceof Float32Array ? (value: number) => value : Math.floor
  let to = 0
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c - 0.5
      const y = d * (column + 0.5) + e * (row + 0.5) + f - 0.5
      const left = Math.floor(x)
      const top = Math.floor(y)
      const [wx, wy] = [x - left, y - top]
      const x0 = clamp(left, width)
      const x1 = clamp(left + 1, width)
      const y0 = clamp(top, height) * width
      const y1 = clamp(top + 1, height) * width
      for (let channel = 0; channel < channels; channel++) {
        const above =
          data[(y0 + x0) * channels + channel]! * (1 - wx) + data[(y0 + x1) * channels + channel]! * wx
        const below =
          data[(y1 + x0) * channels + channel]! * (1 - wx) + data[(y1 + x1) * channels + channel]! * wx
        out[to++] = floor(above * (1 - wy) + below * wy + half)
      }
    }
  }
  return { data: out, width: size, height: size, channels }
}

const clamp = (at: number, extent: number) => (at < 0 ? 0 : at >= extent ? extent - 1 : at)
