import { describe, expect, it } from 'vitest'
import {
  augmentOptions,
  CT_AUGMENT,
  FORMAT_BLIND_AUGMENT,
} from '../../../trainer/pictures/augment-options.ts'
import { drawAugmentation, UNCHANGED } from '../../../trainer/pictures/augmentation.ts'
import { blur, recompressed } from '../../../trainer/pictures/degrade.ts'
import { inputOf } from '../../../trainer/pictures/input.ts'
import { applyTable, erase, toneTable } from '../../../trainer/pictures/tone.ts'

const draws = (options = CT_AUGMENT, count = 400) =>
  Array.from({ length: count }, (_, at) => drawAugmentation(options, `seed/${at}`))
const grey = (values: number[], width: number) => ({
  data: Uint8Array.from(values),
  width,
  height: values.length / width,
  channels: 1 as const,
})

describe('drawing the changes of a picture', () => {
  it('gives the same for the same seed and others for another', () => {
    expect(drawAugmentation(CT_AUGMENT, 'a')).toEqual(drawAugmentation(CT_AUGMENT, 'a'))
    expect(drawAugmentation(CT_AUGMENT, 'a')).not.toEqual(drawAugmentation(CT_AUGMENT, 'b'))
  })

  it('keeps every draw within its limits', () => {
    for (const { box, angle, brightness, contrast, gamma, window } of draws()) {
      expect(box.left).toBeGreaterThanOrEqual(0)
      expect(box.top).toBeGreaterThanOrEqual(0)
      expect(box.left + box.width).toBeLessThanOrEqual(1 + 1e-12)
      expect(box.top + box.height).toBeLessThanOrEqual(1 + 1e-12)
      expect(box.width * box.height).toBeGreaterThan(0.75 / 1.1)
      expect(Math.abs(angle)).toBeLessThanOrEqual((8 * Math.PI) / 180)
      expect(Math.abs(brightness)).toBeLessThanOrEqual(0.1)
      expect(Math.abs(Math.log(contrast))).toBeLessThanOrEqual(Math.log(1.2) + 1e-12)
      expect(Math.abs(Math.log(gamma))).toBeLessThanOrEqual(Math.log(1.15) + 1e-12)
      expect(Math.abs(window.centre)).toBeLessThanOrEqual(60)
      expect(Math.abs(window.width)).toBeLessThanOrEqual(200)
    }
  })

  it('mirrors half of the pictures, and none where flips are off', () => {
    const flipped = draws().filter(one => one.flip).length
    expect(flipped).toBeGreaterThan(150)
    expect(flipped).toBeLessThan(250)
    expect(draws({ ...CT_AUGMENT, flip: false }).some(one => one.flip)).toBe(false)
  })

  it('blurs and re-encodes only where that is asked for', () => {
    expect(draws().every(one => one.blur === 0 && one.jpeg === null)).toBe(true)
    const blind = draws(FORMAT_BLIND_AUGMENT)
    const qualities = blind.flatMap(one => one.jpeg ?? [])
    expect(qualities.length).toBeGreaterThan(180)
    expect(Math.min(...qualities)).toBeGreaterThanOrEqual(40)
    expect(Math.max(...qualities)).toBeLessThanOrEqual(95)
    expect(blind.some(one => one.blur > 0)).toBe(true)
  })

  it('leaves the other draws as they were where one kind is turned off', () => {
    const { box: _, ...rest } = drawAugmentation({ ...CT_AUGMENT, crop: [1, 1], aspect: 1 }, 'a')
    expect(drawAugmentation(CT_AUGMENT, 'a')).toMatchObject(rest)
  })

  it('changes nothing where everything is off', () => {
    const off = augmentOptions.parse({
      crop: [1, 1],
      aspect: 1,
      rotate: 0,
      flip: false,
      brightness: 0,
      contrast: 0,
      gamma: 0,
      window: { centre: 0, width: 0 },
      erase: { chance: 0, area: [0.1, 0.1] },
    })
    const drawn = drawAugmentation(off, 'a')
    expect(Math.abs(drawn.angle) + Math.abs(drawn.brightness)).toBe(0)
    expect({ ...drawn, angle: 0, brightness: 0, window: { centre: 0, width: 0 } }).toEqual(UNCHANGED)
  })

  it('refuses options nobody knows', () => {
    expect(augmentOptions.safeParse({ verticalFlip: true }).success).toBe(false)
  })
})

describe('tone', () => {
  it('leaves all greys where nothing is changed', () => {
    expect([...toneTable(UNCHANGED)]).toEqual(Array.from({ length: 256 }, (_, at) => at))
  })

  it('spreads about the middle, adds, and raises to a power', () => {
    const contrast = toneTable({ contrast: 2, brightness: 0, gamma: 1 })
    expect([contrast[0], contrast[96], contrast[160], contrast[255]]).toEqual([0, 65, 193, 255])
    expect(toneTable({ contrast: 1, brightness: 0.2, gamma: 1 })[51]).toBe(102)
    expect(toneTable({ contrast: 1, brightness: 0, gamma: 2 })[128]).toBe(Math.round(255 * (128 / 255) ** 2))
  })

  it('puts its table over the picture', () => {
    const picture = grey([0, 51, 255], 3)
    applyTable(picture, toneTable({ contrast: 1, brightness: 0.2, gamma: 1 }))
    expect([...picture.data]).toEqual([51, 102, 255])
  })
})

describe('blur, JPEG and erasing', () => {
  it('spreads a point evenly to its neighbours and keeps plain grey', () => {
    const point = grey(
      Array.from({ length: 81 }, (_, at) => (at === 40 ? 250 : 0)),
      9,
    )
    blur(point, 1)
    const at = (x: number, y: number) => point.data[y * 9 + x]
    expect(at(4, 4)).toBe(40) // 250 · 0.399²: the middle weight of a Gaussian of deviation 1
    expect(at(3, 4)).toBe(at(5, 4))
    expect(at(4, 3)).toBe(at(3, 4))
    expect(at(0, 0)).toBe(0)
    const plain = grey(Array(25).fill(77), 5)
    blur(plain, 0.7)
    expect(new Set(plain.data)).toEqual(new Set([77]))
  })

  it('comes back from JPEG near what it was, in its own channels', async () => {
    for (const channels of [1, 3] as const) {
      const picture = {
        data: Uint8Array.from(
          { length: 32 * 32 * channels },
          (_, at) => 100 + (Math.floor(at / channels) % 32),
        ),
        width: 32,
        height: 32,
        channels,
      }
      const back = await recompressed(picture, 90)
      expect(back).toMatchObject({ width: 32, height: 32, channels })
      const worst = back.data.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - picture.data[at]!)),
        0,
      )
      expect(worst).toBeLessThan(8)
      expect(back.data).not.toEqual((await recompressed(picture, 10)).data)
    }
  })

  it("fills a box with the picture's mean and leaves the rest", () => {
    const picture = grey([0, 0, 0, 100, 100, 100, 200, 200, 200], 3)
    erase(picture, { left: 0, top: 0, width: 2 / 3, height: 1 / 3 })
    expect([...picture.data]).toEqual([100, 100, 0, 100, 100, 100, 200, 200, 200])
  })
})

describe('the input of a prepared picture', () => {
  const preprocessing = { size: 2, channels: 'rgb' as const, mean: [0, 0.5, 1], std: [1, 0.5, 0.25] }
  const prepared = { picture: grey([0, 51, 102, 255], 2), units: null, aspect: 1 }

  it('repeats grey in three channels and normalises each by its own numbers', async () => {
    const x = await inputOf(prepared, preprocessing, null)
    expect([...x].map(value => Number(value.toFixed(4)))).toEqual([
      0, -1, -4, 0.2, -0.6, -3.2, 0.4, -0.2, -2.4, 1, 1, 0,
    ])
  })

  it('leaves the prepared picture as it was', async () => {
    await inputOf(prepared, preprocessing, { ...UNCHANGED, brightness: 0.5, blur: 1, flip: true })
    expect([...prepared.picture.data]).toEqual([0, 51, 102, 255])
  })
})
