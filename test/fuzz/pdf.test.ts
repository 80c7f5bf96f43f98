import { describe, expect, test } from 'vitest'
import { isBuilt } from '../faults/served.ts'
import { isLong, measured, times } from '../long.ts'
import { hasRealData } from '../real-data.ts'
import { fuzzPdfs } from './pdf-mutants.mjs'

describe.skipIf(!hasRealData('pdfs') || !isBuilt())('spoilt PDFs', () => {
  test('come out as figures or as a refusal in words: no crash, no hang, no memory over the limit', async () => {
    const onMutant = (done: number) => done % 100 === 0 && measured(`${done} mutants`)
    const found = await fuzzPdfs({ mutants: times(2000, 100), seed: 1, small: !isLong, onMutant })
    measured(
      `${found.mutants} mutants: ${found.read} read, refused ${JSON.stringify(found.refused)}, at most ${found.peakMb.toFixed(0)} MB and ${found.slowestS.toFixed(1)} s`,
    )
    expect(found.faults).toEqual([])
    expect(found.read).toBeGreaterThan(0)
  })
})
