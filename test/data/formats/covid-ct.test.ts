import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importCovidCt } from '../../../data/formats/covid-ct.ts'
import { covidCtName, doiOfPaper } from '../../../data/formats/covid-ct-names.ts'
import type { ImportResult } from '../../../data/formats/import-result.ts'
import { nothingMined } from '../../../data/formats/text-findings.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import type { MinedFlag } from '../../../data/records/vocabulary.ts'
import { greyLevels } from '../../../data/statistics/grey-levels.ts'
import { auc } from '../../../data/statistics/roc.ts'
import { shortcutControl, shortcutFeatures } from '../../../data/statistics/shortcut.ts'
import { readPixels } from '../../../data/workspace/images.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { hasRealData, realData } from '../../real-data.ts'

describe('names of COVID-CT', () => {
  test.each([
    ['2020.02.11.20021493-p16-109%0.png', '2020.02.11.20021493', 16, 'p16-109%0'],
    ['2020.01.24.919183-p27-132.png', '2020.01.24.919183', 27, 'p27-132'],
    ['2020.03.12.20034686-p17-91-3.png', '2020.03.12.20034686', 17, 'p17-91-3'],
    ['kjr-21-e25-p1-10.png', 'kjr-21-e25', 1, 'p1-10'],
    ['bmj.m606.full-p4-22%7.png', 'bmj.m606.full', 4, 'p4-22%7'],
    ['PIIS0140673620301549_0%1.png', 'PIIS0140673620301549', null, '0%1'],
    ['PIIS0140673620302117_2.png', 'PIIS0140673620302117', null, '2'],
    ['PIIS0140673620303603%8.png', 'PIIS0140673620303603', null, '%8'],
    ['something.png', 'something', null, '0'],
  ])('%s is of paper %s', (file, paper, page, picture) => {
    expect(covidCtName(file)).toEqual({ paper, page, picture })
  })
  test('a preprint named by date and number has its DOI, any other none', () => {
    expect(doiOfPaper('2020.02.11.20021493')).toBe('10.1101/2020.02.11.20021493')
    expect(doiOfPaper('kjr-21-e25')).toBeUndefined()
  })
})

describe.skipIf(!hasRealData('covid-ct'))('the real COVID-CT', () => {
  const folder = join(realData, 'covid-ct')
  const dir = mkdtempSync(join(tmpdir(), 'lesionloop-covid-ct-'))
  const cases: MinedCase[] = []
  let workspace: Workspace
  let result: ImportResult
  beforeAll(async () => {
    workspace = await openWorkspace(dir, { create: true })
    // The two readers' gold of the captions' flags stands for a miner that errs nowhere.
    const gold = new Map<string, MinedFlag>(
      readFileSync(join(folder, 'captions.jsonl'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line) as { caption: string; gold: { covid: MinedFlag } })
        .map(row => [row.caption, row.gold.covid]),
    )
    result = await importCovidCt(workspace, folder, {
      cases: { put: async (_, rows) => void cases.push(...rows) },
      mineText: texts =>
        texts.map(text => ({
          ...nothingMined(),
          covid: { flag: gold.get(text) ?? 'unstated', evidence: [] },
        })),
    })
  }, 120_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const warning = (code: string) => result.warnings.filter(one => one.code === code)

  test('all 746 images become cases with their published flag, none is rejected', () => {
    expect(result.imported).toBe(746)
    expect(result.rejected).toEqual([])
    expect(cases.filter(row => row.published?.flag === 'positive')).toHaveLength(349)
    expect(cases.filter(row => row.published?.flag === 'negative')).toHaveLength(397)
    expect(new Set(cases.map(row => row.id)).size).toBe(746)
  })
  test('sides are those of LA-DNN: 425, 118, 203', () => {
    const of = (side: string) => cases.filter(row => row.officialSide === side).length
    expect([of('train'), of('val'), of('test')]).toEqual([425, 118, 203])
  })
  test('the three papers with images on more than one side are reported', () => {
    expect(warning('leak-document').map(one => one.items[0])).toEqual([
      'covid-ct:2020.03.12.20034686',
      'covid-ct:2020.03.13.20035212',
      'covid-ct:2020.03.22.20040782',
    ])
    expect(warning('leak-document')[2]?.message).toContain('train 4, val 5, test 5')
  })
  test('no control patient is on two sides', () => {
    expect(warning('leak-patient').filter(one => one.items[0]?.includes('_patient_'))).toEqual([])
  })
  test('the seven COVID images that are negative by their own caption are found', () => {
    const [found] = warning('flag-contradicted')
    expect(found?.items).toHaveLength(7)
    expect(found?.items.every(item => item.startsWith('images/CT_COVID/'))).toBe(true)
  })
  test('111 of 349 COVID images without any lesion label are reported', () => {
    expect(warning('no-lesion-label')[0]?.items).toHaveLength(111)
  })
  test('lesions without a positive on validation and test are reported', () => {
    const items = warning('no-positive').map(one => [one.message.split(':')[1]?.trim(), one.items])
    expect(items).toEqual([
      ['val', ['CrPa', 'AirBr', 'InSepThi']],
      ['test', ['InSepThi']],
    ])
  })
  test('167 images carry a caption, and patients come from captions, the meta file or the paper', () => {
    expect(cases.filter(row => row.caption !== '')).toHaveLength(167)
    const patientOf = (file: string) => cases.find(row => row.source.file.endsWith(`/${file}`))?.patient
    expect(patientOf('2020.02.11.20021493-p16-109%1.png')).toBe('covid-ct:Patient 4')
    expect(patientOf('1%0.jpg')).toBe('covid-ct:crawled_patient_1')
    expect(patientOf('kjr-21-e25-p1-10.png')).toMatch(/^covid-ct:/)
  })
  test('ten numbers of file and grey levels alone tell the flag on the test side with an AUC above 0.9', async () => {
    const rows: { features: number[]; label: boolean; side: string }[] = []
    for (const row of cases) {
      const bytes = readFileSync(workspace.paths.image(row.imageFile))
      const pixels = await readPixels(bytes)
      rows.push({
        features: shortcutFeatures({
          format: row.source.format,
          width: pixels.width,
          height: pixels.height,
          bytes: bytes.length,
          grey: greyLevels(pixels),
        }),
        label: row.published?.flag === 'positive',
        side: row.officialSide!,
      })
    }
    const train = rows.filter(row => row.side === 'train')
    const held = rows.filter(row => row.side === 'test')
    const scores = shortcutControl(
      train.map(row => row.features),
      train.map(row => row.label),
      held.map(row => row.features),
    )
    const value = auc(
      scores,
      held.map(row => row.label),
    )!
    console.log(`shortcut control on COVID-CT: test AUC ${value.toFixed(3)}`)
    expect(value).toBeGreaterThan(0.9)
  }, 120_000)
})
