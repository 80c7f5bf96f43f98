import { describe, expect, test } from 'vitest'
import { likeness, look } from '../../../data/duplicates/compare.ts'
import { findDoubles, isSameSlice } from '../../../data/duplicates/find.ts'
import { hashIndex, nearPairs } from '../../../data/duplicates/hash-index.ts'
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

describe('the index of hashes', () => {
  test.each([0, 3, 7, 8, 12])('finds all pairs within %i bits that a search of every pair finds', radius => {
    const random = seededRandom(radius)
    const hashes = new Uint32Array(2 * 400)
    for (let at = 0; at < 800; at++) hashes[at] = Math.floor(random.next() * 2 ** 32)
    // Half of them are near an earlier one.
    for (let at = 200; at < 400; at++)
      for (const half of [0, 1]) {
        let value = hashes[2 * (at - 200) + half]!
        for (let flip = at % 10 === 0 ? 0 : random.integer(8); flip > 0; flip--)
          value ^= 1 << random.integer(32)
        hashes[2 * at + half] = value
      }
    const plain: string[] = []
    for (let i = 0; i < 400; i++)
      for (let j = i + 1; j < 400; j++) {
        const bits = bitsOf(hashes[2 * i]! ^ hashes[2 * j]!) + bitsOf(hashes[2 * i + 1]! ^ hashes[2 * j + 1]!)
        if (bits <= radius) plain.push(`${i} ${j} ${bits}`)
      }
    expect(
      nearPairs(hashes, radius)
        .map(pair => pair.join(' '))
        .sort(),
    ).toEqual(plain.sort())
    expect(plain.length).toBeGreaterThan(0)
  })
  test('an index of nothing finds nothing', () => {
    hashIndex(new Uint32Array(0)).near(1, 2, 64, () => {
      throw new Error('found something')
    })
    expect(nearPairs(new Uint32Array(0), 10)).toEqual([])
  })
})
