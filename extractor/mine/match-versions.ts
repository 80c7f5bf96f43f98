import { hashDistance, pictureHash, reduced } from '../../data/duplicates/perceptual-hash.ts'
import { lumaOf } from '../../data/pictures/borders.ts'
import type { MinedCase } from '../../data/records/case.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import { likeWords } from './like-words.ts'

/** What is compared of a case's picture. */
export interface PictureLook {
  hash: string
  /** Grey levels of a small copy, without their mean and of unit length. */
  small: Float32Array // [SIDE * SIDE]
}

const SIDE = 64
/** Bits of the hash and correlation of the small copies within which two pictures are one, encoded or scaled anew. */
const MOST_BITS = 8
const LEAST_CORRELATION = 0.985
/** Captions of one figure in two versions share this much of their words. */
const LEAST_WORDS = 0.5

export function lookOf(pixels: Pixels): PictureLook {
  const { width, height } = pixels
  const small = reduced({ data: lumaOf(pixels), width, height }, SIDE, SIDE)
  const mean = small.reduce((sum, value) => sum + value, 0) / small.length
  let length = 0
  for (let i = 0; i < small.length; i++) {
    small[i]! -= mean
    length += small[i]! ** 2
  }
  for (let i = 0; i < small.length; i++) small[i]! /= Math.sqrt(length) || 1
  return { hash: pictureHash(pixels), small }
}

const correlation = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/**
 * Which case of an earlier version shows the same picture as which of a newer one: the same pixels first, then pictures
 * nearly alike under captions alike, each the other's best. Slices next to each other in a scan are not alike enough.
 * @returns the older case's id by the newer's
 */
export async function matchVersions(
  older: readonly MinedCase[],
  newer: readonly MinedCase[],
  look: (of: MinedCase) => Promise<PictureLook | undefined>,
): Promise<Map<string, string>> {
  const matched = new Map<string, string>()
  const taken = new Set<string>()
  const take = (now: MinedCase, before: MinedCase) => {
    matched.set(now.id, before.id)
    taken.add(before.id)
  }
  // Of the same pixels twice, those under the same panel of the same figure belong together.
  const isSamePlace = (now: MinedCase, before: MinedCase) =>
    now.figure === before.figure && now.panel === before.panel
  for (const mustAgree of [true, false])
    for (const now of newer) {
      if (matched.has(now.id)) continue
      const before = older.find(
        each => !taken.has(each.id) && each.image === now.image && (!mustAgree || isSamePlace(now, each)),
      )
      if (before) take(now, before)
    }
  const left = older.filter(each => !taken.has(each.id))
  const candidates: { now: MinedCase; before: MinedCase; likeness: number }[] = []
  for (const now of newer) {
    if (matched.has(now.id) || left.length === 0) continue
    const own = await look(now)
    if (!own) continue
    for (const before of left) {
      if (likeWords(now.caption, before.caption) < LEAST_WORDS) continue
      const other = await look(before)
      if (!other || hashDistance(own.hash, other.hash) > MOST_BITS) continue
      const likeness = correlation(own.small, other.small)
      if (likeness >= LEAST_CORRELATION) candidates.push({ now, before, likeness })
    }
  }
  for (const { now, before } of candidates.sort((one, other) => other.likeness - one.likeness))
    if (!matched.has(now.id) && !taken.has(before.id)) take(now, before)
  return matched
}
