import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LESIONS, SIDES } from '../../../data/records/vocabulary.ts'
import { groupFolds } from '../../../data/splits/folds.ts'
import { caseGroups } from '../../../data/splits/groups.ts'
import { currentSplit, readSplit, renewSplit, settledSplit } from '../../../data/splits/keep.ts'
import {
  extendSplit,
  leaks,
  officialSplit,
  type SplitCase,
  splitCounts,
  stratifiedSplit,
} from '../../../data/splits/split.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { splitCase } from './cases.ts'

/** Cases of many patients in documents of one to six images, lesions of falling frequency. */
function corpus(n: number, seed = 1): SplitCase[] {
  const random = seededRandom(seed)
  const cases: SplitCase[] = []
  for (let document = 0; cases.length < n; document++) {
    const flag = random.chance(0.5)
    for (let image = 0; image < 1 + random.integer(6); image++)
      cases.push(
        splitCase(`d${document}#${image}`, {
          document: `d${document}`,
          patient: `d${document} p${random.integer(2)}`,
          flag,
          has: flag ? LESIONS.filter((_, at) => random.chance(0.5 / (1 + at))) : [],
        }),
      )
  }
  return cases
}

describe('a stratified split by group', () => {
  const cases = corpus(700)
  const split = stratifiedSplit(cases)
  const counts = splitCounts(split, cases)

  test('places every case, and no group on two sides', () => {
    expect(Object.keys(split.cases)).toHaveLength(cases.length)
    expect(leaks(split.cases, cases)).toEqual([])
  })
  test('keeps 60, 15 and 25 per cent of the cases within three points', () => {
    const share = (side: 'train' | 'val' | 'test') => counts[side].cases / cases.length
    expect(Math.abs(share('train') - 0.6)).toBeLessThan(0.03)
    expect(Math.abs(share('val') - 0.15)).toBeLessThan(0.03)
    expect(Math.abs(share('test') - 0.25)).toBeLessThan(0.03)
  })
  test('keeps the shares of the flag and of every lesion within eight points on each side', () => {
    const ratios = { train: 0.6, val: 0.15, test: 0.25 }
    for (const head of ['flag', ...LESIONS] as const) {
      const total = SIDES.reduce((sum, side) => sum + counts[side].positives[head], 0)
      for (const side of SIDES)
        expect(Math.abs(counts[side].positives[head] / total - ratios[side])).toBeLessThan(0.08)
    }
  })
  test('the same seed gives the same split in whatever order the cases come, another seed another', () => {
    expect(stratifiedSplit([...cases].reverse())).toEqual(split)
    expect(stratifiedSplit(cases, { seed: 2 }).cases).not.toEqual(split.cases)
  })
  test('a lesion of three groups is on every side', () => {
    const rare = [
      ...corpus(300, 3).map(row =>
        splitCase(row.id, { document: row.document, patient: row.patient, flag: true }),
      ),
    ]
    const documents = [...new Set(rare.map(row => row.document))].slice(0, 3)
    const marked = rare.map(row =>
      documents.includes(row.document)
        ? splitCase(row.id, { document: row.document, patient: row.patient, flag: true, has: ['InSepThi'] })
        : row,
    )
    for (let seed = 1; seed <= 20; seed++) {
      const found = splitCounts(stratifiedSplit(marked, { seed }), marked)
      for (const side of SIDES) expect(found[side].positives.InSepThi).toBeGreaterThan(0)
    }
  })
  test('a lesion of one group is named as missing where it is not', () => {
    const few = corpus(100, 5).map(row =>
      splitCase(row.id, { document: row.document, patient: row.patient, flag: true }),
    )
    few[0] = splitCase('d0#0', { document: 'd0', flag: true, has: ['CrPa'] })
    const warnings = stratifiedSplit(few).warnings.filter(one => one.code === 'no-positive')
    expect(warnings.filter(one => one.items.includes('CrPa'))).toHaveLength(2)
    expect(warnings.every(one => one.items.includes('GGO'))).toBe(true)
  })
  test('a side without any case is named', () => {
    const codes = stratifiedSplit([splitCase('a'), splitCase('b')]).warnings.map(one => one.code)
    expect(codes).toContain('side-empty')
  })
  test('any cases at all: whole groups, every case placed', () => {
    const facts = fc.record({
      patient: fc.nat(8),
      document: fc.option(fc.nat(8)),
      flag: fc.boolean(),
      lesion: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 40 }), fc.nat(1000), (rows, seed) => {
        const any = rows.map((row, at) =>
          splitCase(`c${at}`, {
            patient: `p${row.patient}`,
            document: row.document === null ? null : `d${row.document}`,
            flag: row.flag,
            has: LESIONS.filter((_, index) => index === row.lesion),
          }),
        )
        const made = stratifiedSplit(any, { seed })
        const groups = caseGroups(any)
        const sideOfGroup = new Map<string, string>()
        for (const { id } of any) {
          const place = made.cases[id]!
          expect(place.group).toBe(groups.get(id))
          expect(sideOfGroup.get(place.group) ?? place.side).toBe(place.side)
          sideOfGroup.set(place.group, place.side)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('an official split', () => {
  const cases = [
    splitCase('a', { document: 'paper', officialSide: 'train', flag: true }),
    splitCase('b', { document: 'paper', officialSide: 'test', flag: true }),
    splitCase('c', { officialSide: 'val' }),
    splitCase('d', { document: 'paper' }),
    splitCase('e'),
  ]
  const split = officialSplit(cases)
  test('is kept as it is, leaks and all, and the leak is named with its counts', () => {
    expect(['a', 'b', 'c'].map(id => split.cases[id]?.side)).toEqual(['train', 'test', 'val'])
    const leak = split.warnings.find(one => one.code === 'leak-document')
    expect(leak?.items).toEqual(['paper'])
    expect(leak?.message).toContain('train 2, test 1')
    expect(split.warnings.some(one => one.code === 'leak-group')).toBe(true)
  })
  test('a case without a side goes with its group, else to train', () => {
    expect(split.cases['d']?.side).toBe('train')
    expect(split.cases['e']?.side).toBe('train')
  })
})

describe('a split that lives on', () => {
  test('moves no case that is there, takes new ones with their group and new groups to train', () => {
    const before = corpus(200)
    const split = stratifiedSplit(before)
    const testCase = before.find(row => split.cases[row.id]?.side === 'test')!
    const later = [
      ...before,
      splitCase('new of old', { document: testCase.document }),
      splitCase('new of new', { document: 'another' }),
    ]
    const after = extendSplit(split, later)
    for (const { id } of before) expect(after.cases[id]?.side).toBe(split.cases[id]?.side)
    expect(after.cases['new of old']?.side).toBe('test')
    expect(after.cases['new of new']?.side).toBe('train')
  })
  test('a double that ties a group of train to one of test takes the first to test, and a warning says so', () => {
    const before = corpus(200)
    const split = stratifiedSplit(before)
    const on = (side: string) => before.find(row => split.cases[row.id]?.side === side)!
    const [learned, held] = [on('train'), on('test')]
    const after = extendSplit(split, before, [{ one: learned.id, other: held.id }])
    expect(after.cases[learned.id]?.side).toBe('test')
    const sideOfGroup = new Map(Object.values(after.cases).map(({ group, side }) => [group, side]))
    for (const { group, side } of Object.values(after.cases)) expect(sideOfGroup.get(group)).toBe(side)
    const warning = after.warnings.find(({ code }) => code === 'moved')
    expect(warning?.message).toContain('train to test')
    expect(warning?.items).toContain(learned.id)
    // The next run finds nothing to move.
    expect(
      extendSplit(after, before, [{ one: learned.id, other: held.id }]).warnings.map(({ code }) => code),
    ).not.toContain('moved')
  })
  test('whatever is linked later, nothing that was held out comes to train', () => {
    const before = corpus(60)
    const split = stratifiedSplit(before)
    const link = fc.record({ one: fc.nat(59), other: fc.nat(59) })
    fc.assert(
      fc.property(fc.array(link, { maxLength: 12 }), links => {
        const doubles = links.map(({ one, other }) => ({ one: before[one]!.id, other: before[other]!.id }))
        const after = extendSplit(split, before, doubles)
        for (const { id } of before)
          expect(SIDES.indexOf(after.cases[id]!.side)).toBeGreaterThanOrEqual(
            SIDES.indexOf(split.cases[id]!.side),
          )
        for (const { one, other } of doubles) expect(after.cases[one]?.side).toBe(after.cases[other]?.side)
      }),
      { numRuns: 50 },
    )
  })
  test('a published side is never changed; a new double of a picture in a torn paper follows that picture', () => {
    const published = [
      splitCase('a', { document: 'paper', officialSide: 'train' }),
      splitCase('b', { document: 'paper', officialSide: 'test' }),
    ]
    const split = officialSplit(published)
    for (const of of ['a', 'b']) {
      const after = extendSplit(split, [...published, splitCase('new')], [{ one: 'new', other: of }])
      expect(after.cases['new']?.side).toBe(split.cases[of]?.side)
      expect(after.cases['a']?.side).toBe('train')
      expect(after.cases['b']?.side).toBe('test')
    }
  })
  test('is settled by what learns first: more labels draw no other sides', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lesionloop-split-'))
    try {
      const workspace = await openWorkspace(dir, { create: true })
      const unread = corpus(80).map(row => splitCase(row.id, { document: row.document }))
      const first = await settledSplit(workspace, unread)
      expect(await readSplit(workspace)).toEqual(first)
      // The same cases with their labels would be stratified another way.
      expect(stratifiedSplit(corpus(80)).cases).not.toEqual(first.cases)
      expect((await settledSplit(workspace, corpus(80))).cases).toEqual(first.cases)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
  test('is written, read back and extended in a workspace', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lesionloop-split-'))
    try {
      const workspace = await openWorkspace(dir, { create: true })
      async function* rows(cases: SplitCase[]) {
        yield* cases
      }
      expect(await readSplit(workspace)).toBeUndefined()
      const made = await renewSplit(workspace, rows(corpus(60)), { seed: 3 })
      expect(await readSplit(workspace)).toEqual(made)
      const more = await currentSplit(workspace, [...corpus(60), splitCase('later')])
      expect(more.cases['later']?.side).toBe('train')
      expect(more.seed).toBe(3)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

describe('folds', () => {
  const cases = corpus(400, 7)
  const groups = cases.map(row => row.document!)
  const labels = cases.map(row => LESIONS.map(lesion => row.truth.lesions[lesion].value === 'present'))
  const folds = groupFolds(groups, labels, 5, 1)
  test('no group is in two folds, and all folds are of like size', () => {
    const ofGroup = new Map<string, number>()
    groups.forEach((group, at) => {
      expect(ofGroup.get(group) ?? folds[at]).toBe(folds[at])
      ofGroup.set(group, folds[at]!)
    })
    for (let fold = 0; fold < 5; fold++) {
      const size = folds.filter(one => one === fold).length
      expect(Math.abs(size - 80)).toBeLessThan(12)
    }
  })
  test('positives of the commonest label are spread evenly', () => {
    const positives = [0, 0, 0, 0, 0]
    labels.forEach((row, at) => {
      if (row[0]) positives[folds[at]!]!++
    })
    expect(Math.max(...positives) - Math.min(...positives)).toBeLessThan(10)
  })
  test('the same seed gives the same folds', () => {
    expect(groupFolds(groups, labels, 5, 1)).toEqual(folds)
  })
  test('single labels and unknown ones do as well', () => {
    const found = groupFolds(['a', 'b', 'c', 'd'], [true, null, false, true], 2)
    expect(new Set(found)).toEqual(new Set([0, 1]))
    expect(found[0]).not.toBe(found[3])
  })
  test('more folds than groups are refused', () => {
    expect(() => groupFolds(['a', 'a'], [1, 0], 2)).toThrow('1 groups: expected at least 2')
    expect(() => groupFolds(['a', 'b'], [1, 0], 1)).toThrow('expected a whole number from 2')
  })
})
