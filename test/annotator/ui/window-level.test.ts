import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  autoWindow,
  dragWindow,
  fillTable,
  LUNG,
  stepWindow,
  unitsAt,
  WINDOWS,
} from '../../../annotator/ui/review/window-level.ts'
import { decodeGreys } from '../../../annotator/ui/review/window-png.ts'
import { hounsfieldPng } from '../../../data/dicom/hounsfield-image.ts'
import { OUTSIDE } from '../../../data/dicom/slice.ts'
import { throughWindow } from '../../../data/dicom/window.ts'

/** Slopes, steps and noise, so that every filter of a PNG is used. */
const values = Float32Array.from({ length: 40 * 30 }, (_, at) =>
  at < 40 ? OUTSIDE : -1024 + Math.round(900 * Math.abs(Math.sin(at / 7))) + (at % 40) * 30,
)

async function decoded(of: ArrayLike<number> = values, slope = 1) {
  const made = await hounsfieldPng({ values: of, width: 40, height: 30, slope })
  if (!made) throw new Error('not written')
  return { ...(await decodeGreys(made.png)), slope: made.slope, intercept: made.intercept }
}

describe('a slice in Hounsfield units', () => {
  it('comes back value by value from its PNG, what is outside the scan included', async () => {
    const { greys, width, height, slope, intercept } = await decoded()
    expect([width, height]).toEqual([40, 30])
    expect(Array.from(greys, grey => slope * grey + intercept)).toEqual([...values])
  })

  it('of fractions comes back by its slope', async () => {
    const fractions = values.map(value => (value === OUTSIDE ? OUTSIDE : value / 4 + 0.125))
    const { greys, slope, intercept } = await decoded(fractions, 0.25)
    expect(slope).toBe(0.25)
    greys.forEach((grey, at) => {
      if (fractions[at] !== OUTSIDE) expect(slope * grey + intercept).toBe(fractions[at])
      else expect(slope * grey + intercept).toBeLessThan(-1900)
    })
  })

  it('of values too far apart for 16 bits is not kept', async () => {
    expect(await hounsfieldPng({ values: [0, 70_000], width: 2, height: 1, slope: 1 })).toBeNull()
  })

  it('is named by what it shows, whatever file it came from', async () => {
    const of = (shift: number) =>
      hounsfieldPng({ values: values.map(value => value + shift), width: 40, height: 30, slope: 1 })
    expect((await of(0))!.file).toBe((await of(0))!.file)
    expect((await of(0))!.file).not.toBe((await of(1))!.file)
  })

  it('is written as a PNG that others read as 16 bits', async () => {
    const made = await hounsfieldPng({ values, width: 40, height: 30, slope: 1 })
    expect(await sharp(made!.png).metadata()).toMatchObject({ format: 'png', depth: 'ushort', channels: 1 })
  })

  it('is not taken from a PNG of 8 bits, or a damaged one', async () => {
    const eight = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#333' } })
      .png()
      .toBuffer()
    await expect(decodeGreys(eight)).rejects.toThrow('16 bits')
    await expect(decodeGreys(eight.subarray(0, 20))).rejects.toThrow('no PNG')
  })
})

describe('the window', () => {
  it('shows each value as the picture of 8 bits would have it', async () => {
    const slice = await decoded()
    const table = new Uint32Array(65_536)
    for (const window of Object.values(WINDOWS)) {
      fillTable(table, slice, window)
      const shown = new Uint8Array(Uint32Array.from(slice.greys, grey => table[grey]!).buffer)
      const expected = throughWindow(values, window)
      expect(Array.from({ length: expected.length }, (_, at) => shown[4 * at])).toEqual([...expected])
      expect(shown[3]).toBe(255)
    }
  })

  it('widens by a drag to the right, and shows brighter by a drag up', () => {
    expect(dragWindow(LUNG, 20, 0).width).toBeGreaterThan(LUNG.width)
    expect(dragWindow(LUNG, 0, -20).centre).toBeLessThan(LUNG.centre)
    expect(dragWindow({ centre: 0, width: 1 }, -1000, 0).width).toBe(1)
  })

  it('by a key gets brighter with a lower level and steeper with less width', () => {
    expect(stepWindow(LUNG, 1.1, 1).centre).toBeLessThan(LUNG.centre)
    expect(stepWindow(LUNG, 1, 1.1).width).toBeLessThan(LUNG.width)
  })

  it('by what was scanned leaves out what was not', async () => {
    const { centre, width } = autoWindow(await decoded())
    expect(centre - width / 2).toBeGreaterThan(-1050)
    expect(centre + width / 2).toBeLessThanOrEqual(Math.max(...values))
  })

  it('of nothing scanned stays the lung window', async () => {
    const nothing = { width: 1, height: 1, greys: Uint16Array.of(0), slope: 1, intercept: -32_768 }
    expect(autoWindow(nothing)).toEqual(LUNG)
  })

  it('tells the units under a place, and nothing outside the picture', async () => {
    const slice = await decoded()
    expect(unitsAt(slice, 0.5, 0.5)).toBe(values[15 * 40 + 20])
    expect(unitsAt(slice, 1, 0.5)).toBeNull()
    expect(unitsAt(slice, -0.1, 0.5)).toBeNull()
  })
})
