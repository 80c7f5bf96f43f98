import type { RunOptions } from '../records/job.ts'
import { type Likeness, likeness } from './compare.ts'
import { hashIndex } from './hash-index.ts'
import type { GreyPicture } from './perceptual-hash.ts'
import { type ShareBox, WINDOWS } from './windows.ts'

/** A picture as the search knows it: its id and the hashes of its windows. */
export interface SignedPicture {
  id: string
  /** [WINDOWS.length * 2], the whole picture's first. */
  hashes: Uint32Array
}

/** Two pictures that show the same slice. */
export interface FoundDouble extends Likeness {
  /** The picture that holds the other (the larger part of the slice) and the other. */
  one: string
  other: string
  /** Bits in which the other's hash differs from that of the part it was found by. */
  bits: number
}

/** Chest slices are all somewhat alike: further than this apart, a hash finds more strangers than doubles. */
const RADIUS = 12
/** So many of a picture's nearest are looked at, so that the work grows with the set and not with its square. */
const NEAREST = 24
/** Laid over each other, doubles agree in nearly all tiles and in detail; slices next to each other in fewer. */
const SAME = { tiles: 0.85, detail: 0.94 }

interface Candidate {
  first: number
  second: number
  window: number
  bits: number
  /** The same in both directions. */
  pair: number
}

/**
 * Finds pictures of one slice: cropped, rescaled, encoded again, with arrows or letters laid over. Candidates have a
 * window whose hash is near another picture's; each is laid over and compared (`likeness`).
 * @param isNew only pairs with at least one new picture are looked at.
 * @param lookAt the picture as `look` gives it; undefined where it can't be read.
 */
export async function findDoubles(
  pictures: readonly SignedPicture[],
  isNew: (id: string) => boolean,
  lookAt: (id: string) => Promise<GreyPicture | undefined>,
  { signal, onProgress }: RunOptions = {},
): Promise<FoundDouble[]> {
  const candidates = candidatePairs(pictures, isNew)
  const found = new Map<number, FoundDouble>()
  for (const [at, { first, second, window, bits, pair }] of candidates.entries()) {
    signal?.throwIfAborted()
    if (at % 256 === 0) onProgress?.({ step: 'comparing pictures', done: at, total: candidates.length })
    if (found.has(pair)) continue
    const [one, other] = [pictures[first]!.id, pictures[second]!.id]
    const [holder, part] = [await lookAt(one), await lookAt(other)]
    if (!holder || !part) continue
    const like = likeness(holder, part, WINDOWS[window] as ShareBox)
    if (like && isSameSlice(like)) found.set(pair, { one, other, bits, ...like })
  }
  onProgress?.({ step: 'comparing pictures', done: candidates.length, total: candidates.length })
  return [...found.values()].sort((a, b) =>
    a.one < b.one || (a.one === b.one && a.other < b.other) ? -1 : 1,
  )
}

/** Whether two pictures laid over each other show the same slice, not only the same body. */
export const isSameSlice = ({ tiles, detail }: Pick<Likeness, 'tiles' | 'detail'>): boolean =>
  tiles >= SAME.tiles && detail >= SAME.detail

/** What is worth a look, the nearest first; of two pictures each may be the part of the other. */
function candidatePairs(pictures: readonly SignedPicture[], isNew: (id: string) => boolean): Candidate[] {
  const wholes = new Uint32Array(2 * pictures.length)
  for (const [at, { hashes }] of pictures.entries()) wholes.set(hashes.subarray(0, 2), 2 * at)
  const index = hashIndex(wholes)
  const candidates: Candidate[] = []
  for (const [first, { hashes, id }] of pictures.entries()) {
    const best = new Map<number, Candidate>()
    for (let window = 0; window < WINDOWS.length; window++)
      index.near(hashes[2 * window]!, hashes[2 * window + 1]!, RADIUS, (second, bits) => {
        if (second === first || (best.get(second)?.bits ?? 65) <= bits) return
        if (!isNew(id) && !isNew(pictures[second]!.id)) return
        const pair = Math.min(first, second) * pictures.length + Math.max(first, second)
        best.set(second, { first, second, window, bits, pair })
      })
    candidates.push(...[...best.values()].sort(inOrder).slice(0, NEAREST))
  }
  return candidates.sort(inOrder)
}

const inOrder = (a: Candidate, b: Candidate) => a.bits - b.bits || a.first - b.first || a.second - b.second
