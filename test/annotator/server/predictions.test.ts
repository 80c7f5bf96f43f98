import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Predictions } from '../../../annotator/server/predictions.ts'
import type { Prediction } from '../../../data/records/cycle.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'

const lesions = { GGO: 0.1, Csld: 0.2, CrPa: 0.3, AirBr: 0.4, InSepThi: 0.5 }
const row = (at: number): Prediction => ({
  case: `case ${at}`,
  image: `image ${at}`,
  side: at % 2 ? 'test' : 'pool',
  fold: at % 2 ? null : at % 5,
  flag: at / 1000,
  lesions,
})

describe('predictions of a cycle', () => {
  test('give each case its own, however many there are', async () => {
    const path = join(await temporaryFolder(), 'predictions.jsonl')
    await writeFile(path, Array.from({ length: 700 }, (_, at) => JSON.stringify(row(at))).join('\n'))
    const predictions = await new Predictions('0003', { threshold: 0.4 }).read(path)
    for (const at of [0, 1, 63, 64, 65, 699])
      expect(predictions.of(`case ${at}`, true)).toEqual({
        cycle: '0003',
        promoted: true,
        side: at % 2 ? 'test' : 'pool',
        fold: at % 2 ? null : at % 5,
        flag: at / 1000,
        lesions,
        thresholds: { flag: 0.4, GGO: 0.5, Csld: 0.5, CrPa: 0.5, AirBr: 0.5, InSepThi: 0.5 },
      })
    expect(predictions.of('case 700', true)).toBeNull()
  })

  test('go by the operating points that the cycle chose, where it chose any', () => {
    const predictions = new Predictions('0003', {
      threshold: 0.4,
      thresholds: { flag: 0.6, GGO: 0.3, Csld: null },
    })
    predictions.take(row(1))
    expect(predictions.of('case 1', false)?.thresholds).toMatchObject({ flag: 0.6, GGO: 0.3, Csld: 0.5 })
  })

  test('of no file are none, and a damaged line is an error', async () => {
    const path = join(await temporaryFolder(), 'predictions.jsonl')
    expect((await new Predictions('0001', null).read(path)).of('case 1', false)).toBeNull()
    await writeFile(path, '{"case":')
    await expect(new Predictions('0001', null).read(path)).rejects.toThrow(SyntaxError)
  })
})
