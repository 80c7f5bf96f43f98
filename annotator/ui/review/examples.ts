import type { Lesion } from '../../../data/records/vocabulary.ts'
import type { CaseRow } from '../../server/replies.ts'

/** A confirmed case as the guideline shows it. */
export interface Example {
  imageFile: string
  /** "Figure 1 B". */
  name: string
}

const SHOWN = 2

/**
 * The first of a list in which a lesion is confirmed, by the person's own label or by adjudication; at most one of a
 * document, so that examples differ. What others said of a case that the person has not read stays hidden, so that
 * nobody is led.
 */
export function examplesAmong(
  rows: readonly Pick<
    CaseRow,
    'id' | 'document' | 'figure' | 'panel' | 'imageFile' | 'truth' | 'mine' | 'adjudicated'
  >[],
  lesion: Lesion,
  besides?: string,
): Example[] {
  const seen = new Set<string>()
  const examples: Example[] = []
  for (const row of rows) {
    const { value, source } = row.truth.lesions[lesion]
    const byPeople = source === 'adjudicated' || source === 'agreed' || source === 'expert'
    if (row.id === besides || value !== 'present' || !byPeople || !(row.mine || row.adjudicated)) continue
    if (seen.has(row.document ?? row.id)) continue
    seen.add(row.document ?? row.id)
    examples.push({
      imageFile: row.imageFile,
      name: [row.figure ?? 'a case of yours', row.panel].filter(Boolean).join(' '),
    })
    if (examples.length === SHOWN) break
  }
  return examples
}
