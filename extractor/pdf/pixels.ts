import type { Pixels } from '../../data/workspace/images.ts'
import type { Matrix } from './geometry.ts'
import { ImageKind } from './pdfjs.ts'

/** What pdf.js decodes a picture to. */
export interface DecodedImage {
  width: number
  height: number
  kind: number
  data: Uint8Array | Uint8ClampedArray
  /** Its object in the file: "12R", "12R1"; none for inline pictures. */
  ref?: string | null
}

/** 8-bit RGB of a decoded picture, transparency laid over white; undefined where its kind is unknown. */
export function rgbOf(image: DecodedImage): Pixels | undefined {
  const { width, height, kind, data } = image
  if (!data || !(width > 0 && height > 0)) return undefined
  const rgb = new Uint8Array(width * height * 3)
  if (kind === ImageKind.RGB_24BPP) {
    rgb.set(data.subarray(0, rgb.length))
  } else if (kind === ImageKind.RGBA_32BPP) {
    for (let i = 0, j = 0; j < rgb.length; i += 4, j += 3) {
      if (data[i + 3] === 255) {
        rgb[j] = data[i]!
        rgb[j + 1] = data[i + 1]!
        rgb[j + 2] = data[i + 2]!
        continue
      }
      const alpha = data[i + 3]! / 255
      for (let c = 0; c < 3; c++) rgb[j + c] = Math.round(data[i + c]! * alpha + 255 * (1 - alpha))
    }
  } else if (kind === ImageKind.GRAYSCALE_1BPP) {
    const stride = (width + 7) >> 3
    for (let y = 0, j = 0; y < height; y++)
      for (let x = 0; x < width; x++, j += 3) {
        const value = (data[y * stride + (x >> 3)]! >> (7 - (x & 7))) & 1 ? 255 : 0
        rgb.fill(value, j, j + 3)
      }
  } else return undefined
  return { data: rgb, width, height }
}

/** RGB of opaque RGBA. */
export function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let i = 0, j = 0; j < rgb.length; i += 4, j += 3) {
    rgb[j] = rgba[i]!
    rgb[j + 1] = rgba[i + 1]!
    rgb[j + 2] = rgba[i + 2]!
  }
  return rgb
}

/** True where a matrix shows stored pixels as they are: neither turned, slanted nor mirrored. */
export const isUpright = ([a, b, c, d]: Matrix) =>
  a > 0 && d < 0 && Math.abs(b) + Math.abs(c) <= 0.02 * (a - d)

/**
 * Turns and mirrors stored pixels to how the page shows them.
 * @param matrix from the unit square (v upwards) to the page as shown (y downwards)
 * @returns undefined where the picture is turned by other than quarter turns (it must be rendered then)
 */
export function upright(pixels: Pixels, [a, b, c, d]: Matrix): Pixels | undefined {
  const turned = Math.abs(b) + Math.abs(c) > Math.abs(a) + Math.abs(d)
  const [major, minor] = turned
    ? [Math.abs(b) + Math.abs(c), Math.abs(a) + Math.abs(d)]
    : [Math.abs(a) + Math.abs(d), Math.abs(b) + Math.abs(c)]
  if (minor > 0.02 * major) return undefined
  // Stored x runs along (a, b), stored y (downwards) along (−c, −d).
  const flipX = turned ? -c < 0 : a < 0
  const flipY = turned ? b < 0 : -d < 0
  if (!turned && !flipX && !flipY) return pixels
  const { data, width, height } = pixels
  const w = turned ? height : width
  const h = turned ? width : height
  const out = new Uint8Array(w * h * 3)
  for (let y = 0, j = 0; y < h; y++)
    for (let x = 0; x < w; x++, j += 3) {
      const u = flipX ? w - 1 - x : x
      const v = flipY ? h - 1 - y : y
      const i = (turned ? u * width + v : v * width + u) * 3
      out[j] = data[i]!
      out[j + 1] = data[i + 1]!
      out[j + 2] = data[i + 2]!
    }
  return { data: out, width: w, height: h }
}
