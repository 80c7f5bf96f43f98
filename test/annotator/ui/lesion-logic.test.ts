import { describe, expect, it } from 'vitest'
import { lesionWarnings } from '../../../annotator/ui/review/lesion-logic.ts'
import { type Lesion, type LesionLabel, perLesion } from '../../../data/records/vocabulary.ts'

const label = (lesions: Partial<Record<Lesion, LesionLabel>>) => ({
  flag: 'positive' as const,
  lesions: perLesion(lesion => lesions[lesion] ?? 'absent'),
})
const warns = (caption: string, panel: string | null = null) =>
  lesionWarnings(label({ GGO: 'present' }), caption, panel).length > 0

describe('lesion logic', () => {
  it('says nothing of lesions that stand together', () => {
    expect(lesionWarnings(label({ GGO: 'present', CrPa: 'present', InSepThi: 'present' }), '')).toEqual([])
    expect(lesionWarnings(label({ Csld: 'present', AirBr: 'present' }), '')).toEqual([])
    expect(lesionWarnings(label({}), 'Normal chest CT.')).toEqual([])
  })

  it('says nothing where the lesion missing beside it was not assessed', () => {
    const unsure = label({ CrPa: 'present', GGO: 'not-assessed', InSepThi: 'uncertain' })
    expect(lesionWarnings(unsure, '')).toEqual([])
  })

  it.each([
    'Normal chest CT on admission.',
    'Axial CT with normal lung parenchyma.',
    'The lungs are unremarkable.',
    'CT scan was normal.',
    'No pulmonary abnormality was seen.',
  ])('warns of a lesion where the caption says: %s', caption => {
    expect(warns(caption)).toBe(true)
  })

  it.each([
    'Abnormal chest CT with GGO.',
    'The chest CT was not normal.',
    'A patient with normal temperature and GGO on CT.',
    'Non-normal lung windows.',
  ])('does not take for a normal picture: %s', caption => {
    expect(warns(caption)).toBe(false)
  })

  it('reads only the words of the panel looked at, also under a range of letters', () => {
    const caption = 'Chest CT. (A) Normal lungs on day 1. (B-D) Ground-glass opacity on day 5.'
    expect(['A', 'B', 'C', 'D'].map(panel => warns(caption, panel))).toEqual([true, false, false, false])
    expect(warns(caption)).toBe(true)
    expect(warns('Normal chest CT (A) and later (B).', null)).toBe(true)
  })
})
