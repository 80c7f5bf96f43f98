/**
 * A map brought to another size by bilinear interpolation, places taken by their centres (as PyTorch's
 * `interpolate(…, align_corners=False)` does).
 * @param values [height · width] @returns [toHeight · toWidth]
 */
export function resizeMap(
  values: ArrayLike<number>,
  { height, width }: { height: number; width: number },
  { height: toHeight, width: toWidth }: { height: number; width: number },
): Float64Array {
  const rows = taps(height, toHeight)
  const columns = taps(width, toWidth)
  const resized = new Float64Array(toHeight * toWidth)
  rows.forEach(([top, bottom, down], y) => {
    columns.forEach(([left, right, across], x) => {
      const upper = values[top * width + left]! * (1 - across) + values[top * width + right]! * across
      const lower = values[bottom * width + left]! * (1 - across) + values[bottom * width + right]! * across
      resized[y * toWidth + x] = upper * (1 - down) + lower * down
    })
  })
  return resized
}

/** For every place of the new side the two old ones beside it, and the share of the second. */
function taps(from: number, to: number): [number, number, number][] {
  return Array.from({ length: to }, (_, at) => {
    const centre = Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / to - 0.5))
    const low = Math.floor(centre)
    return [low, Math.min(from - 1, low + 1), centre - low]
  })
}
