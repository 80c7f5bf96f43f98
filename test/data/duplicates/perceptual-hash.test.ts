import { describe, expect, test } from 'vitest'
import {
  hashDistance,
  perceptualHash,
  pictureHash,
  reduced,
} from '../../../data/duplicates/perceptual-hash.ts'
import { slice, VARIANTS } from './variants.ts'

const original = slice('hash', 0.5)
const hash = pictureHash(original)

describe('perceptual hash', () => {
  test('is 16 hexadecimal digits, the same for the same pixels', () => {
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(pictureHash(slice('hash', 0.5))).toBe(hash)
  })
  test.each([
    'half the size',
    'larger by 1.7',
    'JPEG of quality 40',
    'brighter, less contrast',
    'in a white frame',
    'squeezed by a tenth',
    'with letters',
  ])('a slice %s keeps its hash within 8 bits', async name => {
    expect(hashDistance(hash, pictureHash(await VARIANTS[name]!(original)))).toBeLessThanOrEqual(8)
  })
  test('slices of other patients are further away', () => {
    for (const patient of ['one', 'two', 'three', 'four'])
      expect(hashDistance(hash, pictureHash(slice(patient, 0.5)))).toBeGreaterThan(8)
  })
  test('the distance counts bits, also the highest of each half', () => {
    expect(hashDistance('0000000000000000', 'ffffffffffffffff')).toBe(64)
    expect(hashDistance('8000000080000001', '0000000000000000')).toBe(3)
    expect(hashDistance('12345678deadbeef', '12345678deadbeef')).toBe(0)
  })
  test('a picture of one grey and a picture of one pixel have a hash too', () => {
    expect(perceptualHash({ data: new Uint8Array(100).fill(80), width: 10, height: 10 })).toHaveLength(16)
    expect(perceptualHash({ data: [7], width: 1, height: 1 })).toHaveLength(16)
  })
  test('a reduced picture keeps the mean, whatever the sizes', () => {
    const data = Uint8Array.from({ length: 7 * 5 }, (_, at) => (at * 37) % 256)
    const mean = (of: ArrayLike<number>) => Array.from(of).reduce((sum, value) => sum + value, 0) / of.length
    for (const [width, height] of [
      [3, 2],
      [7, 5],
      [16, 11],
    ] as const)
      expect(mean(reduced({ data, width: 7, height: 5 }, width, height))).toBeCloseTo(mean(data), 3)
  })
})
