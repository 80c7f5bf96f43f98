import type { Mention, TextFindings } from '../../data/records/mining.ts'
import type { Assertion, Lesion, MinedFlag } from '../../data/records/vocabulary.ts'

/** A text to compare two lexicons over, with an expert's reading where there is one. */
export interface CorpusText {
  id: string
  text: string
  context?: string
  gold?: {
    covid?: MinedFlag
    mentions: { lesion: Lesion; start: number; end: number; assertion: Assertion }[]
  }
}

export type ChangeKind = 'added' | 'lost' | 'flipped' | 'flag'

/** One thing that a changed lexicon makes different in one text. */
export interface TextChange {
  id: string
  kind: ChangeKind
  lesion?: Lesion
  start?: number
  end?: number
  text: string
  before: string | null
  after: string | null
  /** By the expert's reading; absent where the text has none. */
  verdict?: 'better' | 'worse' | 'neither'
}

export interface Comparison {
  texts: number
  changes: TextChange[]
  counts: Record<ChangeKind, number>
  better: number
  worse: number
}

const keyOf = (mention: { lesion: Lesion; start: number; end: number }) =>
  `${mention.lesion} ${mention.start} ${mention.end}`

/** What two miners read differently: mentions added, lost, or with another assertion, and flags. */
export function compareMiners(
  before: (text: string, context?: string) => TextFindings,
  after: (text: string, context?: string) => TextFindings,
  corpus: Iterable<CorpusText>,
): Comparison {
  const out: Comparison = {
    texts: 0,
    changes: [],
    counts: { added: 0, lost: 0, flipped: 0, flag: 0 },
    better: 0,
    worse: 0,
  }
  for (const row of corpus) {
    out.texts++
    for (const change of changesOf(row, before(row.text, row.context), after(row.text, row.context))) {
      out.changes.push(change)
      out.counts[change.kind]++
      if (change.verdict === 'better') out.better++
      if (change.verdict === 'worse') out.worse++
    }
  }
  return out
}

function changesOf(row: CorpusText, before: TextFindings, after: TextFindings): TextChange[] {
  const changes: TextChange[] = []
  const gold = row.gold
    ? new Map(row.gold.mentions.map(mention => [keyOf(mention), mention.assertion]))
    : null
  const old = new Map(before.mentions.map(mention => [keyOf(mention), mention]))
  const now = new Map(after.mentions.map(mention => [keyOf(mention), mention]))
  const put = (kind: ChangeKind, mention: Mention, was: string | null, is: string | null) => {
    const change: TextChange = {
      id: row.id,
      kind,
      lesion: mention.lesion,
      start: mention.start,
      end: mention.end,
      text: mention.text,
      before: was,
      after: is,
    }
    if (gold) change.verdict = verdictOf(gold.get(keyOf(mention)) ?? null, was, is)
    changes.push(change)
  }
  for (const [key, mention] of now) {
    const was = old.get(key)
    if (!was) put('added', mention, null, mention.assertion)
    else if (was.assertion !== mention.assertion) put('flipped', mention, was.assertion, mention.assertion)
  }
  for (const [key, mention] of old) if (!now.has(key)) put('lost', mention, mention.assertion, null)
  if (before.covid.flag !== after.covid.flag) {
    const change: TextChange = {
      id: row.id,
      kind: 'flag',
      text: row.text.slice(0, 80),
      before: before.covid.flag,
      after: after.covid.flag,
    }
    if (row.gold?.covid) change.verdict = verdictOf(row.gold.covid, before.covid.flag, after.covid.flag)
    changes.push(change)
  }
  return changes
}

function verdictOf(
  gold: string | null,
  before: string | null,
  after: string | null,
): 'better' | 'worse' | 'neither' {
  if (after === gold && before !== gold) return 'better'
  if (before === gold && after !== gold) return 'worse'
  return 'neither'
}
