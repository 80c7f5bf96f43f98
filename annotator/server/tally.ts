import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CaseState } from '../../data/records/case.ts'
import {
  FINDINGS,
  type Finding,
  HEADS,
  type Head,
  LESIONS,
  type Lesion,
  MINED_FLAGS,
  type MinedFlag,
} from '../../data/records/vocabulary.ts'
import { readSplit } from '../../data/splits/keep.ts'
import type { Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { Cycles } from './cycles.ts'
import { disagreements } from './disagreements.ts'
import type { StatsReply } from './replies.ts'

export interface Counts extends Omit<StatsReply, 'documents' | 'people' | 'byPerson' | 'goal'> {
  byDocument: Map<string, { cases: number; labelled: number }>
  byWho: Map<string, number>
}

/** Cases counted before other requests get their turn. */
const SLICE = 1000

/** Counts over all cases, made anew only where something changed since. */
export class Tally {
  private readonly store: Store
  private readonly cycles: Cycles
  private readonly workspace: Workspace
  private kept: { key: string; counts: Counts } | null = null
  private counting: { key: string; counts: Promise<Counts> } | null = null

  constructor(workspace: Workspace, store: Store, cycles: Cycles) {
    this.workspace = workspace
    this.store = store
    this.cycles = cycles
  }

  async counts(): Promise<Counts> {
    const key = [
      await this.store.acts.lastSeq(),
      await this.store.cases.count({ kind: 'all' }),
      (await this.cycles.speaking())?.id,
    ].join(' ')
    if (this.kept?.key === key) return this.kept.counts
    if (this.counting?.key !== key) this.counting = { key, counts: this.count() }
    const counts = await this.counting.counts
    this.kept = { key, counts }
    return counts
  }

  private async count(): Promise<Counts> {
    const counts = noCounts()
    const split = await readSplit(this.workspace)
    const opinions = await this.cycles.opinions()
    let seen = 0
    for await (const state of this.store.cases.all()) {
      add(counts, state)
      counts.disagreements += disagreements(state, opinions.of(state.id)).length > 0 ? 1 : 0
      bump(counts.sides, split?.cases[state.id]?.side ?? state.officialSide ?? 'none')
      if (++seen % SLICE === 0) await nextTurn()
    }
    return counts
  }
}

function noCounts(): Counts {
  return {
    cases: 0,
    labelled: 0,
    adjudicated: 0,
    discuss: 0,
    disagreements: 0,
    truth: Object.fromEntries(
      HEADS.map(head => [head, { positive: 0, negative: 0, masked: 0, sources: {} }]),
    ) as unknown as Counts['truth'],
    mined: {
      flag: zeros(MINED_FLAGS) as Record<MinedFlag, number>,
      lesions: Object.fromEntries(LESIONS.map(lesion => [lesion, zeros(FINDINGS)])) as Record<
        Lesion,
        Record<Finding, number>
      >,
    },
    sources: {},
    sides: {},
    kinds: {},
    byDocument: new Map(),
    byWho: new Map(),
  }
}

function add(counts: Counts, state: CaseState): void {
  const labelled = state.labels.length > 0 || state.adjudicated !== undefined
  counts.cases++
  counts.labelled += labelled ? 1 : 0
  counts.adjudicated += state.adjudicated ? 1 : 0
  counts.discuss += state.discuss ? 1 : 0
  counts.mined.flag[state.mined.flag]++
  for (const lesion of LESIONS) counts.mined.lesions[lesion][state.mined.findings[lesion]]++
  for (const head of HEADS) addTruth(counts, state, head)
  bump(counts.sources, state.source.name)
  bump(counts.kinds, state.kind.kind)
  for (const { who } of state.labels) counts.byWho.set(who, (counts.byWho.get(who) ?? 0) + 1)
  if (state.document === null) return
  const document = counts.byDocument.get(state.document) ?? { cases: 0, labelled: 0 }
  document.cases++
  document.labelled += labelled ? 1 : 0
  counts.byDocument.set(state.document, document)
}

function addTruth(counts: Counts, state: CaseState, head: Head): void {
  const { value, source } = head === 'flag' ? state.truth.flag : state.truth.lesions[head]
  const entry = counts.truth[head]
  if (value === null) entry.masked++
  else if (value === 'positive' || value === 'present') entry.positive++
  else entry.negative++
  if (source !== null) bump(entry.sources, source)
}

function bump(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map(key => [key, 0])) as Record<K, number>
}
