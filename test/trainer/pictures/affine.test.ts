import { describe, expect, it } from 'vitest'
import { affineOf, type Raster, resample } from '../../../trainer/pictures/affine.ts'
import { WHOLE } from '../../../trainer/pictures/augmentation.ts'

/** 1 2 3 4 / 5 6 7 8 / … / 13 14 15 16 */
const numbered: Raster<Uint8Array> = {
  data: Uint8Array.from({ length: 16 }, (_, at) => at + 1),
  width: 4,
  height: 4,
  channels: 1,
}
const seen = (changes: Partial<Parameters<typeof affineOf>[0]>, size = 4, source = numbered, aspect = 1) => [
  ...resample(source, affineOf({ box: WHOLE, angle: 0, flip: false, ...changes }, source, size, aspect), size)
    .data,
]

describe('the affine resample', () => {
  it('gives the same bytes where nothing is changed', () => {
    expect(seen({})).toEqual([...numbered.data])
  })

  it('mirrors left and right exactly', () => {
    expect(seen({ flip: true })).toEqual([4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13])
  })

  it('cuts a box of whole pixels exactly', () => {
    expect(seen({ box: { left: 0.25, top: 0.5, width: 0.5, height: 0.5 } }, 2)).toEqual([10, 11, 14, 15])
  })

  it('mirrors within a box', () => {
    expect(seen({ box: { left: 0, top: 0, width: 0.5, height: 0.5 }, flip: true }, 2)).toEqual([2, 1, 6, 5])
  })

  it('turns by a quarter clockwise exactly', () => {
    expect(seen({ angle: -Math.PI / 2 })).toEqual([4, 8, 12, 16, 3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13])
    expect(seen({ angle: Math.PI / 2 })).toEqual([13, 9, 5, 1, 14, 10, 6, 2, 15, 11, 7, 3, 16, 12, 8, 4])
  })

  it('takes the mean of two pixels half way between them', () => {
    const pair: Raster<Float32Array> = {
      data: new Float32Array([0, 1, 2, 3]),
      width: 2,
      height: 2,
      channels: 1,
    }
    const whole = affineOf({ box: WHOLE, angle: 0, flip: false }, pair, 1)
    expect([...resample(pair, whole, 1).data]).toEqual([1.5])
  })

  it("lets the picture's edge go on outside it", () => {
    const box = { left: -0.5, top: 0, width: 1, height: 1 }
    expect(seen({ box })).toEqual([1, 1, 1, 2, 5, 5, 5, 6, 9, 9, 9, 10, 13, 13, 13, 14])
  })

  it('keeps the three channels of a pixel together', () => {
    const colour: Raster<Uint8Array> = {
      data: Uint8Array.of(1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60),
      width: 2,
      height: 2,
      channels: 3,
    }
    expect(seen({ flip: true }, 2, colour)).toEqual([10, 20, 30, 1, 2, 3, 40, 50, 60, 4, 5, 6])
  })

  it('turns the true shape of a picture that was stretched: a wide one keeps its lengths', () => {
    // A point at the middle's right, a tenth of the height away from it, turned by a quarter, lies a tenth of the height below.
    const at = affineOf({ box: WHOLE, angle: Math.PI / 2, flip: false }, { width: 100, height: 100 }, 100, 2)
    const source = (x: number, y: number) => [at.a * x + at.b * y + at.c, at.d * x + at.e * y + at.f]
    const [x, y] = source(55, 50)
    expect(x).toBeCloseTo(50, 9)
    expect(y).toBeCloseTo(40, 9)
  })
})
