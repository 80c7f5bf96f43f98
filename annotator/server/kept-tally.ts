import type { CaseState } from '../../data/records/case.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { readSplit } from '../../data/splits/keep.ts'
import { type CaseShare, shareOf } from '../../data/stores/case-share.ts'
import type { CaseSums, Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { Cycles } from './cycles.ts'
import { contradict } from './disagreements.ts'
import { fileStamp } from './file-stamp.ts'
import { addShare, bump, type Counts, type Labelled, noCounts, type TableCount } from './numbers.ts'
import { Pace } from './pace.ts'
import type { Opinion } from './replies.ts'
import type { Tally } from './tally.ts'

/** Where only new cases came in, the walk is made again after as many times as long as it took. */
const REST = 20

/**
 * Counts from the sums that the store keeps: exact at every moment, whoever writes, and at no cost a case. What the store
 * knows nothing of, the split and the model, is looked at in one walk through the shares, which is made again where one
 * of them changed, and now and then where cases came in.
 */
export class KeptTally implements Tally {
  private readonly store: Store
  private readonly sums: CaseSums
  private readonly cycles: Cycles
  private readonly workspace: Workspace
  private current: Look | null = null

  constructor(workspace: Workspace, of: { store: Store; sums: CaseSums }, cycles: Cycles) {
    this.workspace = workspace
    this.store = of.store
    this.sums = of.sums
    this.cycles = cycles
  }

  async counts({ gently = false }: { gently?: boolean } = {}): Promise<Counts> {
    const look = await this.look()
    if (!gently) look.pace.hurried = true
    await look.done
    const counts = noCounts()
    for (const { share, cases } of await this.sums.shares()) {
      if (share.retired) continue
      addShare(counts, share, cases)
      bump(counts.sides, share.officialSide, cases)
      if (isContradicted(share, null)) counts.disagreements += cases
    }
    counts.disagreements += look.byModel
    for (const [side, by] of Object.entries(look.sides)) bump(counts.sides, side, by)
    return counts
  }

  documents(ids: readonly string[]): Promise<Map<string, Labelled>> {
    return this.sums.documents(ids)
  }

  async tables(): Promise<TableCount[]> {
    const byName = new Map<string, Labelled>()
    for (const { share, cases } of await this.sums.shares()) {
      if (share.retired || !share.isTableRow) continue
      const sum = byName.get(share.source) ?? { cases: 0, labelled: 0 }
      byName.set(share.source, sum)
      sum.cases += cases
      if (share.labelled) sum.labelled += cases
    }
    const tables: TableCount[] = []
    for (const [name, sum] of byName) {
      const firstCase = await this.sums.firstOfTable(name)
      if (firstCase !== undefined) tables.push({ name, ...sum, firstCase })
    }
    return tables
  }

  async take(states: readonly CaseState[]): Promise<void> {
    const { current } = this
    if (!current) return
    const opinions = await this.cycles.opinions()
    for (const state of states) current.take(state.id, shareOf(state), opinions)
  }

  private async look(): Promise<Look> {
    const by = `${await fileStamp(this.workspace.paths.splits)} ${(await this.cycles.speaking())?.id}`
    const stamp = await this.store.cases.stamp()
    const { current } = this
    if (current?.by === by && (current.stamp === stamp || !current.isRested)) return current
    const look = new Look(by, stamp)
    this.current = look
    look.done = this.walk(look)
    look.done.catch(() => {
      if (this.current === look) this.current = null
    })
    return look
  }

  private async walk(look: Look): Promise<void> {
    const opinions = await this.cycles.opinions()
    const split = await readSplit(this.workspace)
    if (!split && opinions.size === 0) return look.end()
    for await (const { id, share } of this.sums.walk()) {
      look.pass(id, share, opinions)
      const side = split?.cases[id]?.side
      if (side !== undefined && side !== share.officialSide && !share.retired) {
        bump(look.sides, side, 1)
        bump(look.sides, share.officialSide, -1)
      }
      if (look.pace.isDue) await look.pace.rest()
    }
    look.end()
  }
}

interface Opinions {
  of(caseId: string): Opinion | null
  /** Number of a case among those that the model has seen. */
  place(caseId: string): number | undefined
  readonly size: number
}

/** What the split and the model add to the sums. */
class Look {
  readonly by: string
  readonly stamp: string
  readonly pace = new Pace()
  done: Promise<void> = Promise.resolve()
  /** Cases that the model alone contradicts. */
  byModel = 0
  /** Added to the sides that the datasets gave. */
  readonly sides: Record<string, number> = {}
  private contradicted = new Uint8Array(0) // [cases that the model has seen]
  /** Cases that acts changed during the walk, which may come by as they were before. */
  private meanwhile: Set<string> | null = new Set()
  private readonly began = performance.now()
  private restsUntil = Number.POSITIVE_INFINITY

  constructor(by: string, stamp: string) {
    this.by = by
    this.stamp = stamp
  }

  get isRested(): boolean {
    return performance.now() > this.restsUntil
  }

  end(): void {
    this.meanwhile = null
    const now = performance.now()
    this.restsUntil = now + REST * (now - this.began)
  }

  pass(id: string, share: CaseShare, opinions: Opinions): void {
    if (!this.meanwhile?.has(id)) this.put(id, share, opinions)
  }

  take(id: string, share: CaseShare, opinions: Opinions): void {
    this.meanwhile?.add(id)
    this.put(id, share, opinions)
  }

  private put(id: string, share: CaseShare, opinions: Opinions): void {
    const place = opinions.place(id)
    if (place === undefined) return
    if (place >= this.contradicted.length) {
      const longer = new Uint8Array(Math.max(opinions.size, place + 1))
      longer.set(this.contradicted)
      this.contradicted = longer
    }
    const now = Number(
      !share.retired && !isContradicted(share, null) && isContradicted(share, opinions.of(id)),
    )
    this.byModel += now - this.contradicted[place]!
    this.contradicted[place] = now
  }
}

function isContradicted(share: CaseShare, opinion: Opinion | null): boolean {
  return !share.adjudicated && HEADS.some((head, at) => contradict(share.voices[at]!, opinion, head))
}
