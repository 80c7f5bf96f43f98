import type { Lesion } from '../../../data/records/vocabulary.ts'
import type { CaseRow } from '../../server/replies.ts'
import { getCases } from '../api/desk-api.ts'

/** A confirmed case as the guideline shows it. */
export interface Example {
  imageFile: string
  /** "Figure 1 B". */
  name: string
}

const SHOWN = 2
const LOOKED_THROUGH = 200

/**
 * Cases in which a lesion is confirmed: named by the text, and present by the person's own label or by adjudication.
 * What others said of a case that the person has not read stays hidden, so that nobody is led.
 */
export async function confirmedExamples(lesion: Lesion, besides?: string): Promise<Example[]> {
  try {
    const { rows } = await getCases(
      { lesion, finding: 'present', state: 'labelled', sort: 'document' },
      0,
      LOOKED_THROUGH,
    )
    return examplesAmong(rows, lesion, besides)
  } catch {
    // Without the server the phantoms do.
    return []
  }
}

/** The first of a list that confirm the lesion, at most one of a document, so that examples differ. */
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
