import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { examplesAmong } from '../../../annotator/ui/review/examples.ts'
import { LESIONS, perLesion, type TruthSource } from '../../../data/records/vocabulary.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'

const row = (id: string, source: TruthSource, more: object = {}) => ({
  id,
  document: `document of ${id}`,
  figure: 'Figure 1',
  panel: 'B',
  imageFile: `${id}.png`,
  mine: true,
  adjudicated: false,
  truth: {
    flag: { value: 'positive' as const, source },
    lesions: perLesion(() => ({ value: 'present' as const, source })),
  },
  ...more,
})

describe('the examples of the guideline', () => {
  it('are cases that people confirmed, never what was only mined or published', () => {
    const rows = [row('mined', 'mined'), row('published', 'published'), row('expert', 'expert')]
    expect(examplesAmong(rows, 'GGO')).toEqual([{ imageFile: 'expert.png', name: 'Figure 1 B' }])
  })

  it('tell nobody what others said of a case before they have read it, unless it is adjudicated', () => {
    const unread = { mine: false }
    expect(examplesAmong([row('a', 'expert', unread), row('b', 'agreed', unread)], 'GGO')).toEqual([])
    expect(examplesAmong([row('c', 'adjudicated', { mine: false, adjudicated: true })], 'GGO')).toHaveLength(
      1,
    )
  })

  it('are not the case looked at, and come from different documents', () => {
    const rows = [row('a', 'expert'), row('b', 'expert', { document: 'document of a' }), row('c', 'expert')]
    expect(examplesAmong(rows, 'GGO').map(each => each.imageFile)).toEqual(['a.png', 'c.png'])
    expect(examplesAmong(rows, 'GGO', 'a').map(each => each.imageFile)).toEqual(['b.png', 'c.png'])
  })

  it('have a phantom of every lesion to begin with', () => {
    for (const lesion of LESIONS)
      expect(
        existsSync(packagePath('annotator', 'ui', 'public', 'guideline', `${lesion}.webp`)),
        lesion,
      ).toBe(true)
  })
})
