import { setTimeout as later, setImmediate as nextTurn } from 'node:timers/promises'
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
  perLesion,
} from '../../data/records/vocabulary.ts'
import { readSplit } from '../../data/splits/keep.ts'
import type { Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { Cycles } from './cycles.ts'
import { disagreements } from './disagreements.ts'
import { fileStamp } from './file-stamp.ts'
import type { Opinion, StatsReply } from './replies.ts'

export interface Counts extends Omit<StatsReply, 'documents' | 'people' | 'byPerson' | 'goal'> {
  byDocument: Map<string, { cases: number; labelled: number }>
  /** Tables and datasets, by name, whose rows came without a document. */
  byTable: Map<string, { cases: number; labelled: number; firstCase: string }>
  byWho: Map<string, number>
}

/** How long counting goes on before other requests get their turn, in milliseconds. */
const SLICE_MS = 4

/** The same while nobody waits for the count, and how long it then rests. */
const GENTLE_MS = 2
const PAUSE_MS = 6

/** What one case adds to the counts; many cases add the same, and share one of these. */
interface Share {
  labelled: boolean
  adjudicated: boolean
  discuss: boolean
  disagrees: boolean
  kind: string
  source: string
  side: string
  flag: MinedFlag
  findings: readonly Finding[] // [LESIONS]
  truth: readonly { value: string | null; source: string | null }[] // [HEADS]
  who: readonly string[]
}

/**
 * Counts over all cases: made once a cycle, and again where other processes changed the cases; in between kept up by
 * what each act changed.
 */
export class Tally {
  private readonly store: Store
  private readonly cycles: Cycles
  private readonly workspace: Workspace
  /** The count that stands, or the one that is being made. */
  /** Somebody waits for the count that is being made. */
  private hurried = false
  private current: { key: string; count: Count; done: Promise<unknown> } | null = null

  constructor(workspace: Workspace, store: Store, cycles: Cycles) {
    this.workspace = workspace
    this.store = store
    this.cycles = cycles
  }

  /** @param how `gently`: nobody waits for it yet, and whoever asks for something else meanwhile goes first. */
  async counts({ gently = false }: { gently?: boolean } = {}): Promise<Counts> {
    const key = await this.key()
    if (!gently) this.hurried = true
    if (this.current?.key !== key) {
      this.hurried = !gently
      const count = new Count()
      const done = this.walk(count)
      this.current = { key, count, done }
      done.catch(() => {
        if (this.current?.count === count) this.current = null
      })
    }
    const { count, done } = this.current
    await done
    return count.counts
  }

  /**
   * Takes in cases as they stand after an act. While all are being counted this does no harm: who was counted already
   * is counted anew, who comes later is found as it stands.
   */
  async take(states: readonly CaseState[]): Promise<void> {
    const count = this.current?.count
    if (!count) return
    const opinions = await this.cycles.opinions()
    for (const state of states) count.put(state, opinions.of(state.id))
  }

  /** Changes with what other processes write: the cases, the split, the cycle that speaks. */
  private async key(): Promise<string> {
    const stamps = await Promise.all([this.store.cases.stamp(), fileStamp(this.workspace.paths.splits)])
    return [...stamps, (await this.cycles.speaking())?.id].join(' / ')
  }

  private async walk(count: Count): Promise<void> {
    await this.store.refresh()
    const split = await readSplit(this.workspace)
    count.sideOf = state => split?.cases[state.id]?.side ?? state.officialSide ?? 'none'
    const opinions = await this.cycles.opinions()
    let since = performance.now()
    for await (const state of this.store.cases.all()) {
      count.put(state, opinions.of(state.id))
      if (performance.now() - since < (this.hurried ? SLICE_MS : GENTLE_MS)) continue
      if (this.hurried) await nextTurn()
      else await later(PAUSE_MS, undefined, { ref: false })
      since = performance.now()
    }
  }
}

class Count {
  sideOf: (state: CaseState) => string = () => 'none'
  readonly counts: Counts = noCounts()
  private readonly byCase = new Map<string, Share>()
  private readonly shared = new Map<string, Share>()

  /** Puts a case's share in the place of the one it had. */
  put(state: CaseState, opinion: Opinion | null): void {
    if (state.retired) {
      this.drop(state)
      return
    }
    const fresh = shareOf(state, this.sideOf(state), opinion)
    const key = JSON.stringify(fresh)
    const share = this.shared.get(key) ?? fresh
    this.shared.set(key, share)
    const before = this.byCase.get(state.id)
    if (before === share) return
    if (before) add(this.counts, before, -1)
    add(this.counts, share, 1)
    this.byCase.set(state.id, share)
    if (isTableRow(state)) {
      const { name } = state.source
      const table = this.counts.byTable.get(name) ?? { cases: 0, labelled: 0, firstCase: state.id }
      table.cases += before ? 0 : 1
      table.labelled += Number(share.labelled) - Number(before?.labelled ?? false)
      this.counts.byTable.set(name, table)
    }
    if (state.document === null) return
    // A case's document never changes: it needs no place in what is shared.
    const document = this.counts.byDocument.get(state.document) ?? { cases: 0, labelled: 0 }
    document.cases += before ? 0 : 1
    document.labelled += Number(share.labelled) - Number(before?.labelled ?? false)
    this.counts.byDocument.set(state.document, document)
  }

  /** Takes a case out again: panels drawn by hand left it out. */
  private drop(state: CaseState): void {
    const before = this.byCase.get(state.id)
    if (!before) return
    add(this.counts, before, -1)
    this.byCase.delete(state.id)
    const table = isTableRow(state) ? this.counts.byTable.get(state.source.name) : undefined
    if (table) {
      table.cases--
      table.labelled -= Number(before.labelled)
    }
    const document = state.document === null ? undefined : this.counts.byDocument.get(state.document)
    if (!document) return
    document.cases--
    document.labelled -= Number(before.labelled)
  }
}

/** Rows of a table name their documents after it; what was mined has a document's own id. */
function isTableRow({ document, source }: CaseState): boolean {
  return document === null || document.startsWith(`${source.name}:`)
}

function shareOf(state: CaseState, side: string, opinion: Opinion | null): Share {
  return {
    labelled: state.labels.length > 0 || state.adjudicated !== undefined,
    adjudicated: state.adjudicated !== undefined,
    discuss: state.discuss !== undefined,
    disagrees: disagreements(state, opinion).length > 0,
    kind: state.kind.kind,
    source: state.source.name,
    side,
    flag: state.mined.flag,
    findings: LESIONS.map(lesion => state.mined.findings[lesion]),
    truth: HEADS.map(head => (head === 'flag' ? state.truth.flag : state.truth.lesions[head])),
    who: state.labels.map(label => label.who),
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
    mined: { flag: zeros(MINED_FLAGS), lesions: perLesion(() => zeros(FINDINGS)) },
    sources: {},
    sides: {},
    kinds: {},
    byDocument: new Map(),
    byTable: new Map(),
    byWho: new Map(),
  }
}

function add(counts: Counts, share: Share, by: 1 | -1): void {
  counts.cases += by
  if (share.labelled) counts.labelled += by
  if (share.adjudicated) counts.adjudicated += by
  if (share.discuss) counts.discuss += by
  if (share.disagrees) counts.disagreements += by
  counts.mined.flag[share.flag] += by
  for (const [at, lesion] of LESIONS.entries()) addFinding(counts, lesion, share.findings[at]!, by)
  for (const [at, head] of HEADS.entries()) addTruth(counts, head, share.truth[at]!, by)
  bump(counts.sources, share.source, by)
  bump(counts.sides, share.side, by)
  bump(counts.kinds, share.kind, by)
  for (const who of share.who) counts.byWho.set(who, (counts.byWho.get(who) ?? 0) + by)
}

function addFinding(counts: Counts, lesion: Lesion, finding: Finding, by: 1 | -1): void {
  counts.mined.lesions[lesion][finding] += by
}

function addTruth(counts: Counts, head: Head, { value, source }: Share['truth'][number], by: 1 | -1): void {
  const entry = counts.truth[head]
  if (value === null) entry.masked += by
  else if (value === 'positive' || value === 'present') entry.positive += by
  else entry.negative += by
  if (source !== null) bump(entry.sources, source, by)
}

/** A count that comes to nothing goes: the answer is the same however it came about. */
function bump(counts: Record<string, number>, key: string, by: 1 | -1): void {
  const now = (counts[key] ?? 0) + by
  if (now === 0) delete counts[key]
  else counts[key] = now
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map(key => [key, 0])) as Record<K, number>
}
