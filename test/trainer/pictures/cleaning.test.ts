import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { withoutBorders } from '../../../data/pictures/borders.ts'
import { encodePng, type Pixels } from '../../../data/workspace/images.ts'
import { withoutMarks } from '../../../trainer/pictures/marks.ts'
import { prepare } from '../../../trainer/pictures/prepare.ts'

/** A picture of one grey with boxes painted on it: [left, top, width, height, grey]. */
function drawn(
  width: number,
  height: number,
  ground: number,
  boxes: [number, number, number, number, number][],
) {
  const data = new Uint8Array(width * height * 3).fill(ground)
  for (const [left, top, w, h, grey] of boxes)
    for (let y = top; y < top + h; y++) data.fill(grey, 3 * (y * width + left), 3 * (y * width + left + w))
  return { data, width, height } satisfies Pixels
}
const greyAt = ({ data, width }: Pixels, x: number, y: number) => data[3 * (y * width + x)]

describe('cropping borders', () => {
  it('takes off a black frame', () => {
    const framed = drawn(100, 80, 5, [[10, 20, 70, 50, 120]])
    expect(withoutBorders(framed)).toEqual({ left: 10, top: 20, width: 70, height: 50 })
  })

  it('takes off a white page around a black frame', () => {
    const framed = drawn(100, 80, 255, [
      [5, 5, 90, 70, 0],
      [20, 15, 60, 40, 130],
    ])
    expect(withoutBorders(framed)).toEqual({ left: 20, top: 15, width: 60, height: 40 })
  })

  it('leaves a picture without a frame, a wholly black one, and one that would nearly vanish', () => {
    for (const picture of [
      drawn(40, 30, 120, []),
      drawn(40, 30, 0, []),
      drawn(100, 100, 0, [[50, 50, 10, 10, 200]]),
    ])
      expect(withoutBorders(picture)).toEqual({
        left: 0,
        top: 0,
        width: picture.width,
        height: picture.height,
      })
  })

  it('is done before the picture is stretched, and tells the proportions of what is left', async () => {
    const png = await encodePng(drawn(100, 80, 0, [[10, 20, 60, 30, 120]]))
    const { picture, aspect } = await prepare(png, 16, { borders: true })
    expect(new Set(picture.data)).toEqual(new Set([120]))
    expect(aspect).toBe(2)
    expect(new Set((await prepare(png, 16)).picture.data).size).toBeGreaterThan(1)
  })
})

describe('painting out burnt-in marks', () => {
  /** Covers half of a picture of 200 × 200. */
  const body: [number, number, number, number, number] = [30, 30, 140, 140, 130]

  it('takes letters and a scale bar out of the air, with the grey of the air', () => {
    const marked = drawn(200, 200, 12, [
      body,
      [8, 8, 6, 10, 255],
      [16, 8, 6, 10, 255],
      [170, 180, 24, 3, 240],
    ])
    const clean = withoutMarks(marked)
    for (const [x, y] of [
      [10, 12],
      [18, 12],
      [180, 181],
    ] as const)
      expect(greyAt(clean, x, y)).toBe(12)
    expect(greyAt(clean, 100, 100)).toBe(130)
  })

  it('takes a tall thin ruler, but no arm beside the body', () => {
    const marked = drawn(200, 200, 12, [body, [190, 20, 4, 160, 240], [5, 60, 20, 80, 200]])
    const clean = withoutMarks(marked)
    expect(greyAt(clean, 191, 100)).toBe(12)
    expect(greyAt(clean, 15, 100)).toBe(200)
  })

  it('takes the soft edge of a letter with it', () => {
    const marked = drawn(200, 200, 12, [body, [7, 7, 8, 12, 50], [8, 8, 6, 10, 255]])
    expect(new Set(withoutMarks(marked).data.subarray(0, 3 * 200 * 25))).toEqual(new Set([12]))
  })

  it('leaves a bright spot in a hollow of the body, which its hull covers', () => {
    const lungs = drawn(200, 200, 12, [body, [60, 30, 40, 100, 12], [75, 60, 6, 6, 255]])
    expect(withoutMarks(lungs).data).toEqual(lungs.data)
  })

  it('leaves what lies over the body, and bright spots within it', () => {
    const spotted = drawn(200, 200, 12, [body, [60, 60, 8, 8, 255]])
    expect(withoutMarks(spotted).data).toEqual(spotted.data)
  })

  it('leaves a picture that shows no air', () => {
    const lung = drawn(200, 200, 130, [[10, 10, 8, 8, 255]])
    expect(withoutMarks(lung).data).toEqual(lung.data)
  })

  it('leaves a picture that is mostly such parts: a chart is no slice', () => {
    const bars = Array.from({ length: 60 }, (_, at): [number, number, number, number, number] => [
      3 * (at % 60),
      10 + 20 * (at % 8),
      2,
      22,
      255,
    ])
    const chart = drawn(200, 200, 0, bars)
    expect(withoutMarks(chart).data).toEqual(chart.data)
  })

  it('lets the frame behind the marks be cropped', async () => {
    const png = await encodePng(drawn(200, 200, 0, [body, [8, 8, 10, 12, 255]]))
    const { picture } = await prepare(png, 16, { borders: true, marks: true })
    expect(new Set(picture.data)).toEqual(new Set([130]))
  })
})

describe('taking colour out', () => {
  it('gives one channel of Rec. 601 luma', async () => {
    const red = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#ff0000' } })
      .png()
      .toBuffer()
    expect((await prepare(red, 2)).picture.channels).toBe(3)
    const { picture } = await prepare(red, 2, { grey: true })
    expect(picture.channels).toBe(1)
    expect([...picture.data]).toEqual([76, 76, 76, 76])
  })
})
