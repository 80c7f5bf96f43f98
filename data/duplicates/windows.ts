import { type GreyPicture, HASH_SIDE, hashHalves, narrowed, reduced, shortened } from './perceptual-hash.ts'

/** A part of a picture, as shares of its width and height. */
export interface ShareBox {
  left: number
  top: number
  right: number
  bottom: number
}

/** What is cut from each edge: every choice of the first, and between them every choice of the second. */
const MARGINS = [
  [0, 0.1, 0.2],
  [0.05, 0.15],
]
/** Side of the square that a picture is brought to before its windows are cut; hashes don't know its proportions. */
const SIDE = 80

/** The windows whose hashes are kept, the whole picture first: 97. */
export const WINDOWS: readonly ShareBox[] = MARGINS.flatMap(cuts =>
  cuts.flatMap(left =>
    cuts.flatMap(top =>
      cuts.flatMap(right => cuts.map(bottom => ({ left, top, right: 1 - right, bottom: 1 - bottom }))),
    ),
  ),
)

/**
 * The hashes of a picture's windows, two 32-bit halves each: [WINDOWS.length * 2]. A picture that was cropped has a whole
 * that is like a window of the one it was cropped from.
 */
export function windowHashes(grey: GreyPicture): Uint32Array {
  const base = { data: reduced(grey, SIDE, SIDE), width: SIDE, height: SIDE }
  // Windows between the same two edges have the same lines, each a stretch of them.
  const between = new Map<number, Float32Array>()
  const hashes = new Uint32Array(2 * WINDOWS.length)
  for (const [at, { left, top, right, bottom }] of WINDOWS.entries()) {
    const [x0, x1] = [Math.round(left * SIDE), Math.round(right * SIDE)]
    const [y0, y1] = [Math.round(top * SIDE), Math.round(bottom * SIDE)]
    const lines = between.get(SIDE * x0 + x1) ?? narrowed(base, x0, x1, HASH_SIDE)
    between.set(SIDE * x0 + x1, lines)
    const window = lines.subarray(y0 * HASH_SIDE, y1 * HASH_SIDE)
    hashes.set(hashHalves(shortened(window, HASH_SIDE, HASH_SIDE)), 2 * at)
  }
  return hashes
}
