import { truthOf } from '../journal/truth.ts'
import type { MinedCase } from '../records/case.ts'
import { LESIONS, SIDES } from '../records/vocabulary.ts'
import { officialSplit } from '../splits/split.ts'
import type { ImportWarning } from './import-result.ts'

/** What a reviewer would say of the labels and the split that came with the dataset, found from the data alone. */
export function covidCtWarnings(cases: readonly MinedCase[]): ImportWarning[] {
  return [...contradicted(cases), ...unlabelled(cases), ...splitFaults(cases)]
}

/** Images that are published as COVID-19 and are something else by their own caption. */
function contradicted(cases: readonly MinedCase[]): ImportWarning[] {
  const found = cases.filter(row => row.published?.flag === 'positive' && row.mined.flag === 'negative')
  if (found.length === 0) return []
  return [
    {
      code: 'flag-contradicted',
      message: `covid-ct: ${found.length} images published as positive: their own caption says negative; review them first`,
      items: found.map(row => row.source.file),
    },
  ]
}

/** Images of patients without any lesion: "absent" there may well mean that nobody looked. */
function unlabelled(cases: readonly MinedCase[]): ImportWarning[] {
  const positives = cases.filter(row => row.published?.flag === 'positive')
  const bare = positives.filter(row => LESIONS.every(lesion => row.published?.findings[lesion] === 'absent'))
  if (bare.length === 0) return []
  return [
    {
      code: 'no-lesion-label',
      message: `covid-ct: ${bare.length} of ${positives.length} COVID images: no lesion label at all; they are taken as absent, as published`,
      items: bare.map(row => row.source.file),
    },
  ]
}

function splitFaults(cases: readonly MinedCase[]): ImportWarning[] {
  const rows = cases.map(row => ({
    ...row,
    truth: truthOf({ mined: row.mined, ...(row.published ? { published: row.published } : {}), labels: [] }),
  }))
  const placed = rows.filter(row => row.officialSide !== undefined && SIDES.includes(row.officialSide))
  return placed.length === 0 ? [] : officialSplit(placed).warnings
}
