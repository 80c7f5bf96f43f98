import { describe, expect, it } from 'vitest'
import type { Truth } from '../../data/records/case.ts'
import { type Lesion, perLesion, type TruthSource } from '../../data/records/vocabulary.ts'
import {
  countSources,
  DEFAULT_TEACHING,
  type HeadTruth,
  isRead,
  lessons,
  lessonWeights,
  truths,
} from '../../trainer/fit/targets.ts'

type Told = { value: 'present' | 'absent' | null; source: TruthSource | null }

function stateOf(
  flag: 'positive' | 'negative' | null,
  source: TruthSource | null,
  lesions: Partial<Record<Lesion, Told>> = {},
): { truth: Truth } {
  return {
    truth: {
      flag: { value: flag, source },
      lesions: perLesion(one => lesions[one] ?? { value: null, source: null }),
    },
  }
}
const values = (rows: HeadTruth[]) => rows.map(row => row.value)
const present = (source: TruthSource): Told => ({ value: 'present', source })
const absent = (source: TruthSource): Told => ({ value: 'absent', source })

describe('what a case teaches', () => {
  it('is its flag and lesions, as 1, 0 or masked', () => {
    const state = stateOf('positive', 'mined', { GGO: present('mined'), Csld: absent('mined') })
    expect(values(lessons(state, DEFAULT_TEACHING))).toEqual([1, 1, 0, null, null, null])
  })

  it('masks an unmentioned lesion, or takes it as absent by option', () => {
    const state = stateOf('positive', 'mined', { GGO: present('mined') })
    expect(values(lessons(state, DEFAULT_TEACHING))).toEqual([1, 1, null, null, null, null])
    expect(values(lessons(state, { ...DEFAULT_TEACHING, unmentioned: 'absent' }))).toEqual([1, 1, 0, 0, 0, 0])
  })

  it('keeps what a text hedges masked, even where the unmentioned is taken as absent', () => {
    const state = stateOf('positive', 'mined', { GGO: { value: null, source: 'mined' } })
    expect(values(lessons(state, { ...DEFAULT_TEACHING, unmentioned: 'absent' }))[1]).toBeNull()
  })

  it('keeps what an expert left open masked', () => {
    const state = stateOf('positive', 'mined', { GGO: { value: null, source: 'expert' } })
    expect(values(lessons(state, { ...DEFAULT_TEACHING, unmentioned: 'absent' }))[1]).toBeNull()
  })

  it('masks the lesions that a dataset lists as absent for its controls', () => {
    const state = stateOf('negative', 'published', { GGO: absent('published') })
    expect(values(lessons(state, DEFAULT_TEACHING))).toEqual([0, null, null, null, null, null])
    expect(values(lessons(state, { ...DEFAULT_TEACHING, controls: 'absent' }))[1]).toBe(0)
  })

  it("learns a control's lesion that an expert read or that its own text tells", () => {
    const state = stateOf('negative', 'mined', { GGO: absent('expert'), Csld: present('mined') })
    expect(values(lessons(state, DEFAULT_TEACHING))).toEqual([0, 0, 1, null, null, null])
  })

  it('masks the unmentioned lesions of a control only where they are not taken as absent', () => {
    const state = stateOf('negative', 'mined')
    const options = { ...DEFAULT_TEACHING, unmentioned: 'absent' as const }
    expect(values(lessons(state, options))).toEqual([0, null, null, null, null, null])
    expect(values(lessons(state, { ...options, controls: 'absent' }))).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('with --only-expert is what experts said, agreed on or adjudicated', () => {
    const state = stateOf('positive', 'published', {
      GGO: present('expert'),
      Csld: absent('agreed'),
      CrPa: absent('adjudicated'),
      AirBr: present('mined'),
    })
    expect(values(lessons(state, { ...DEFAULT_TEACHING, onlyExpert: true }))).toEqual([
      null,
      1,
      0,
      0,
      null,
      null,
    ])
  })

  it('is measured against the truth as it stands, controls included', () => {
    const state = stateOf('negative', 'published', { GGO: absent('published') })
    expect(values(truths(state, DEFAULT_TEACHING))).toEqual([0, 0, null, null, null, null])
  })
})

describe('how much it counts', () => {
  const told = (value: 0 | 1 | null, source: TruthSource = 'mined'): HeadTruth => ({ value, source })
  const flagOnly = (...list: HeadTruth[]) =>
    list.map(one => [one, ...Array(5).fill({ value: null, source: null })])

  it("is half of the head's total for each class where classes are balanced", () => {
    const weights = lessonWeights(flagOnly(told(1), told(0), told(0), told(0)), DEFAULT_TEACHING)
    expect([0, 1, 2, 3].map(row => weights[row * 6])).toEqual([2, ...Array(3).fill(expect.closeTo(2 / 3, 5))])
  })

  it('is the weight of its source where classes are not balanced', () => {
    const options = {
      ...DEFAULT_TEACHING,
      classWeights: 'none' as const,
      sourceWeights: { ...DEFAULT_TEACHING.sourceWeights, mined: 0.25 },
    }
    const weights = lessonWeights(flagOnly(told(1, 'expert'), told(0), told(null)), options)
    expect([0, 1, 2].map(row => weights[row * 6])).toEqual([1, 0.25, 0])
  })

  it('is counted by source over all heads', () => {
    const rows = [
      [told(1, 'expert'), told(0, 'mined'), told(null, 'mined')],
      [told(0, 'mined'), told(null), told(1, 'published')],
    ]
    expect(countSources(rows)).toEqual({ expert: 1, published: 1, mined: 2 })
  })
})

describe('the pool', () => {
  it('is left by a case that has been labelled or adjudicated', () => {
    expect(isRead({ labels: [] })).toBe(false)
    expect(isRead({ labels: [{} as never] })).toBe(true)
    expect(isRead({ labels: [], adjudicated: {} as never })).toBe(true)
  })
})
