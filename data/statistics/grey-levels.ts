/** What the grey levels of a picture say without looking at what it shows; all shares are of its pixels. */
export interface GreyLevels {
  /** Mean and deviation of grey, 0…255 (Rec. 601 luma). */
  mean: number
  deviation: number
  /** Share of nearly black (below 10) and nearly white (above 245) pixels. */
  black: number
  white: number
  /** Share of pixels whose channels differ by more than 10: arrows, boxes, colour maps. */
  coloured: number
  /** Mean grey of the outermost rows and columns: how the slice was cut out of its page. */
  border: number
}

/** @param picture RGB, three bytes a pixel, row by row. */
export function greyLevels(picture: { data: ArrayLike<number>; width: number; height: number }): GreyLevels {
  const { data: pixels, width, height } = picture
  const n = width * height
  if (n === 0 || pixels.length !== 3 * n)
    throw new RangeError(
      `grey levels: ${pixels.length} bytes: expected ${width} × ${height} × 3, at least one pixel`,
    )
  let edge = 0
  let edgePixels = 0
  let sum = 0
  let squares = 0
  let black = 0
  let white = 0
  let coloured = 0
  for (let at = 0; at < 3 * n; at += 3) {
    const red = pixels[at]!
    const green = pixels[at + 1]!
    const blue = pixels[at + 2]!
    const grey = 0.299 * red + 0.587 * green + 0.114 * blue
    sum += grey
    squares += grey * grey
    const column = (at / 3) % width
    if (column === 0 || column === width - 1 || at < 3 * width || at >= 3 * (n - width)) {
      edge += grey
      edgePixels++
    }
    if (grey < 10) black++
    if (grey > 245) white++
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > 10) coloured++
  }
  const mean = sum / n
  return {
    mean,
    deviation: Math.sqrt(Math.max(0, squares / n - mean * mean)),
    black: black / n,
    white: white / n,
    coloured: coloured / n,
    border: edge / edgePixels,
  }
}
