import { describe, expect, it } from 'vitest'
import {
  contradicts,
  disagreementLine,
  disagrees,
  proposedFlag,
  proposedLesion,
} from '../../../annotator/ui/review/proposal.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { opinion, said } from './cases.ts'

describe('proposals', () => {
  it.each([
    ['present', 'present'],
    ['possible', 'uncertain'],
    ['resolved', 'absent'],
    ['absent', 'absent'],
  ] as const)('a lesion said to be %s is proposed %s', (finding, value) => {
    expect(
      proposedLesion('GGO', { mined: said({ GGO: finding }) }, opinion(0, { GGO: 0.5 }), 'model'),
    ).toEqual({
      value,
      source: 'text',
    })
  })

  it('a lesion no text names takes the dataset’s label before the model’s', () => {
    const published = {
      flag: 'positive' as const,
      findings: perLesion(() => 'present' as const),
      dataset: 'covid-ct',
    }
    expect(proposedLesion('GGO', { mined: said({}), published }, opinion(0), 'model').source).toBe(
      'published',
    )
  })

  it('a silent text leaves the row to the model, at its threshold', () => {
    const silent = { mined: said({}) }
    expect(proposedLesion('GGO', silent, opinion(0, { GGO: 0.5 }), 'model')).toEqual({
      value: 'present',
      source: 'model',
    })
    expect(proposedLesion('GGO', silent, opinion(0, { GGO: 0.49 }), 'model').value).toBe('absent')
  })

  it('a silent text means absent where the person chose so, or where there is no model', () => {
    const silent = { mined: said({}) }
    expect(proposedLesion('GGO', silent, opinion(0, { GGO: 0.9 }), 'absent')).toEqual({
      value: 'absent',
      source: 'silent',
    })
    expect(proposedLesion('GGO', silent, null, 'model')).toEqual({ value: 'absent', source: 'silent' })
  })

  it('the flag is proposed as said, a hedge as uncertain, and not assessed where nobody says anything', () => {
    expect(proposedFlag({ mined: said({}, 'positive') }, null, 'model').value).toBe('positive')
    expect(proposedFlag({ mined: said({}, 'possible') }, opinion(1), 'model').value).toBe('uncertain')
    expect(proposedFlag({ mined: said({}) }, opinion(0.9), 'model').value).toBe('positive')
    expect(proposedFlag({ mined: said({}) }, null, 'model').value).toBe('not-assessed')
  })
})

describe('disagreement', () => {
  it('stands where text and model are on opposite sides', () => {
    expect(disagrees({ mined: said({ GGO: 'absent' }) }, opinion(0, { GGO: 0.83 }), 'GGO')).toBe(true)
    expect(disagrees({ mined: said({ GGO: 'resolved' }) }, opinion(0, { GGO: 0.83 }), 'GGO')).toBe(true)
    expect(disagrees({ mined: said({ GGO: 'present' }) }, opinion(0, { GGO: 0.83 }), 'GGO')).toBe(false)
  })

  it('does not stand where the text hedges, is silent, or there is no model', () => {
    expect(disagrees({ mined: said({ GGO: 'possible' }) }, opinion(0, { GGO: 0.9 }), 'GGO')).toBe(false)
    expect(disagrees({ mined: said({}) }, opinion(0, { GGO: 0.9 }), 'GGO')).toBe(false)
    expect(disagrees({ mined: said({ GGO: 'absent' }) }, null, 'GGO')).toBe(false)
  })

  it('is told in one line, the flag as COVID', () => {
    expect(disagreementLine({ mined: said({ GGO: 'absent' }) }, opinion(0, { GGO: 0.83 }))).toBe(
      'image says GGO 0.83; caption says absent',
    )
    expect(disagreementLine({ mined: said({}, 'positive') }, opinion(0.12))).toBe(
      'image says COVID 0.12; caption says positive',
    )
    expect(disagreementLine({ mined: said({}) }, opinion(0.12))).toBeNull()
  })
})

describe('a correction', () => {
  it('is a label against what was said', () => {
    expect(contradicts({ mined: said({ GGO: 'present' }) }, 'GGO', 'absent')).toBe(true)
    expect(contradicts({ mined: said({ GGO: 'present' }) }, 'GGO', 'uncertain')).toBe(true)
    expect(contradicts({ mined: said({ GGO: 'resolved' }) }, 'GGO', 'absent')).toBe(false)
    expect(contradicts({ mined: said({}, 'negative') }, 'flag', 'positive')).toBe(true)
  })

  it('of a lesion no text names is only a lesion seen', () => {
    expect(contradicts({ mined: said({}) }, 'GGO', 'present')).toBe(true)
    expect(contradicts({ mined: said({}) }, 'GGO', 'absent')).toBe(false)
  })

  it('is never a row that was not assessed', () => {
    expect(contradicts({ mined: said({ GGO: 'present' }) }, 'GGO', 'not-assessed')).toBe(false)
  })
})
