import { FINDINGS, HEADS, LESIONS, MINED_FLAGS, perLesion } from '../../data/records/vocabulary.ts'
import type { CaseShare } from '../../data/stores/case-share.ts'
import type { StatsReply } from './replies.ts'

/** What all cases of a workspace come to. */
export interface Counts extends Omit<StatsReply, 'documents' | 'people' | 'byPerson' | 'goal'> {
  byWho: Map<string, number>
}

export interface Labelled {
  cases: number
  labelled: number
}

/** A table or dataset whose rows came without a document. */
export interface TableCount extends Labelled {
  name: string
  firstCase: string
}

export function noCounts(): Counts {
  return {
    cases: 0,
    labelled: 0,
    adjudicated: 0,
    discuss: 0,
    disagreements: 0,
    truth: Object.fromEntries(
      HEADS.map(head => [head, { positive: 0, negative: 0, masked: 0, sources: {} }]),
    ) as unknown as Counts['truth'],
    mined: { flag: zeros(MINED_FLAGS), lesions: perLesion(() => zeros(FINDINGS)) },
    sources: {},
    sides: {},
    kinds: {},
    byWho: new Map(),
  }
}

/** Adds so many cases of a share; sides and disagreements are not in it. */
export function addShare(counts: Counts, share: CaseShare, by: number): void {
  counts.cases += by
  if (share.labelled) counts.labelled += by
  if (share.adjudicated) counts.adjudicated += by
  if (share.discuss) counts.discuss += by
  counts.mined.flag[share.flag] += by
  for (const [at, lesion] of LESIONS.entries()) counts.mined.lesions[lesion][share.findings[at]!] += by
  for (const [at, head] of HEADS.entries()) {
    const entry = counts.truth[head]
    const { value, source } = share.truth[at]!
    entry[value === null ? 'masked' : value ? 'positive' : 'negative'] += by
    if (source !== null) bump(entry.sources, source, by)
  }
  bump(counts.sources, share.source, by)
  bump(counts.kinds, share.kind, by)
  for (const who of share.who) counts.byWho.set(who, (counts.byWho.get(who) ?? 0) + by)
}

/** A count that comes to nothing goes: the answer is the same however it came about. */
export function bump(counts: Record<string, number>, key: string, by: number): void {
  const now = (counts[key] ?? 0) + by
  if (now === 0) delete counts[key]
  else counts[key] = now
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map(key => [key, 0])) as Record<K, number>
}
