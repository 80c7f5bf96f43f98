import type { RunOptions } from '../records/job.ts'
import { type Likeness, likeness } from './compare.ts'
import { hashSet, joinNear } from './near-hashes.ts'
import { type Candidate, nearestList } from './nearest.ts'
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

/**
 * Finds pictures of one slice: cropped, rescaled, encoded again, with arrows or letters laid over. Candidates have a
 * window whose hash is near another picture's; each is laid over and compared (`likeness`).
 * @param isNew only pairs with at least one new picture are looked at.
 * @param options.isSame the verdict on two pictures laid over each other, where it is to be another.
 * @param lookAt the picture as `look` gives it; undefined where it can't be read.
 */
export async function findDoubles(
  pictures: readonly SignedPicture[],
  isNew: (id: string) => boolean,
  lookAt: (id: string) => Promise<GreyPicture | undefined>,
  { signal, onProgress, isSame = isSameSlice }: RunOptions & { isSame?: (like: Likeness) => boolean } = {},
): Promise<FoundDouble[]> {
  const candidates = candidatePairs(pictures, isNew, signal)
  const found = new Map<number, FoundDouble>()
  for (const [at, { first, second, window, bits }] of candidates.entries()) {
    signal?.throwIfAborted()
    if (at % 256 === 0) onProgress?.({ step: 'comparing pictures', done: at, total: candidates.length })
    const pair = Math.min(first, second) * pictures.length + Math.max(first, second)
    if (found.has(pair)) continue
    const [one, other] = [pictures[first]!.id, pictures[second]!.id]
    const [holder, part] = [await lookAt(one), await lookAt(other)]
    if (!holder || !part) continue
    const like = likeness(holder, part, WINDOWS[window] as ShareBox)
    if (like && isSame(like)) found.set(pair, { one, other, bits, ...like })
  }
  onProgress?.({ step: 'comparing pictures', done: candidates.length, total: candidates.length })
  return [...found.values()].sort((a, b) =>
    a.one < b.one || (a.one === b.one && a.other < b.other) ? -1 : 1,
  )
}

/** Whether two pictures laid over each other show the same slice, not only the same body. */
export const isSameSlice = ({ tiles, detail }: Pick<Likeness, 'tiles' | 'detail'>): boolean =>
  tiles >= SAME.tiles && detail >= SAME.detail

/**
 * What is worth a look, the nearest first; of two pictures each may be the part of the other. New pictures are joined to
 * all, those that were there only to the new ones.
 */
function candidatePairs(
  pictures: readonly SignedPicture[],
  isNew: (id: string) => boolean,
  signal: AbortSignal | undefined,
): Candidate[] {
  const all = pictures.map((_, at) => at)
  const [fresh, known] = [
    all.filter(at => isNew(pictures[at]!.id)),
    all.filter(at => !isNew(pictures[at]!.id)),
  ]
  const nearest = nearestList(NEAREST)
  const joined = (firsts: readonly number[], seconds: readonly number[]) => {
    if (firsts.length === 0 || seconds.length === 0) return
    const wholes = hashSet(hashesOf(pictures, seconds, 0))
    for (let window = 0; window < WINDOWS.length; window++) {
      signal?.throwIfAborted()
      joinNear(hashSet(hashesOf(pictures, firsts, window)), wholes, RADIUS, (one, other, bits) => {
        const [first, second] = [firsts[one]!, seconds[other]!]
        if (first !== second) nearest.offer({ first, second, window, bits })
      })
    }
  }
  joined(fresh, all)
  joined(known, fresh)
  return nearest.sorted()
}

function hashesOf(
  pictures: readonly SignedPicture[],
  places: readonly number[],
  window: number,
): Uint32Array {
  const hashes = new Uint32Array(2 * places.length)
  for (const [at, place] of places.entries())
    hashes.set(pictures[place]!.hashes.subarray(2 * window, 2 * window + 2), 2 * at)
  return hashes
}
