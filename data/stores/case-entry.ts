import { differ, flagOf } from '../journal/truth.ts'
import type { CaseState, MinedCase } from '../records/case.ts'
import { FINDINGS, type Finding, LESIONS, type Lesion, type PerLesion } from '../records/vocabulary.ts'

/** What of a case is kept in memory: enough to filter, sort and find it. The rest is read when it is asked for. */
export interface CaseEntry extends CaseFacts {
  id: string
  figure: FigureEntry
  /** The document it was put for, and its line in cases.jsonl. */
  put: string
  offset: number
  length: number
  order: number
  /** Name of the file it came from. */
  file: string
  /** Number of its names in what is searched, once that is there. */
  text: number | undefined
}

/** The facts that filters ask for; they change with acts. */
export interface CaseFacts {
  version: number
  /** A CT that is one of its figure's panels as they stand. */
  isCt: boolean
  /** The mined findings, five digits to the base of five in the order of LESIONS and FINDINGS. */
  findings: number
  labelledBy: readonly string[]
  assigned: readonly string[]
  disagreement: boolean
  discuss: boolean
  uncertain: boolean
}

/** A figure's cases, in reading order, and what they share. */
export interface FigureEntry {
  key: string
  document: string | null
  /** Sorts figures by document and number ("Figure 2" before "Figure 10"). */
  sortKey: string
  cases: CaseEntry[]
  /** The caption where a person changed it; as it was mined it is read from the disk. */
  edited?: string
  /** Number of the mined caption in what is searched, once that is there. */
  text?: number
  /** Cases that are gone but have acts that may concern the whole figure. */
  orphans?: string[]
  /** Cases of earlier versions whose acts count at this figure's. */
  ancestors?: string[]
}

const NOBODY: readonly string[] = []

export function factsOf(state: CaseState): CaseFacts {
  return {
    version: state.version,
    isCt: state.kind.kind === 'ct' && !state.retired,
    findings: packFindings(lesion => state.mined.findings[lesion]),
    labelledBy: state.labels.length ? state.labels.map(label => label.who) : NOBODY,
    assigned: state.assigned.length ? state.assigned : NOBODY,
    disagreement: state.adjudicated === undefined && disagrees(state),
    discuss: state.discuss !== undefined,
    uncertain: state.labels.some(
      label => flagOf(label) === 'uncertain' || LESIONS.some(lesion => label.lesions[lesion] === 'uncertain'),
    ),
  }
}

/** The facts of a case nobody has touched. */
export function factsOfMined(mined: MinedCase): CaseFacts {
  return {
    version: 0,
    isCt: mined.kind.kind === 'ct' && mined.drawn === undefined && mined.supersededBy === undefined,
    findings: packFindings(lesion => mined.mined.findings[lesion]),
    labelledBy: NOBODY,
    assigned: NOBODY,
    disagreement: false,
    discuss: false,
    uncertain: false,
  }
}

export const packFindings = (findings: (lesion: Lesion) => Finding): number =>
  LESIONS.reduce((packed, lesion) => packed * FINDINGS.length + FINDINGS.indexOf(findings(lesion)), 0)

/** Reads one lesion's finding out of packed ones. */
export function findingReader(lesion: Lesion): (packed: number) => Finding {
  const power = FINDINGS.length ** (LESIONS.length - 1 - LESIONS.indexOf(lesion))
  return packed => FINDINGS[Math.floor(packed / power) % FINDINGS.length]!
}

const FROM_TEXT = {
  present: 'present',
  possible: 'uncertain',
  resolved: 'absent',
  absent: 'absent',
  none: 'not-assessed',
} as const
const FLAG_FROM_TEXT = {
  positive: 'positive',
  negative: 'negative',
  possible: 'uncertain',
  unstated: 'not-assessed',
} as const

/** Whether experts contradict each other, or one of them what was mined or published. */
function disagrees({ labels, mined, published }: CaseState): boolean {
  if (labels.length === 0) return false
  const sayings: { flag: string; lesions: PerLesion<string> }[] = labels
    .filter(label => label.notAssessable === undefined)
    .map(label => ({ flag: label.flag, lesions: label.lesions }))
  if (sayings.length === 0) return false
  if (published) sayings.push({ flag: published.flag, lesions: published.findings })
  else {
    const lesions = Object.fromEntries(
      LESIONS.map(lesion => [lesion, FROM_TEXT[mined.findings[lesion]]]),
    ) as PerLesion<string>
    // A hedge in the text is no contradiction of a reader who sees it, nor is an expert's doubt one of it.
    for (const lesion of LESIONS) if (lesions[lesion] === 'uncertain') lesions[lesion] = 'not-assessed'
    const flag = FLAG_FROM_TEXT[mined.flag]
    sayings.push({ flag: flag === 'uncertain' ? 'not-assessed' : flag, lesions })
  }
  const anyDiffers = (values: string[]) => values.some((a, i) => values.slice(i + 1).some(b => differ(a, b)))
  return (
    anyDiffers(sayings.map(({ flag }) => flag)) ||
    LESIONS.some(lesion => anyDiffers(sayings.map(({ lesions }) => lesions[lesion])))
  )
}
