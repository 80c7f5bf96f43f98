import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkDataset } from '../../data/checks/check.ts'
import { examinePictures } from '../../data/checks/examine.ts'
import type { DuplicatesRecord } from '../../data/duplicates/record.ts'
import { updateDuplicates } from '../../data/duplicates/update.ts'
import { importCovidCt } from '../../data/formats/covid-ct.ts'
import { truthOf } from '../../data/journal/truth.ts'
import type { CaseState, MinedCase } from '../../data/records/case.ts'
import type { CheckReport } from '../../data/records/check.ts'
import { officialSplit, stratifiedSplit } from '../../data/splits/split.ts'
import { openWorkspace } from '../../data/workspace/open.ts'
import { createMiner } from '../../extractor/text/miner.ts'
import { hasRealData, realData } from '../real-data.ts'

/** What the check finds on the real COVID-CT without knowing it: the faults that the dataset's description lists. */
describe.skipIf(!hasRealData('covid-ct'))('check on the real COVID-CT', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lesionloop-check-'))
  let cases: CaseState[]
  let doubles: DuplicatesRecord
  let report: CheckReport
  let regrouped: CheckReport
  beforeAll(async () => {
    const workspace = await openWorkspace(dir, { create: true })
    const mined: MinedCase[] = []
    const miner = createMiner()
    await importCovidCt(workspace, join(realData, 'covid-ct'), {
      cases: { put: async (_, rows) => void mined.push(...rows) },
      mineText: texts => texts.map(text => miner.mine(text)),
    })
    cases = mined.map(row => ({
      ...row,
      version: 0,
      labels: [],
      notes: [],
      assigned: [],
      edited: false,
      truth: truthOf({
        mined: row.mined,
        ...(row.published ? { published: row.published } : {}),
        labels: [],
      }),
    }))
    doubles = await updateDuplicates(workspace, cases)
    const pictures = await examinePictures(workspace, cases)
    report = checkDataset(cases, officialSplit(cases, { doubles: doubles.links }), doubles, pictures)
    regrouped = checkDataset(cases, stratifiedSplit(cases, { doubles: doubles.links }), doubles, pictures)
  }, 600_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const finding = (code: string, of = report) => of.findings.find(found => found.code === code)
  const fileOf = (image: string) =>
    cases
      .find(row => row.image === image)!
      .source.file.split('/')
      .slice(-2)
      .join('/')

  test('three papers are on more than one side, and no patient of the controls', () => {
    expect(finding('leak-paper')).toMatchObject({
      severity: 'severe',
      details: {
        sides: {
          '10.1101/2020.03.22.20040782': { train: 4, val: 5, test: 5 },
          '10.1101/2020.03.12.20034686': { train: 4, test: 2 },
          '10.1101/2020.03.13.20035212': { train: 3, val: 9 },
        },
      },
    })
    expect(finding('leak-paper')!.items).toHaveLength(3)
    expect(finding('leak-patient')).toBeUndefined()
  })
  test('the lesions without a positive in val and test are named', () => {
    const missing = report.findings.filter(({ code }) => code === 'no-positive').map(({ items }) => items)
    expect(missing).toEqual([['CrPa', 'AirBr', 'InSepThi'], ['InSepThi']])
  })
  test('111 of the 349 COVID images carry no lesion', () => {
    expect(finding('positive-without-lesion')!.items).toHaveLength(111)
    expect(finding('positive-without-lesion')!.message).toContain('111 of 349')
  })
  test('seven COVID images of three captions are negative by their caption', () => {
    expect(finding('flag-against-caption')!.items).toHaveLength(7)
    expect(finding('flag-against-caption')!.message).toContain('3 captions')
  })
  test('many lesion labels disagree with the caption', () => {
    expect(finding('lesions-against-caption')!.items.length).toBeGreaterThan(20)
  })
  test('the mentions are nearly all present, so that assertion can’t be judged on them', () => {
    expect(finding('assertions-one-sided')!.details).toEqual({
      present: 99,
      possible: 0,
      resolved: 1,
      absent: 0,
    })
  })
  test('the ending of the file tells the flag: every COVID image is named PNG, half of the controls JPEG', () => {
    const counts = finding('format-tells-flag')!.details!['counts'] as Record<string, unknown>[]
    expect(counts).toContainEqual({ format: 'png', positive: 349, negative: 195 })
    expect(counts).toContainEqual({ format: 'jpg', positive: 0, negative: 202 })
  })
  test('ten numbers of the file and its grey levels tell the flag with a test AUC of about 0.93, also within PNG', () => {
    const { overall, within } = finding('shortcut')!.details as {
      overall: { value: number; low: number }
      within: Record<string, { value: number }>
    }
    expect(finding('shortcut')!.severity).toBe('severe')
    expect(overall.value).toBeGreaterThan(0.9)
    expect(overall.low).toBeGreaterThan(0.8)
    expect(within['png']!.value).toBeGreaterThan(0.85)
  })
  test('nine pairs show one slice, and two of them are published as COVID and as control', () => {
    // Every pair was looked at: all nine are one slice (rescaled, cropped or encoded again).
    const pairs = doubles.links.map(({ one, other }) => [fileOf(one), fileOf(other)].sort().join(' = '))
    expect(pairs.sort()).toEqual([
      'CT_COVID/2020.03.22.20040782-p24-1533-2.png = CT_COVID/2020.03.22.20040782-p25-1541.png',
      'CT_COVID/2020.03.22.20040782-p24-1533-6.png = CT_COVID/2020.03.22.20040782-p25-1543.png',
      'CT_COVID/kjr-21-e24-p5-29.png = CT_NonCOVID/71%0.jpg',
      'CT_COVID/kjr-21-e24-p5-31.png = CT_NonCOVID/71%1.jpg',
      'CT_NonCOVID/114.png = CT_NonCOVID/116.png',
      'CT_NonCOVID/114.png = CT_NonCOVID/118.png',
      'CT_NonCOVID/115.png = CT_NonCOVID/117.png',
      'CT_NonCOVID/116.png = CT_NonCOVID/118.png',
      'CT_NonCOVID/661.png = CT_NonCOVID/662.png',
    ])
    expect(finding('conflict-double-flag')!.items).toHaveLength(4)
    expect(finding('leak-double')!.severity).toBe('severe')
  })
  test('pictures with burnt-in text are named, and what they say is not', () => {
    const files = finding('burnt-in-text')!.items.map(id => cases.find(row => row.id === id)!.source.file)
    expect(files).toContain('images/CT_NonCOVID/12.jpg')
    expect(files).toContain('images/CT_COVID/2020.03.13.20035212-p23-152.png')
    expect(JSON.stringify(finding('burnt-in-text'))).not.toMatch(/2011 May|Feb 11/)
  })
  test('a split by group leaks no paper, patient or double, and has every lesion on every side', () => {
    expect(
      regrouped.findings.filter(({ code }) => code.startsWith('leak-') || code === 'no-positive'),
    ).toEqual([])
  })
})
