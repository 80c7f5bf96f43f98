import type { Pixels } from '../../data/workspace/images.ts'

/** Paper is white but for JPEG noise; a line of it may hold a stray dot. */
const PAPER = 244
const STRAY = 0.01
/** What a panel must measure at least, in pixels. */
export const SMALLEST_CUT = 16

/**
 * The part of a picture inside a box of shares [x0, y0, x1, y1], without the white margins that the lines drawn by hand
 * take in. @returns undefined where less than SMALLEST_CUT pixels of a side are left.
 */
export function cutPanel(
  picture: Pixels,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): Pixels | undefined {
  let left = Math.round(x0 * picture.width)
  let top = Math.round(y0 * picture.height)
  let right = Math.round(x1 * picture.width)
  let bottom = Math.round(y1 * picture.height)
  const isPaper = (fromX: number, toX: number, fromY: number, toY: number) => {
    let dark = 0
    for (let y = fromY; y < toY; y++)
      for (let x = fromX; x < toX; x++) {
        const at = (y * picture.width + x) * 3
        if (Math.min(picture.data[at]!, picture.data[at + 1]!, picture.data[at + 2]!) < PAPER) dark++
      }
    return dark <= STRAY * (toX - fromX) * (toY - fromY)
  }
  while (left < right && isPaper(left, left + 1, top, bottom)) left++
  while (right > left && isPaper(right - 1, right, top, bottom)) right--
  while (top < bottom && isPaper(left, right, top, top + 1)) top++
  while (bottom > top && isPaper(left, right, bottom - 1, bottom)) bottom--
  const width = right - left
  const height = bottom - top
  if (width < SMALLEST_CUT || height < SMALLEST_CUT) return undefined
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3
    data.set(picture.data.subarray(from, from + width * 3), y * width * 3)
  }
  return { data, width, height }
}
