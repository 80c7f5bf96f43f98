import type { CaseState } from '../../data/records/case.ts'
import type { TextFindings } from '../../data/records/mining.ts'
import { type Cause, findingOf, type Head, type Lesion } from '../../data/records/vocabulary.ts'

/** The causes of corrections that a better lexicon can take away. */
export const LEXICON_CAUSES: readonly Cause[] = ['missed-term', 'wrong-term', 'wrong-assertion', 'wrong-flag']

/** One correction, and whether the miner now says what the expert says. */
export interface RegressionRow {
  case: string
  head: Head
  cause: Cause
  who: string
  expert: string
  mined: string
  right: boolean
}

/** Every correction of a case for a cause of the lexicon, mined again. Labels left open (`uncertain`) ask nothing. */
export function regressCase(state: CaseState, mine: (text: string) => TextFindings): RegressionRow[] {
  const asked = state.labels.flatMap(label =>
    label.causes.filter(({ cause }) => LEXICON_CAUSES.includes(cause)).map(each => ({ label, ...each })),
  )
  if (asked.length === 0) return []
  const found = mine(state.caption)
  const rows: RegressionRow[] = []
  for (const { label, head, cause } of asked) {
    const expert = head === 'flag' ? label.flag : label.lesions[head]
    if (expert === 'uncertain' || expert === 'not-assessed') continue
    const mined = head === 'flag' ? flagFor(found, state.panel) : findingFor(found, head, state.panel)
    const says =
      head === 'flag' ? mined : mined === 'present' ? 'present' : mined === 'possible' ? 'possible' : 'absent'
    rows.push({ case: state.id, head, cause, who: label.who, expert, mined, right: says === expert })
  }
  return rows
}

function flagFor(found: TextFindings, panel: string | null): string {
  return (panel !== null ? found.panels[panel]?.flag : undefined) ?? found.covid.flag
}

/** What a text says of a lesion in one panel: its own mentions and those of the whole figure. */
function findingFor(found: TextFindings, lesion: Lesion, panel: string | null): string {
  return findingOf(
    found.mentions
      .filter(mention => mention.lesion === lesion)
      .filter(mention => panel === null || mention.panels.length === 0 || mention.panels.includes(panel))
      .map(mention => mention.assertion),
  )
}
