import type { Pixels } from '../workspace/images.ts'

export interface PixelBox {
  left: number
  top: number
  width: number
  height: number
}

/** Grey below which a pixel is black, and above which it is white: JPEG leaves some noise on both. */
const BLACK = 24
const WHITE = 232
/** Share of a line that must be black (or white) for it to belong to a frame. */
const ENOUGH = 0.995
/** Frames within frames: a black slice on a white page. */
const FRAMES = 4
/** What is left must be at least this share of the picture, else it is taken as a whole. */
const LEAST_LEFT = 0.15

/** Rec. 601 luma of each pixel, rounded. */
export function lumaOf({ data, width, height }: Pixels): Uint8Array {
  const luma = new Uint8Array(width * height)
  for (let at = 0, from = 0; at < luma.length; at++, from += 3)
    luma[at] = Math.round(0.299 * data[from]! + 0.587 * data[from + 1]! + 0.114 * data[from + 2]!)
  return luma
}

/**
 * The picture without its black and white frames: lines at the edges that are all black or all white are taken off, as
 * often as there is a frame in a frame. A picture that would nearly vanish is left whole.
 */
export function withoutBorders(pixels: Pixels): PixelBox {
  const luma = lumaOf(pixels)
  const whole = { left: 0, top: 0, width: pixels.width, height: pixels.height }
  let box = whole
  for (let frame = 0; frame < FRAMES; frame++) {
    const inner = strip(strip(box, luma, pixels.width, 'black'), luma, pixels.width, 'white')
    if (inner.width < 1 || inner.height < 1) return whole
    if (inner.width === box.width && inner.height === box.height) break
    box = inner
  }
  return box.width * box.height < LEAST_LEFT * whole.width * whole.height ? whole : box
}

function strip(box: PixelBox, luma: Uint8Array, stride: number, tint: 'black' | 'white'): PixelBox {
  let { left, top } = box
  let [right, bottom] = [left + box.width, top + box.height]
  const plain = (start: number, step: number, count: number) => {
    let found = 0
    for (let at = 0; at < count; at++) {
      const grey = luma[start + at * step]!
      if (tint === 'black' ? grey <= BLACK : grey >= WHITE) found++
    }
    return found >= ENOUGH * count
  }
  while (top < bottom && plain(top * stride + left, 1, right - left)) top++
  while (bottom > top && plain((bottom - 1) * stride + left, 1, right - left)) bottom--
  while (left < right && plain(top * stride + left, stride, bottom - top)) left++
  while (right > left && plain(top * stride + right - 1, stride, bottom - top)) right--
  return { left, top, width: right - left, height: bottom - top }
}

/** The part of a picture inside a box. */
export function cut(pixels: Pixels, { left, top, width, height }: PixelBox): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels
  const data = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * pixels.width + left) * 3
    data.set(pixels.data.subarray(start, start + width * 3), row * width * 3)
  }
  return { data, width, height }
}
