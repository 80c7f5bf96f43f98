import { describe, expect, test } from 'vitest'
import { truthOf } from '../../../data/journal/truth.ts'
import type { PersonLabel } from '../../../data/records/case.ts'
import {
  type Finding,
  type FlagLabel,
  type LesionLabel,
  type MinedFlag,
  perLesion,
} from '../../../data/records/vocabulary.ts'
import { findings } from '../stores/sample.ts'

const label = (
  GGO: LesionLabel,
  flag: FlagLabel = 'positive',
  more: Partial<PersonLabel> = {},
): PersonLabel => ({
  flag,
  lesions: { ...perLesion<LesionLabel>(() => 'absent'), GGO },
  who: 'ann',
  at: '',
  seq: 1,
  causes: [],
  boxes: [],
  ...more,
})
const mined = (GGO: Finding = 'none', flag: MinedFlag = 'unstated') => ({
  flag,
  evidence: [],
  findings: findings({ GGO }),
})
const published = {
  flag: 'negative' as const,
  findings: perLesion(() => 'absent' as const),
  dataset: 'covid-ct',
}
const ggo = (of: Partial<Parameters<typeof truthOf>[0]>) =>
  truthOf({ mined: mined(), labels: [], ...of }).lesions.GGO
const flag = (of: Partial<Parameters<typeof truthOf>[0]>) =>
  truthOf({ mined: mined(), labels: [], ...of }).flag

describe('the truth from mined text', () => {
  test.each([
    ['present', 'present', 'mined'],
    ['possible', null, 'mined'],
    ['resolved', 'absent', 'mined'],
    ['absent', 'absent', 'mined'],
    ['none', null, null],
  ] as const)('%s is %s by %s', (finding, value, source) => {
    expect(ggo({ mined: mined(finding) })).toEqual({ value, source })
  })

  test.each([
    ['positive', 'positive', 'mined'],
    ['negative', 'negative', 'mined'],
    ['possible', null, 'mined'],
    ['unstated', null, null],
  ] as const)('of a flag %s is %s by %s', (said, value, source) => {
    expect(flag({ mined: mined('none', said) })).toEqual({ value, source })
  })
})

describe('a published label', () => {
  test('stands above what was mined', () => {
    expect(ggo({ mined: mined('present'), published })).toEqual({ value: 'absent', source: 'published' })
    expect(flag({ mined: mined('none', 'positive'), published })).toEqual({
      value: 'negative',
      source: 'published',
    })
  })
})

describe('experts', () => {
  test('one stands above published and mined', () => {
    expect(ggo({ mined: mined('absent'), published, labels: [label('present')] })).toEqual({
      value: 'present',
      source: 'expert',
    })
  })

  test('two who agree are agreed', () => {
    expect(ggo({ labels: [label('present'), label('present')] })).toEqual({
      value: 'present',
      source: 'agreed',
    })
  })

  test('who disagree mask the head and leave the others', () => {
    const truth = truthOf({ mined: mined('present'), published, labels: [label('present'), label('absent')] })
    expect(truth.lesions.GGO).toEqual({ value: null, source: 'expert' })
    expect(truth.lesions.Csld).toEqual({ value: 'absent', source: 'agreed' })
    expect(truth.flag).toEqual({ value: 'positive', source: 'agreed' })
  })

  test('two against one are still not settled', () => {
    expect(ggo({ labels: [label('present'), label('present'), label('absent')] }).value).toBeNull()
  })

  test.each(['uncertain', 'not-assessed'] as const)('%s masks the head, whatever the text says', said => {
    expect(ggo({ mined: mined('present'), published, labels: [label(said)] })).toEqual({
      value: null,
      source: 'expert',
    })
    expect(flag({ published, labels: [label('present', said)] })).toEqual({ value: null, source: 'expert' })
  })

  test('one who did not assess the head leaves it to the other', () => {
    expect(ggo({ labels: [label('not-assessed'), label('present')] })).toEqual({
      value: 'present',
      source: 'expert',
    })
  })

  test('one in doubt and one sure are not agreed', () => {
    expect(ggo({ labels: [label('uncertain'), label('present')] })).toEqual({ value: null, source: 'expert' })
    expect(ggo({ labels: [label('uncertain'), label('uncertain')] })).toEqual({
      value: null,
      source: 'expert',
    })
  })

  test('one for whom the case can not be assessed says nothing of any head', () => {
    expect(ggo({ labels: [label('present', 'positive', { notAssessable: 'motion' })] })).toEqual({
      value: null,
      source: 'expert',
    })
    expect(
      flag({
        labels: [label('present', 'positive', { notAssessable: 'motion' }), label('present', 'negative')],
      }),
    ).toEqual({ value: 'negative', source: 'expert' })
  })
})

describe('an adjudication', () => {
  test('settles a disagreement', () => {
    expect(ggo({ labels: [label('present'), label('absent')], adjudicated: label('absent') })).toEqual({
      value: 'absent',
      source: 'adjudicated',
    })
  })

  test('stands above experts who agree', () => {
    expect(
      flag({ labels: [label('present'), label('present')], adjudicated: label('present', 'negative') }),
    ).toEqual({ value: 'negative', source: 'adjudicated' })
  })

  test.each(['uncertain', 'not-assessed'] as const)('that is %s masks', said => {
    expect(ggo({ labels: [label('present')], adjudicated: label(said) })).toEqual({
      value: null,
      source: 'adjudicated',
    })
  })

  test('that finds the case not assessable masks all', () => {
    expect(
      flag({
        labels: [label('present')],
        adjudicated: label('present', 'positive', { notAssessable: 'not a CT' }),
      }),
    ).toEqual({ value: null, source: 'adjudicated' })
  })
})
