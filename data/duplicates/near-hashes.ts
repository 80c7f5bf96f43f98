import { bitsOf } from './perceptual-hash.ts'

/** Gets a pair of near hashes by their places, each pair once, in no order. */
export type VisitPair = (first: number, second: number, bits: number) => void

const PARTS = 4
const PART_BITS = 16
/** Up to so many pairs, comparing each with each is faster than tables; seen where both take as long. */
const EACH_WITH_EACH = 1e7

/** Hashes that others can be joined to; its tables are made when they are first worth it. */
export interface HashSet {
  /** Two 32-bit halves each: [n * 2]. */
  hashes: Uint32Array
  tables: () => readonly Table[]
}

interface Table {
  /** Those of bucket b stand from starts[b] to starts[b + 1]. */
  starts: Int32Array
  /** Buckets that hold something, in order. */
  filled: Int32Array
  /** Places of the hashes in the order of buckets, and their halves beside them, so that memory is read in a row. */
  members: Int32Array
  halves: Uint32Array
}

/** @param hashes two 32-bit halves each: [n * 2]. */
export function hashSet(hashes: Uint32Array): HashSet {
  let made: readonly Table[] | undefined
  return {
    hashes,
    tables: () => {
      made ??= Array.from({ length: PARTS }, (_, part) => tableOf(hashes, part))
      return made
    },
  }
}

/**
 * Finds all pairs of a hash of `first` and one of `second` within `radius` bits. Multi-index hashing (Norouzi, Punjani
 * and Fleet 2012): near hashes agree in at least one of four 16-bit parts within about a quarter of the radius. All of a
 * mask's buckets are joined in one pass through the tables, not hash by hash: memory is then read in order, and the cost
 * of a hash hardly grows with the set.
 */
export function joinNear(first: HashSet, second: HashSet, radius: number, visit: VisitPair): void {
  const [n, m] = [first.hashes.length / 2, second.hashes.length / 2]
  if (n * m <= EACH_WITH_EACH) eachWithEach(first.hashes, second.hashes, radius, false, visit)
  else joinTables(first, second, radius, visit)
}

/** All pairs of hashes within `radius` bits: [first, second, distance], the first before the second. */
export function nearPairs(
  hashes: Uint32Array,
  radius: number,
): [first: number, second: number, bits: number][] {
  const pairs: [number, number, number][] = []
  const set = hashSet(hashes)
  const keep: VisitPair = (one, other, bits) => pairs.push([one, other, bits])
  const n = hashes.length / 2
  if ((n * n) / 2 <= EACH_WITH_EACH) eachWithEach(hashes, hashes, radius, true, keep)
  else
    joinTables(set, set, radius, (one, other, bits) => keep(Math.min(one, other), Math.max(one, other), bits))
  return pairs
}

/** @param isSelf both are the same hashes: each pair is looked at once. */
function eachWithEach(
  first: Uint32Array,
  second: Uint32Array,
  radius: number,
  isSelf: boolean,
  visit: VisitPair,
): void {
  for (let one = 0; 2 * one < first.length; one++) {
    const [high, low] = [first[2 * one]!, first[2 * one + 1]!]
    for (let other = isSelf ? one + 1 : 0; 2 * other < second.length; other++) {
      const bits = bitsOf(second[2 * other]! ^ high) + bitsOf(second[2 * other + 1]! ^ low)
      if (bits <= radius) visit(one, other, bits)
    }
  }
}

function joinTables(first: HashSet, second: HashSet, radius: number, visit: VisitPair): void {
  const isSelf = first === second
  // r = 4 s + a: were the first a + 1 parts further than s and the rest further than s − 1, it would be more than r.
  const [share, over] = [Math.floor(radius / PARTS), radius % PARTS]
  const limits = Array.from({ length: PARTS }, (_, part) => (part <= over ? share : share - 1))
  for (let part = 0; part < PARTS; part++) {
    const [left, right] = [first.tables()[part]!, second.tables()[part]!]
    const { filled } = left
    for (const mask of masksWithin(limits[part]!))
      for (let index = 0; index < filled.length; index++) {
        const bucket = filled[index]!
        const other = bucket ^ mask
        // Of a set with itself, a pair of buckets is met from both sides.
        if (isSelf && other < bucket) continue
        const from = right.starts[other]!
        const to = right.starts[other + 1]!
        if (from === to) continue
        const end = left.starts[bucket + 1]!
        for (let at = left.starts[bucket]!; at < end; at++) {
          const high = left.halves[2 * at]!
          const low = left.halves[2 * at + 1]!
          for (let place = isSelf && mask === 0 ? at + 1 : from; place < to; place++) {
            const x = right.halves[2 * place]! ^ high
            const y = right.halves[2 * place + 1]! ^ low
            const bits = bitsOf(x) + bitsOf(y)
            if (bits <= radius && !isMetBefore(x, y, part, limits))
              visit(left.members[at]!, right.members[place]!, bits)
          }
        }
      }
  }
}

/** Whether an earlier part is near enough too: the pair was met there. */
function isMetBefore(high: number, low: number, part: number, limits: readonly number[]): boolean {
  for (let earlier = 0; earlier < part; earlier++)
    if (bitsOf(partOf(high, low, earlier)) <= limits[earlier]!) return true
  return false
}

const partOf = (high: number, low: number, part: number) =>
  ((part < 2 ? high : low) >>> (part % 2 === 0 ? 16 : 0)) & 0xffff

function tableOf(hashes: Uint32Array, part: number): Table {
  const n = hashes.length / 2
  const starts = new Int32Array((1 << PART_BITS) + 1)
  for (let at = 0; at < n; at++) starts[partOf(hashes[2 * at]!, hashes[2 * at + 1]!, part) + 1]!++
  const filled: number[] = []
  for (let bucket = 0; bucket < 1 << PART_BITS; bucket++) {
    if (starts[bucket + 1]! > 0) filled.push(bucket)
    starts[bucket + 1]! += starts[bucket]!
  }
  const next = starts.slice()
  const members = new Int32Array(n)
  for (let at = 0; at < n; at++) members[next[partOf(hashes[2 * at]!, hashes[2 * at + 1]!, part)]!++] = at
  const halves = new Uint32Array(2 * n)
  for (const [at, member] of members.entries()) {
    halves[2 * at] = hashes[2 * member]!
    halves[2 * at + 1] = hashes[2 * member + 1]!
  }
  return { starts, filled: Int32Array.from(filled), members, halves }
}

const masks = new Map<number, readonly number[]>()

/** All 16-bit numbers with at most so many bits set. */
function masksWithin(bits: number): readonly number[] {
  const known = masks.get(bits)
  if (known) return known
  const made = Array.from({ length: 1 << PART_BITS }, (_, mask) => mask).filter(mask => bitsOf(mask) <= bits)
  masks.set(bits, made)
  return made
}
