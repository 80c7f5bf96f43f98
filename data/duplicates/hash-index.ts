import { bitsOf } from './perceptual-hash.ts'

/** Hashes that can be asked for those near another. */
export interface HashIndex {
  /** Calls back every hash (by its place) within `radius` bits, each once, in no order. */
  near(high: number, low: number, radius: number, visit: (at: number, distance: number) => void): void
}

const PARTS = 4
const PART_BITS = 16

/**
 * Multi-index hashing (Norouzi, Punjani and Fleet 2012): a hash within r bits of another agrees with it in at least one
 * of four 16-bit parts within about r/4 bits, so that only a few buckets of each part need to be looked into.
 * @param hashes two 32-bit halves each: [n * 2].
 */
export function hashIndex(hashes: Uint32Array): HashIndex {
  const n = hashes.length / 2
  const tables = Array.from({ length: PARTS }, (_, part) => tableOf(hashes, n, part))
  const seen = new Int32Array(n).fill(-1)
  let query = 0
  return {
    near(high, low, radius, visit) {
      query++
      // r = 4 s + a: were the first a + 1 parts further than s and the rest further than s − 1, it would be more than r.
      const [share, over] = [Math.floor(radius / PARTS), radius % PARTS]
      for (let part = 0; part < PARTS; part++) {
        const masks = masksWithin(part <= over ? share : share - 1)
        const { starts, members, halves } = tables[part]!
        const key = partOf(high, low, part)
        for (const mask of masks) {
          const bucket = key ^ mask
          for (let at = starts[bucket]!; at < starts[bucket + 1]!; at++) {
            const distance = bitsOf(halves[2 * at]! ^ high) + bitsOf(halves[2 * at + 1]! ^ low)
            if (distance > radius) continue
            const found = members[at]!
            if (seen[found] === query) continue
            seen[found] = query
            visit(found, distance)
          }
        }
      }
    },
  }
}

/** All pairs of hashes within `radius` bits: [first, second, distance], the first before the second. */
export function nearPairs(
  hashes: Uint32Array,
  radius: number,
): [first: number, second: number, bits: number][] {
  const index = hashIndex(hashes)
  const pairs: [number, number, number][] = []
  for (let at = 0; at < hashes.length / 2; at++)
    index.near(hashes[2 * at]!, hashes[2 * at + 1]!, radius, (other, bits) => {
      if (other > at) pairs.push([at, other, bits])
    })
  return pairs
}

const partOf = (high: number, low: number, part: number) =>
  ((part < 2 ? high : low) >>> (part % 2 === 0 ? 16 : 0)) & 0xffff

/**
 * Places of the hashes by one part of them: those of bucket b stand from starts[b] to starts[b + 1], their bits beside
 * them, so that a bucket is read from one place of the memory.
 */
function tableOf(hashes: Uint32Array, n: number, part: number) {
  const starts = new Int32Array((1 << PART_BITS) + 1)
  for (let at = 0; at < n; at++) starts[partOf(hashes[2 * at]!, hashes[2 * at + 1]!, part) + 1]!++
  for (let bucket = 0; bucket < 1 << PART_BITS; bucket++) starts[bucket + 1]! += starts[bucket]!
  const next = starts.slice()
  const members = new Int32Array(n)
  for (let at = 0; at < n; at++) members[next[partOf(hashes[2 * at]!, hashes[2 * at + 1]!, part)]!++] = at
  const halves = new Uint32Array(2 * n)
  for (const [at, member] of members.entries()) {
    halves[2 * at] = hashes[2 * member]!
    halves[2 * at + 1] = hashes[2 * member + 1]!
  }
  return { starts, members, halves }
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
