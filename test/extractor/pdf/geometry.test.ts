import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  area,
  chain,
  intersection,
  type Matrix,
  shareInside,
  transformed,
  union,
} from '../../../extractor/pdf/geometry.ts'
import { upright } from '../../../extractor/pdf/pixels.ts'
import { ramp } from './make-pdf.ts'

const box = fc
  .tuple(
    fc.integer({ min: 0, max: 90 }),
    fc.integer({ min: 0, max: 90 }),
    fc.integer({ min: 1, max: 50 }),
    fc.integer({ min: 1, max: 50 }),
  )
  .map(([x, y, w, h]): [number, number, number, number] => [x, y, x + w, y + h])

describe('regions', () => {
  it('share no more than the smaller one and no less than nothing', () =>
    fc.assert(
      fc.property(box, box, (a, b) => {
        const shared = intersection(a, b)
        expect(shared ? area(shared) : 0).toBeLessThanOrEqual(Math.min(area(a), area(b)))
        expect(shareInside(a, union([a, b])!)).toBeCloseTo(1)
      }),
    ))

  it('come through two matrices as through their chain', () => {
    const first: Matrix = [0, 2, -2, 0, 5, 7]
    const then: Matrix = [1, 0, 0, -1, 0, 100]
    expect(transformed([1, 2, 3, 4], chain(first, then))).toEqual(
      transformed(transformed([1, 2, 3, 4], first), then),
    )
  })
})

describe('pixels turned as shown', () => {
  it('leaves an upright picture as it is', () => {
    const picture = ramp(4, 3)
    expect(upright(picture, [10, 0, 0, -10, 0, 10])).toBe(picture)
  })

  it('turns by a quarter and keeps every pixel', () => {
    const picture = ramp(4, 3)
    const turned = upright(picture, [0, 10, 10, 0, 0, 0])!
    expect([turned.width, turned.height]).toEqual([3, 4])
    expect([...turned.data].sort()).toEqual([...picture.data].sort())
  })

  it('gives up on a slanted picture, which must be drawn', () =>
    expect(upright(ramp(4, 3), [7, 7, 7, -7, 0, 0])).toBeUndefined())
})
