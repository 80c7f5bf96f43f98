import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { logit } from '../../../data/statistics/logit.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { secondsOf } from '../../../trainer/reproduction/budget.ts'
import { covidCtExamples } from '../../../trainer/reproduction/covid-ct-examples.ts'
import { reproductionPage } from '../../../trainer/reproduction/document.ts'
import { readExternalSet } from '../../../trainer/reproduction/external-set.ts'
import {
  arms,
  aucDifference,
  aucInterval,
  ensemble,
  flagFigures,
  lesionFigures,
  spread,
} from '../../../trainer/reproduction/figures.ts'
import { plan, recipe, runName } from '../../../trainer/reproduction/recipe.ts'
import { readRun, readRuns } from '../../../trainer/reproduction/run-one.ts'
import type { JudgedPicture, RunRecord } from '../../../trainer/reproduction/run-record.ts'
import { hasRealData, realData } from '../../real-data.ts'

const folders: string[] = []
async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'lesionloop-reproduction-'))
  folders.push(folder)
  return folder
}
afterAll(() => Promise.all(folders.map(folder => nodeFiles.remove(folder))))

/** Pictures whose flag is scored as given; a COVID picture has a GGO where its number is even. */
const pictures = (
  side: 'val' | 'test',
  scores: readonly [probability: number, flag: 0 | 1][],
): JudgedPicture[] =>
  scores.map(([probability, flag], at) => ({
    id: `${side}-${at}`,
    side,
    group: `${side}-${Math.floor(at / 2)}`,
    truth: [flag, flag === 1 && at % 2 === 0 ? 1 : 0, 0, 0, 0, 0],
    logits: HEADS.map((_, head) => (head === 0 ? logit(probability) : (at % 2) - 0.5)),
  }))

const VAL = pictures('val', [
  [0.9, 1],
  [0.6, 1],
  [0.5, 0],
  [0.1, 0],
])
const run = (given: Partial<RunRecord>, test: readonly [number, 0 | 1][]): RunRecord => ({
  format: 'lesionloop-reproduction-1',
  split: 'official',
  backbone: 'efficientnet-lite0',
  weights: { name: 'weights.safetensors', sha256: 'ab'.repeat(32) },
  loss: 'flag-only',
  seed: 1,
  options: {},
  backend: 'native',
  code: 'lesionloop',
  keptAt: 1,
  history: [],
  pictures: [...VAL, ...pictures('test', test)],
  external: {},
  leftOut: [],
  ...given,
})
const RIGHT: [number, 0 | 1][] = [
  [0.9, 1],
  [0.8, 1],
  [0.7, 1],
  [0.3, 0],
  [0.2, 0],
  [0.1, 0],
]
const MIXED: [number, 0 | 1][] = [
  [0.9, 1],
  [0.2, 1],
  [0.7, 1],
  [0.8, 0],
  [0.3, 0],
  [0.1, 0],
]

describe('figures of runs', () => {
  it('take the operating point from validation and the rest from test', () => {
    const figures = flagFigures(run({}, MIXED).pictures)
    // Validation parts at 0.55; of test 0.9, 0.7 and 0.8 are called.
    expect(figures).toMatchObject({ accuracy: 4 / 6, sensitivity: 2 / 3 })
    expect(figures.auc).toBeCloseTo(6 / 9, 10)
  })

  it('show what an AUC of calls is worth beside one of scores', () => {
    expect(flagFigures(run({}, MIXED).pictures).thresholdedAuc).toBeCloseTo((2 / 3 + 2 / 3) / 2, 10)
    expect(flagFigures(run({}, RIGHT).pictures).thresholdedAuc).toBe(1)
  })

  it('put runs that differ by their seed together, and average their logits', () => {
    const two = arms([run({ seed: 2 }, MIXED), run({ seed: 1 }, RIGHT), run({ loss: 'paper' }, RIGHT)])
    expect(two.map(arm => [arm.loss, arm.runs.map(one => one.seed)])).toEqual([
      ['flag-only', [1, 2]],
      ['paper', [1]],
    ])
    const mean = ensemble(two[0]!).find(({ id }) => id === 'test-1')!
    expect(mean.logits[0]).toBeCloseTo((logit(0.8) + logit(0.2)) / 2, 10)
  })

  it('give a difference its paired interval, nought for the same scores', () => {
    const one = run({}, RIGHT).pictures
    expect(aucDifference(one, one)).toMatchObject({ value: 0, low: 0, high: 0 })
    const worse = aucDifference(run({}, MIXED).pictures, one)
    expect(worse.value).toBeCloseTo(6 / 9 - 1, 10)
    expect(worse.high).toBeLessThanOrEqual(0)
  })

  it('draw whole groups or single pictures', () => {
    const many = run(
      {},
      Array.from({ length: 60 }, (_, at) => [((at * 37) % 60) / 61 + 0.01, at % 2 ? 1 : 0]),
    )
    const [byGroup, byImage] = [aucInterval(many.pictures, 'group'), aucInterval(many.pictures, 'image')]
    expect(byGroup.value).toBe(byImage.value)
    expect([byGroup.low, byGroup.high]).not.toEqual([byImage.low, byImage.high])
  })

  it('measure lesions over all pictures and among COVID, n/a without a positive', () => {
    const [ggo, csld] = lesionFigures(run({}, RIGHT).pictures)
    expect(ggo).toMatchObject({ lesion: 'GGO', positives: 2, withinCovid: 0 })
    expect(csld).toMatchObject({ positives: 0, all: null, withinCovid: null })
  })

  it('spread over seeds as a sample, nothing of one', () => {
    expect(spread([0.8, 0.9, null])).toMatchObject({ sd: expect.closeTo(Math.SQRT1_2 / 10, 10) })
    expect(spread([0.8])).toEqual({ mean: 0.8, sd: null })
    expect(spread([null])).toBeNull()
  })
})

describe('the page', () => {
  it('says plainly where LA-DNN does not beat the baseline', () => {
    const page = reproductionPage(
      [run({}, RIGHT), run({ loss: 'lesion-attention' }, MIXED)],
      new Map([['official', new Map(RIGHT.map(([, flag], at) => [`test-${at}`, flag]))]]),
    )
    expect(page).toMatch(/LA-DNN (does not beat|is worse than) the baseline/)
    expect(page).toContain('ten numbers of file format, size and grey levels reach 100.0')
    expect(page).toContain('| efficientnet-lite0 | lesion-attention | 1 |')
    expect(page).toContain('paper: LA-DNN (its best)')
    expect(page).not.toContain('leak-free split (')
  })

  it('has a column for each external set', () => {
    const external = {
      elsewhere: [
        { id: 'a', flag: 1 as const, logit: 2 },
        { id: 'b', flag: 0 as const, logit: 1 },
      ],
    }
    const page = reproductionPage([run({ external }, RIGHT), run({ seed: 2 }, RIGHT)], new Map())
    expect(page).toMatch(/\| split learned from \| backbone \| loss \| elsewhere \|/)
    expect(page).toContain('| official | efficientnet-lite0 | flag-only | 100.0 |')
  })

  it('of no runs says how to make some', () => {
    expect(reproductionPage([], new Map())).toContain('npm run reproduce')
  })
})

describe('the plan', () => {
  const all = plan({ backbones: ['efficientnet-lite0'], seeds: [1, 2, 3] })

  it('holds four losses, three seeds and two splits, baseline and LA-DNN on the official split first', () => {
    expect(all).toHaveLength(24)
    expect(all.slice(0, 4).map(runName)).toEqual([
      'official-efficientnet-lite0-flag-only-1',
      'official-efficientnet-lite0-lesion-attention-1',
      'official-efficientnet-lite0-flag-only-2',
      'official-efficientnet-lite0-lesion-attention-2',
    ])
    expect(all.slice(0, 12).every(({ split }) => split === 'official')).toBe(true)
  })

  it('gives every run the same options but for loss and seed', () => {
    const rest = all.map(one => ({ ...recipe(one), loss: null, seed: null }))
    for (const options of rest) expect(options).toEqual(rest[0])
  })

  it('takes a record for done only where it learned by the recipe of today', async () => {
    const folder = await newFolder()
    const [first] = all
    const save = (options: object) =>
      writeFile(
        join(folder, `${runName(first!)}.json`),
        JSON.stringify(run({ ...first!, options: options as Record<string, unknown> }, RIGHT)),
      )
    expect(await readRun(first!, folder)).toBeNull()
    await save({ ...recipe(first!), epochs: 1 })
    expect(await readRun(first!, folder)).toBeNull()
    await save(recipe(first!))
    expect(await readRun(first!, folder)).toMatchObject({ seed: 1, loss: 'flag-only' })
    expect(await readRun(first!, folder, [{ name: 'elsewhere', items: [] }])).toBeNull()
  })

  it('makes the page of all records that are there, also of runs not planned this time', async () => {
    const folder = await newFolder()
    const kept = [all[0]!, all.at(-1)!]
    for (const each of kept)
      await writeFile(
        join(folder, `${runName(each)}.json`),
        JSON.stringify(run({ ...each, options: recipe(each) as unknown as Record<string, unknown> }, RIGHT)),
      )
    await writeFile(join(folder, 'notes.json'), '{}')
    expect((await readRuns(folder)).map(runName).sort()).toEqual(kept.map(runName).sort())
  })

  it('costs by its pictures and speed', () => {
    const counts = { train: 100, val: 10, test: 20 }
    expect(secondsOf(recipe(all[0]!), counts, 10)).toBeCloseTo((1400 + (140 + 60) / 3) / 10, 5)
  })
})

describe('an external test set', () => {
  it('is a folder of COVID pictures and one of others', async () => {
    const folder = await newFolder()
    for (const part of ['COVID', 'non-COVID']) await mkdir(join(folder, part))
    await writeFile(join(folder, 'COVID', 'one.png'), '')
    await writeFile(join(folder, 'COVID', 'notes.txt'), '')
    await writeFile(join(folder, 'non-COVID', 'two.jpg'), '')
    const { items } = await readExternalSet(folder)
    expect(items.map(({ flag }) => flag)).toEqual([1, 0])
  })

  it('of one kind only is refused', async () => {
    const folder = await newFolder()
    await mkdir(join(folder, 'COVID'))
    await writeFile(join(folder, 'COVID', 'one.png'), '')
    await expect(readExternalSet(folder)).rejects.toMatchObject({ code: 'external-layout' })
  })
})

describe.skipIf(!hasRealData('covid-ct'))('COVID-CT', () => {
  const folder = join(realData, 'covid-ct')

  it('has the published sides on the official split, three papers on more than one', async () => {
    const examples = await covidCtExamples(folder, 'official')
    const count = (side: string) => examples.filter(one => one.side === side).length
    expect(['train', 'val', 'test'].map(count)).toEqual([425, 118, 203])
    const sides = new Map<string, Set<string>>()
    for (const { group, side } of examples) sides.set(group, (sides.get(group) ?? new Set()).add(side))
    expect([...sides.values()].filter(of => of.size > 1).length).toBeGreaterThanOrEqual(3)
  })

  it('has no group on more than one side of the leak-free split', async () => {
    const examples = await covidCtExamples(folder, 'leak-free')
    const sides = new Map<string, Set<string>>()
    for (const { group, side } of examples) sides.set(group, (sides.get(group) ?? new Set()).add(side))
    expect([...sides.values()].every(of => of.size === 1)).toBe(true)
    expect(examples).toHaveLength(746)
  })

  it('teaches no lesion of a control', async () => {
    const examples = await covidCtExamples(folder, 'official')
    const controls = examples.filter(one => one.truth[0] === 0)
    expect(controls.every(({ lesson }) => lesson.slice(1).every(one => one.value === null))).toBe(true)
  })
})
