import { describe, expect, it } from 'vitest'
import {
  doubtLesion,
  flipLesion,
  isDecided,
  labelOf,
  restAbsent,
  startDraft,
  turnFlag,
} from '../../../annotator/ui/review/draft.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { opinion, said } from './cases.ts'

const proposed = startDraft({ mined: said({ GGO: 'present' }, 'positive') }, null, 'model')

describe('the six rows', () => {
  it('start as proposals that nobody has decided', () => {
    expect(proposed.flag).toBe('positive')
    expect(proposed.lesions.GGO).toBe('present')
    expect(isDecided(proposed, 'GGO')).toBe(false)
  })

  it('start as the person’s own label where there is one', () => {
    const own = { flag: 'negative' as const, lesions: perLesion(() => 'uncertain' as const) }
    const draft = startDraft({ mined: said({ GGO: 'present' }) }, null, 'model', own)
    expect(labelOf(draft)).toEqual(own)
    expect(isDecided(draft, 'flag')).toBe(true)
  })

  it('flip between present and absent, and that decides the row', () => {
    const once = flipLesion(proposed, 'GGO')
    expect(once.lesions.GGO).toBe('absent')
    expect(isDecided(once, 'GGO')).toBe(true)
    expect(isDecided(once, 'Csld')).toBe(false)
    expect(flipLesion(once, 'GGO').lesions.GGO).toBe('present')
  })

  it('doubt goes to uncertain, then to not assessed, then to uncertain again', () => {
    const once = doubtLesion(proposed, 'GGO')
    const twice = doubtLesion(once, 'GGO')
    expect([once, twice, doubtLesion(twice, 'GGO')].map(draft => draft.lesions.GGO)).toEqual([
      'uncertain',
      'not-assessed',
      'uncertain',
    ])
  })

  it('the flag turns positive, negative, uncertain and round, both ways', () => {
    const onward = [1, 2, 3].map(times => {
      let draft = proposed
      for (let i = 0; i < times; i++) draft = turnFlag(draft, 1)
      return draft.flag
    })
    expect(onward).toEqual(['negative', 'uncertain', 'positive'])
    expect(turnFlag(proposed, -1).flag).toBe('uncertain')
  })

  it('a change leaves the draft it came from as it was', () => {
    flipLesion(proposed, 'GGO')
    expect(proposed.lesions.GGO).toBe('present')
  })
})

describe('the six rows of a blind reading', () => {
  const blind = startDraft({ mined: said({}) }, null, 'model', undefined, true)

  it('start with nothing proposed', () => {
    expect(blind.flag).toBe('not-assessed')
    expect(Object.values(blind.lesions)).toEqual(Array(5).fill('not-assessed'))
    expect(Object.values(blind.source)).toEqual(Array(6).fill('blind'))
  })

  it('have what was left open set absent before the eyes, and what was said kept', () => {
    const filled = restAbsent(flipLesion(blind, 'GGO'))!
    expect(filled.lesions).toMatchObject({ GGO: 'present', CrPa: 'absent' })
    expect(filled.flag).toBe('not-assessed')
    expect(restAbsent(filled)).toBeNull()
    expect(restAbsent(proposed)).toBeNull()
  })

  it('take the model’s opinion as proposals where only the text is hidden', () => {
    const draft = startDraft({ mined: said({}) }, opinion(0.9), 'model', undefined, true)
    expect([draft.flag, draft.source.flag]).toEqual(['positive', 'model'])
  })
})
