import type { CaseState } from '../records/case.ts'
import {
  FINDINGS,
  type Finding,
  HEADS,
  LESIONS,
  MINED_FLAGS,
  type MinedFlag,
  TRUTH_SOURCES,
} from '../records/vocabulary.ts'
import { type CaseEntry, factsOf, packFindings } from './case-entry.ts'

/** Who of a case says what of a head, text, published label and readers taken together. */
export const VOICES = ['nobody', 'yes', 'no', 'both'] as const
export type Voices = (typeof VOICES)[number]

/**
 * What one case adds to the numbers of a workspace, and what filters ask of it (but for words, its document and whom it
 * is assigned to). Many cases have the same.
 */
export interface CaseShare {
  isCt: boolean
  retired: boolean
  /** It has a person's label, or a verdict. */
  labelled: boolean
  adjudicated: boolean
  discuss: boolean
  /** As in `CaseFacts`. */
  disagreement: boolean
  uncertain: boolean
  /** A row of a table or dataset, without a document of its own. */
  isTableRow: boolean
  kind: string
  source: string
  /** The side its dataset gave it, else `none`. */
  officialSide: string
  flag: MinedFlag
  findings: readonly Finding[] // [LESIONS]
  truth: readonly { value: boolean | null; source: string | null }[] // [HEADS]
  voices: readonly Voices[] // [HEADS]
  /** Whose labels it has. */
  who: readonly string[]
}

const YES = new Set(['positive', 'present'])
const NO = new Set(['negative', 'absent', 'resolved'])

/** Silence and doubt are no voice. */
export function voicesOf(state: Pick<CaseState, 'mined' | 'published' | 'labels'>): Voices[] {
  const { mined, published, labels } = state
  return HEADS.map(head => {
    const said: string[] =
      head === 'flag'
        ? [mined.flag, ...(published ? [published.flag] : []), ...labels.map(label => label.flag)]
        : [
            mined.findings[head],
            ...(published ? [published.findings[head]] : []),
            ...labels.map(label => label.lesions[head]),
          ]
    const yes = said.some(each => YES.has(each))
    const no = said.some(each => NO.has(each))
    return yes ? (no ? 'both' : 'yes') : no ? 'no' : 'nobody'
  })
}

export function shareOf(state: CaseState): CaseShare {
  const { isCt, disagreement, discuss, uncertain } = factsOf(state)
  const truths = [state.truth.flag, ...LESIONS.map(lesion => state.truth.lesions[lesion])]
  return {
    ...{ isCt, disagreement, discuss, uncertain },
    retired: state.retired === true,
    labelled: state.labels.length > 0 || state.adjudicated !== undefined,
    adjudicated: state.adjudicated !== undefined,
    isTableRow: isTableRow(state),
    kind: state.kind.kind,
    source: state.source.name,
    officialSide: state.officialSide ?? 'none',
    flag: state.mined.flag,
    findings: LESIONS.map(lesion => state.mined.findings[lesion]),
    truth: truths.map(({ value, source }) => ({ value: value === null ? null : YES.has(value), source })),
    voices: voicesOf(state),
    who: state.labels.map(label => label.who),
  }
}

/** Rows of a table name their documents after it; what was mined has a document's own id. */
export function isTableRow({ document, source }: Pick<CaseState, 'document' | 'source'>): boolean {
  return document === null || document.startsWith(`${source.name}:`)
}

const YES_OR_NO = [
  'isCt',
  'retired',
  'labelled',
  'adjudicated',
  'discuss',
  'disagreement',
  'uncertain',
  'isTableRow',
] as const satisfies (keyof CaseShare)[]
const VALUES = [null, true, false]
const SOURCES = [null, ...TRUTH_SOURCES]

/** A share as a short text: equal shares have equal texts. */
export function shareText(share: CaseShare): string {
  const truth = share.truth.map(({ value, source }) =>
    (VALUES.indexOf(value) * SOURCES.length + SOURCES.indexOf(source as (typeof SOURCES)[number])).toString(
      36,
    ),
  )
  const digits = [
    ...YES_OR_NO.map(key => Number(share[key])),
    MINED_FLAGS.indexOf(share.flag),
    ...share.findings.map(finding => FINDINGS.indexOf(finding)),
    ...share.voices.map(voice => VOICES.indexOf(voice)),
    ...truth,
  ].join('')
  return JSON.stringify([digits, share.kind, share.source, share.officialSide, ...share.who])
}

export function readShare(text: string): CaseShare {
  const [digits, kind, source, officialSide, ...who] = JSON.parse(text) as [string, string, string, string]
  let at = 0
  const next = () => Number.parseInt(digits[at++]!, 36)
  const facts = Object.fromEntries(YES_OR_NO.map(key => [key, next() === 1])) as Pick<
    CaseShare,
    (typeof YES_OR_NO)[number]
  >
  const flag = MINED_FLAGS[next()]!
  const findings = LESIONS.map(() => FINDINGS[next()]!)
  const voices = HEADS.map(() => VOICES[next()]!)
  const truth = HEADS.map(() => {
    const packed = next()
    return {
      value: VALUES[Math.floor(packed / SOURCES.length)] ?? null,
      source: SOURCES[packed % SOURCES.length] ?? null,
    }
  })
  return { ...facts, kind, source, officialSide, flag, findings, voices, truth, who }
}

/** The share as filters look at an entry. */
export function asEntry(share: CaseShare): CaseEntry {
  const { isCt, disagreement, discuss, uncertain, who, findings } = share
  const packed = packFindings(lesion => findings[LESIONS.indexOf(lesion)]!)
  const facts = { isCt, disagreement, discuss, uncertain, findings: packed, labelledBy: who, assigned: [] }
  return { version: 0, ...facts } as unknown as CaseEntry
}
