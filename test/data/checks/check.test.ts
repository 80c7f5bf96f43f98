import { describe, expect, test } from 'vitest'
import { checkDataset } from '../../../data/checks/check.ts'
import type { ExaminedPictures } from '../../../data/checks/examine.ts'
import { truthOf } from '../../../data/journal/truth.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { perLesion, type Side } from '../../../data/records/vocabulary.ts'
import { stratifiedSplit } from '../../../data/splits/split.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { sampleCase } from '../stores/sample.ts'

type Wish = Partial<CaseState> & { flag?: 'positive' | 'negative' }

/** A case with a published flag; each its own document and picture unless wished otherwise. */
function made(id: string, { flag = 'positive', ...wish }: Wish = {}): CaseState {
  const row = {
    ...sampleCase({ id }),
    patient: `p-${id}`,
    image: `i-${id}`,
    document: `d-${id}`,
    caption: '',
    mentions: [],
  }
  const published = {
    flag,
    findings: perLesion(lesion =>
      lesion === 'GGO' && flag === 'positive' ? ('present' as const) : ('absent' as const),
    ),
    dataset: 'made',
  }
  const mined = { flag: 'unstated' as const, evidence: [], findings: perLesion(() => 'none' as const) }
  return {
    ...row,
    mined,
    published,
    version: 0,
    labels: [],
    notes: [],
    assigned: [],
    edited: false,
    truth: truthOf({ mined, published, labels: [] }),
    ...wish,
  }
}

const nothing: ExaminedPictures = { facts: new Map(), burntIn: new Map(), unreadable: [] }
const link = (one: string, other: string) => ({
  one,
  other,
  evidence: { bits: 2, whole: 1, tiles: 1, detail: 1, box: { left: 0, top: 0, right: 1, bottom: 1 } },
})
function findings(
  cases: CaseState[],
  sides: Side[] = [],
  links: ReturnType<typeof link>[] = [],
  pictures = nothing,
) {
  const split = stratifiedSplit(cases)
  for (const [at, side] of sides.entries()) split.cases[cases[at]!.id]!.side = side
  return checkDataset(
    cases,
    sides.length > 0 ? split : undefined,
    { links, compared: cases.map(row => row.image) },
    pictures,
  ).findings
}
const codes = (found: { code: string }[]) => found.map(({ code }) => code)

describe('check', () => {
  test('a paper under two names on two sides is a severe leak, with its sides', () => {
    const cases = [
      made('a', { document: '10.1101/2020.03.22.20040782v2' }),
      made('b', { document: 'covid-ct:2020.03.22.20040782' }),
    ]
    const leak = findings(cases, ['train', 'test']).find(({ code }) => code === 'leak-paper')
    expect(leak).toMatchObject({ severity: 'severe', items: ['10.1101/2020.03.22.20040782'] })
    expect(leak!.message).toContain('train 1, test 1')
    expect(codes(findings(cases, ['train', 'train']))).not.toContain('leak-paper')
  })
  test('a patient and a picture on two sides are leaks of their own', () => {
    expect(
      codes(findings([made('a', { patient: 'x' }), made('b', { patient: 'x' })], ['train', 'val'])),
    ).toContain('leak-patient')
    expect(
      codes(findings([made('a', { image: 'x' }), made('b', { image: 'x' })], ['train', 'val'])),
    ).toContain('leak-picture')
  })
  test('linked doubles on two sides leak, and on one side are named only', () => {
    const cases = [made('a'), made('b')]
    expect(codes(findings(cases, ['train', 'test'], [link('i-a', 'i-b')]))).toContain('leak-double')
    const together = codes(findings(cases, ['train', 'train'], [link('i-a', 'i-b')]))
    expect(together).not.toContain('leak-double')
    expect(together).toContain('duplicate')
  })
  test('doubles with opposite flags are severe', () => {
    const found = findings([made('a'), made('b', { flag: 'negative' })], [], [link('i-a', 'i-b')])
    expect(found.find(({ code }) => code === 'conflict-double-flag')).toMatchObject({
      severity: 'severe',
      items: ['a', 'b'],
    })
    expect(codes(findings([made('a'), made('b')], [], [link('i-a', 'i-b')]))).not.toContain(
      'conflict-double-flag',
    )
  })
  test('a published flag against its own caption is named', () => {
    const mined = { flag: 'negative' as const, evidence: [], findings: perLesion(() => 'none' as const) }
    const found = findings([made('a', { caption: 'A healthy control.', mined }), made('b', { mined })])
    expect(found.find(({ code }) => code === 'flag-against-caption')!.items).toEqual(['a'])
  })
  test('a patient with both flags is named', () => {
    const found = findings([made('a', { patient: 'x' }), made('b', { patient: 'x', flag: 'negative' })])
    expect(codes(found)).toContain('conflict-patient-flag')
  })
  test('personal data is told by case, place and kind, never by its words', () => {
    const found = findings([
      made('a', { caption: 'Patient name: John Harrow. MRN: 00482913. Ground-glass opacity.' }),
    ])
    expect(codes(found).slice(0, 2)).toEqual(['personal-name', 'personal-record-number'])
    expect(found[0]!.details).toEqual({ spans: [{ cases: ['a'], start: 14, end: 25, rule: 'name/label' }] })
    expect(JSON.stringify(found)).not.toMatch(/Harrow|00482913/)
  })
  test('a file format that goes with the flag is severe, and the shortcut control shows it', () => {
    const random = seededRandom(1)
    const cases = Array.from({ length: 80 }, (_, at) =>
      made(`c${String(at).padStart(2, '0')}`, { flag: at % 2 ? 'positive' : 'negative' }),
    )
    const facts = (telling: boolean) =>
      new Map(
        cases.map((row, at) => {
          const grey = {
            mean: random.between(80, 120),
            deviation: 40,
            black: 0.1,
            white: 0.1,
            coloured: 0,
            border: 9,
          }
          const format = telling && at % 2 === 0 ? 'jpeg' : 'png'
          return [row.image, { format, width: 200, height: 200, bytes: random.between(1e4, 2e4), grey }]
        }),
      )
    const told = findings(cases, [], [], { ...nothing, facts: facts(true) })
    expect(told.find(({ code }) => code === 'format-tells-flag')!.items).toEqual(['jpeg', 'png'])
    expect(told.find(({ code }) => code === 'shortcut')!.severity).toBe('severe')
    const fair = findings(cases, [], [], { ...nothing, facts: facts(false) })
    expect(codes(fair)).not.toContain('format-tells-flag')
    expect(fair.find(({ code }) => code === 'shortcut')!.severity).toBe('note')
  })
  test('cases not yet compared for doubles are counted', () => {
    const { findings: found } = checkDataset([made('a')], undefined, { links: [], compared: [] }, nothing)
    expect(codes(found)).toContain('doubles-not-sought')
  })
  test('a picture that can’t be read is severe', () => {
    expect(findings([made('a')], [], [], { ...nothing, unreadable: ['i-a'] })[0]).toMatchObject({
      code: 'picture-unreadable',
    })
  })
  test('nothing at all is judged without an error, and the gravest stands first', () => {
    expect(findings([])).toEqual(expect.any(Array))
    const order = findings([made('a', { patient: 'x' }), made('b', { patient: 'x' })], ['train', 'test']).map(
      ({ severity }) => severity,
    )
    expect(order).toEqual(
      order.toSorted(
        (a, b) => ['severe', 'warning', 'note'].indexOf(a) - ['severe', 'warning', 'note'].indexOf(b),
      ),
    )
  })
  test('the same data give the same report', () => {
    const cases = [made('a'), made('b', { flag: 'negative' }), made('c')]
    const report = (rows: CaseState[]) =>
      JSON.stringify(checkDataset(rows, undefined, { links: [], compared: [] }, nothing))
    expect(report(cases)).toBe(report(cases.toReversed()))
  })
})
