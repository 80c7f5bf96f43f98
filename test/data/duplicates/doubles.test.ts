import { describe, expect, test } from 'vitest'
import { likeness, look } from '../../../data/duplicates/compare.ts'
import { findDoubles, isSameSlice } from '../../../data/duplicates/find.ts'
import { hashSet, joinNear, nearPairs } from '../../../data/duplicates/near-hashes.ts'
import { nearestList } from '../../../data/duplicates/nearest.ts'
import { bitsOf, framedGrey } from '../../../data/duplicates/perceptual-hash.ts'
import { WINDOWS, windowHashes } from '../../../data/duplicates/windows.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import type { Pixels } from '../../../data/workspace/images.ts'
import { slice, VARIANTS } from './variants.ts'

async function search(pictures: Record<string, Pixels>, isNew: (id: string) => boolean = () => true) {
  const greys = new Map(Object.entries(pictures).map(([id, pixels]) => [id, framedGrey(pixels)]))
  const signed = [...greys].map(([id, grey]) => ({ id, hashes: windowHashes(grey) }))
  return findDoubles(signed, isNew, async id => look(greys.get(id)!))
}
const pairsOf = (found: readonly { one: string; other: string }[]) =>
  found.map(({ one, other }) => [one, other].sort().join(' = ')).sort()

describe('finding doubles', () => {
  test.each(Object.keys(VARIANTS))('finds a slice again %s', async name => {
    const original = slice('patient', 0.55)
    const pictures = { original, again: await VARIANTS[name]!(original), stranger: slice('stranger', 0.55) }
    expect(pairsOf(await search(pictures))).toEqual(['again = original'])
  })
  test('slices of one patient at other levels are not the same slice', async () => {
    const pictures = Object.fromEntries(
      [0.3, 0.4, 0.5, 0.6, 0.7].map(level => [`level ${level}`, slice('neighbours', level)]),
    )
    expect(pairsOf(await search(pictures))).toEqual([])
  })
  test('slices of ten patients at one level are not the same slice', async () => {
    const pictures = Object.fromEntries(
      Array.from({ length: 10 }, (_, at) => [`patient ${at}`, slice(`p${at}`, 0.5)]),
    )
    expect(pairsOf(await search(pictures))).toEqual([])
  })
  test('says which part of the larger picture the smaller one shows', async () => {
    const original = slice('box', 0.5)
    const cropped = await VARIANTS['cropped to one side by 18 %']!(original)
    const [found] = await search({ original, cropped })
    expect(found).toMatchObject({ one: 'original', other: 'cropped' })
    // The crop stands in the slice without its black frame.
    expect(found!.box.left).toBeGreaterThan(0.1)
    expect(found!.box.right).toBeGreaterThan(0.9)
  })
  test('only pairs with a new picture are looked at', async () => {
    const original = slice('old', 0.5)
    const pictures = {
      a: original,
      b: await VARIANTS['half the size']!(original),
      c: await VARIANTS['with arrows']!(original),
    }
    expect(pairsOf(await search(pictures, id => id === 'c'))).toEqual(['a = c', 'b = c'])
  })
  test('a picture of one grey is the double of nothing', async () => {
    const flat: Pixels = { data: new Uint8Array(3 * 64 * 64).fill(90), width: 64, height: 64 }
    expect(await search({ flat, other: { ...flat, data: flat.data.map(() => 91) } })).toEqual([])
  })
  test('a picture that can no longer be read is passed over', async () => {
    const original = slice('gone', 0.5)
    const hashes = windowHashes(framedGrey(original))
    const signed = [
      { id: 'a', hashes },
      { id: 'b', hashes },
    ]
    expect(
      await findDoubles(
        signed,
        () => true,
        async () => undefined,
      ),
    ).toEqual([])
  })
  test('the verdict needs agreement of the tiles and of their detail', () => {
    expect(isSameSlice({ tiles: 1, detail: 0.9 })).toBe(false)
    expect(isSameSlice({ tiles: 0.7, detail: 0.99 })).toBe(false)
    const grey = look(framedGrey(slice('itself', 0.5)))
    expect(isSameSlice(likeness(grey, grey, WINDOWS[0]!)!)).toBe(true)
  })
})

describe('near hashes', () => {
  /** So many by chance, half of them near an earlier one. */
  function madeHashes(count: number, seed: number): Uint32Array {
    const random = seededRandom(seed)
    const hashes = new Uint32Array(2 * count)
    for (let at = 0; at < 2 * count; at++) hashes[at] = Math.floor(random.next() * 2 ** 32)
    for (let at = count / 2; at < count; at++)
      for (const half of [0, 1]) {
        let value = hashes[2 * (at - count / 2) + half]!
        for (let flip = at % 10 === 0 ? 0 : random.integer(8); flip > 0; flip--)
          value ^= 1 << random.integer(32)
        hashes[2 * at + half] = value
      }
    return hashes
  }
  function everyPair(one: Uint32Array, other: Uint32Array, radius: number): string[] {
    const found: string[] = []
    for (let i = 0; i < one.length / 2; i++)
      for (let j = 0; j < other.length / 2; j++) {
        const bits = bitsOf(one[2 * i]! ^ other[2 * j]!) + bitsOf(one[2 * i + 1]! ^ other[2 * j + 1]!)
        if (bits <= radius) found.push(`${i} ${j} ${bits}`)
      }
    return found.sort()
  }
  // 9,000 hashes are more pairs than are compared each with each.
  test.each([
    [400, 0],
    [400, 7],
    [400, 12],
    [9000, 3],
    [9000, 12],
  ])('of %i, those within %i bits are those that a look at every pair finds, each once', (count, radius) => {
    const hashes = madeHashes(count, radius)
    const plain = everyPair(hashes, hashes, radius).filter(pair => {
      const [one = 0, other = 0] = pair.split(' ').map(Number)
      return one < other
    })
    const found = nearPairs(hashes, radius).map(pair => pair.join(' '))
    expect(found.sort()).toEqual(plain)
    expect(plain.length).toBeGreaterThan(0)
  })
  test.each([
    [50, 300],
    [9000, 4000],
  ])('%i hashes joined to %i others give the pairs that a look at every pair finds', (n, m) => {
    const [one, other] = [madeHashes(n, 5), madeHashes(m, 5)]
    const found: string[] = []
    joinNear(hashSet(one), hashSet(other), 12, (...pair) => found.push(pair.join(' ')))
    expect(found.sort()).toEqual(everyPair(one, other, 12))
    expect(found.length).toBeGreaterThan(0)
  })
  test('nothing is near to nothing', () => {
    expect(nearPairs(new Uint32Array(0), 10)).toEqual([])
  })
})

describe('the nearest of each', () => {
  test('only so many are kept, the nearest, each by its best part', () => {
    const list = nearestList(2)
    const offers = [
      [7, 9, 0],
      [8, 5, 1],
      [9, 5, 2],
      [7, 3, 3],
      [9, 6, 4],
    ] as const
    for (const [second, bits, window] of offers) list.offer({ first: 1, second, bits, window })
    expect(list.sorted().map(({ second, bits, window }) => [second, bits, window])).toEqual([
      [7, 3, 3],
      [8, 5, 1],
    ])
  })
})
