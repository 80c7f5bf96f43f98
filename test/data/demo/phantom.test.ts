import { describe, expect, it } from 'vitest'
import { DISEASES } from '../../../data/demo/phantom/disease.ts'
import { type PhantomSlice, phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { LESIONS, type Lesion } from '../../../data/records/vocabulary.ts'

const meanWhere = (slice: PhantomSlice, keep: (index: number) => boolean) => {
  let sum = 0
  let count = 0
  for (let i = 0; i < slice.pixels.length; i++)
    if (keep(i)) {
      sum += slice.pixels[i]!
      count++
    }
  return { mean: sum / count, count }
}

describe('phantom slices', () => {
  it('are the same for the same seed', () => {
    const wish = { covid: true, lesions: ['GGO', 'CrPa'] as Lesion[] }
    expect(phantomSlice('one', wish).pixels).toEqual(phantomSlice('one', wish).pixels)
  })

  it('differ from seed to seed', () => {
    const a = phantomSlice('one', { width: 120, height: 100 })
    const b = phantomSlice('two', { width: 120, height: 100 })
    expect(a.pixels).not.toEqual(b.pixels)
  })

  it('keep the size wished for', () => {
    const slice = phantomSlice(3, { width: 140, height: 110 })
    expect([slice.width, slice.height, slice.pixels.length]).toEqual([140, 110, 140 * 110])
  })

  it('show lungs darker than what surrounds them', () => {
    for (let seed = 0; seed < 6; seed++) {
      const slice = phantomSlice(seed, { disease: 'normal' })
      const inside = meanWhere(slice, i => slice.lung[i] === 1)
      expect(inside.count / slice.pixels.length).toBeGreaterThan(0.12)
      expect(inside.mean).toBeLessThan(meanWhere(slice, i => slice.lung[i] === 0).mean)
    }
  })

  for (const lesion of LESIONS)
    it(`show ${lesion} over an area inside the lungs when it is wished for`, () => {
      for (let seed = 0; seed < 5; seed++) {
        const slice = phantomSlice(`${lesion}${seed}`, {
          covid: seed % 2 === 0,
          disease: 'viral-pneumonia',
          lesions: [lesion],
        })
        const mask = slice.masks[lesion]!
        let area = 0
        let outside = 0
        for (let i = 0; i < mask.length; i++) {
          area += mask[i]!
          if (mask[i] && !slice.lung[i]) outside++
        }
        expect(outside).toBe(0)
        expect(area).toBeGreaterThan(25)
      }
    })

  it('mask no lesion that is not shown', () => {
    const slice = phantomSlice('none', { disease: 'covid', lesions: ['GGO'] })
    expect(Object.keys(slice.masks)).toEqual(['GGO'])
  })

  it('are denser than clear lung where ground glass, paving, septa or consolidation lie', () => {
    for (const lesion of ['GGO', 'Csld', 'CrPa', 'InSepThi'] as const) {
      const slice = phantomSlice(`dense-${lesion}`, { disease: 'covid', lesions: [lesion], severity: 0.6 })
      const mask = slice.masks[lesion]!
      const other = Object.values(slice.masks)
      const sick = meanWhere(slice, i => mask[i] === 1).mean
      const clear = meanWhere(slice, i => slice.lung[i] === 1 && other.every(m => m[i] === 0)).mean
      expect(sick - clear).toBeGreaterThan(15)
    }
  })

  it('show air bronchograms as dark branches in consolidation', () => {
    const slice = phantomSlice('tubes', { disease: 'covid', lesions: ['AirBr'], severity: 0.8 })
    expect(slice.lesions).toEqual(['Csld', 'AirBr'])
    const tubes = meanWhere(slice, i => slice.masks.AirBr![i] === 1).mean
    const around = meanWhere(slice, i => slice.masks.Csld![i] === 1 && slice.masks.AirBr![i] === 0).mean
    expect(around - tubes).toBeGreaterThan(40)
  })

  it('do not betray the flag where there is no lesion: the picture is the same for both', () => {
    let same = 0
    for (let seed = 0; seed < 10; seed++) {
      const sick = phantomSlice(seed, { disease: 'covid', lesions: [], width: 120 })
      const well = phantomSlice(seed, { disease: 'normal', lesions: [], width: 120 })
      expect([sick.width, sick.height]).toEqual([well.width, well.height])
      if (Buffer.from(sick.pixels).equals(Buffer.from(well.pixels))) same++
    }
    // The few that differ hold an effusion, which a patient with COVID-19 may have too.
    expect(same).toBeGreaterThanOrEqual(8)
  })

  it('show the same chest again for the same patient', () => {
    const before = phantomSlice('day 3', { patient: 'p', disease: 'covid', lesions: ['GGO'] })
    const after = phantomSlice('day 30', { patient: 'p', disease: 'covid', lesions: [] })
    expect(after.lung).toEqual(before.lung)
  })

  it('can be drawn for every disease', () => {
    for (const disease of DISEASES) {
      const slice = phantomSlice(disease, { disease })
      expect(slice.covid).toBe(disease === 'covid')
    }
  })
})
