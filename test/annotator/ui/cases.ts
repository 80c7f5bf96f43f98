import type { CaseReply } from '../../../annotator/server/replies.ts'
import type { ModelOpinion } from '../../../annotator/ui/review/proposal.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { Mention } from '../../../data/records/mining.ts'
import { type Finding, type Lesion, type MinedFlag, perLesion } from '../../../data/records/vocabulary.ts'

/** A case as it stands, with only what the page's logic reads spelled out. */
export function caseState(of: Partial<CaseState> = {}): CaseState {
  return {
    id: 'paper#Figure 1#A',
    document: 'paper',
    figure: 'Figure 1',
    panel: 'A',
    order: 0,
    page: 1,
    image: 'i1',
    imageFile: 'i1.png',
    width: 100,
    height: 80,
    kind: { kind: 'ct', score: 1 },
    caption: '',
    mentions: [],
    skipped: [],
    mined: said({}),
    patient: 'paper',
    source: { name: 'test', file: 'test.pdf', format: 'pdf' },
    minedBy: 'test',
    version: 0,
    labels: [],
    notes: [],
    assigned: [],
    truth: { flag: { value: null, source: null }, lesions: perLesion(() => ({ value: null, source: null })) },
    edited: false,
    ...of,
  }
}

/** What a text says: the flag, and the findings named; the others are `none`. */
export function said(findings: Partial<Record<Lesion, Finding>>, flag: MinedFlag = 'unstated') {
  return { flag, evidence: [], findings: perLesion((lesion): Finding => findings[lesion] ?? 'none') }
}

/** An opinion with a threshold of one half for every head. */
export function opinion(flag: number, lesions: Partial<Record<Lesion, number>> = {}): ModelOpinion {
  return {
    flag,
    lesions: perLesion(lesion => lesions[lesion] ?? 0.1),
    thresholds: { flag: 0.5, ...perLesion(() => 0.5) },
  }
}

export function caseReply(state: CaseState): CaseReply {
  return {
    case: state,
    siblings: [],
    opinion: null,
    queue: null,
    document: null,
    disagreements: [],
    blind: false,
    hidden: { text: false, model: false },
    repeat: false,
  }
}

export function mention(caption: string, words: string, of: Partial<Mention> = {}): Mention {
  const start = caption.indexOf(words)
  return {
    lesion: 'GGO',
    assertion: 'present',
    panels: [],
    rule: 'test',
    text: words,
    start,
    end: start + words.length,
    ...of,
  }
}
