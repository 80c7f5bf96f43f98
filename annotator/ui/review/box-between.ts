import type { Lesion } from '../../../data/records/vocabulary.ts'
import type { LesionBox } from './draft.ts'

/** Sides under this share of the picture are a slip of the hand. */
const LEAST = 0.01

const inside = (share: number) => Math.min(1, Math.max(0, share))
const round = (value: number) => Math.round(value * 1e5) / 1e5

/** The box between two corners, in whichever order, cut to the picture; null where it is too small to mean anything. */
export function boxBetween(
  lesion: Lesion,
  a: { x: number; y: number },
  b: { x: number; y: number },
): LesionBox | null {
  const [x0, x1] = [inside(Math.min(a.x, b.x)), inside(Math.max(a.x, b.x))]
  const [y0, y1] = [inside(Math.min(a.y, b.y)), inside(Math.max(a.y, b.y))]
  if (x1 - x0 < LEAST || y1 - y0 < LEAST) return null
  return { lesion, x: round(x0), y: round(y0), width: round(x1 - x0), height: round(y1 - y0) }
}
