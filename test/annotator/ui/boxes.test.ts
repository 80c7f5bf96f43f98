import { describe, expect, it } from 'vitest'
import { boxBetween } from '../../../annotator/ui/review/box-between.ts'
import {
  addBox,
  boxChanges,
  isDecided,
  removeLastBox,
  startDraft,
} from '../../../annotator/ui/review/draft.ts'
import { said } from './cases.ts'

const box = { lesion: 'GGO' as const, x: 0.1, y: 0.2, width: 0.3, height: 0.2 }

describe('boxes', () => {
  it('lie between two corners, in whichever order they came', () => {
    expect(boxBetween('GGO', { x: 0.4, y: 0.2 }, { x: 0.1, y: 0.4 })).toEqual(box)
    expect(boxBetween('GGO', { x: 0.1, y: 0.4 }, { x: 0.4, y: 0.2 })).toEqual(box)
  })

  it('are cut to the picture', () => {
    expect(boxBetween('Csld', { x: -1, y: 0.5 }, { x: 2, y: 3 })).toEqual({
      lesion: 'Csld',
      x: 0,
      y: 0.5,
      width: 1,
      height: 0.5,
    })
  })

  it('too small to mean anything are none', () => {
    expect(boxBetween('GGO', { x: 0.1, y: 0.1 }, { x: 0.105, y: 0.5 })).toBeNull()
    expect(boxBetween('GGO', { x: 1.2, y: 0.1 }, { x: 1.4, y: 0.5 })).toBeNull()
  })

  it('make their lesion present, and that row decided', () => {
    const draft = addBox(startDraft({ mined: said({ GGO: 'absent' }) }, null, 'model'), box)
    expect(draft.lesions.GGO).toBe('present')
    expect(isDecided(draft, 'GGO')).toBe(true)
    expect(removeLastBox(draft).boxes).toEqual([])
  })

  it('are saved and taken away by what changed', () => {
    const other = { ...box, lesion: 'Csld' as const }
    expect(boxChanges([box], [box, other])).toEqual({ added: [other], removed: [] })
    expect(boxChanges([box, other], [other])).toEqual({ added: [], removed: [box] })
    expect(boxChanges([box], [box])).toEqual({ added: [], removed: [] })
  })
})
