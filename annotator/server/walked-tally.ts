import type { CaseState } from '../../data/records/case.ts'
import { readSplit } from '../../data/splits/keep.ts'
import { type CaseShare, readShare, shareOf, shareText } from '../../data/stores/case-share.ts'
import type { Store } from '../../data/stores/store.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { Cycles } from './cycles.ts'
import { disagreements } from './disagreements.ts'
import { fileStamp } from './file-stamp.ts'
import { addShare, bump, type Counts, type Labelled, noCounts, type TableCount } from './numbers.ts'
import { Pace } from './pace.ts'
import type { Opinion } from './replies.ts'
import type { Tally } from './tally.ts'

/**
 * Counts by walking through all cases: once a cycle, and again where other processes changed the cases; in between kept
 * up by what each act changed.
 */
export class WalkedTally implements Tally {
  private readonly store: Store
  private readonly cycles: Cycles
  private readonly workspace: Workspace
  /** The count that stands, or the one that is being made. */
  private current: { key: string; count: Count; pace: Pace; done: Promise<unknown> } | null = null

  constructor(workspace: Workspace, store: Store, cycles: Cycles) {
    this.workspace = workspace
    this.store = store
    this.cycles = cycles
  }

  async counts(how: { gently?: boolean } = {}): Promise<Counts> {
    return (await this.count(how)).counts
  }

  async documents(ids: readonly string[]): Promise<Map<string, Labelled>> {
    const { byDocument } = await this.count()
    return new Map(ids.flatMap(id => (byDocument.has(id) ? [[id, byDocument.get(id)!]] : [])))
  }

  async tables(): Promise<TableCount[]> {
    const { byTable } = await this.count()
    return [...byTable].filter(([, { cases }]) => cases > 0).map(([name, table]) => ({ name, ...table }))
  }

  async take(states: readonly CaseState[]): Promise<void> {
    const count = this.current?.count
    if (!count) return
    const opinions = await this.cycles.opinions()
    for (const state of states) count.put(state, opinions.of(state.id))
  }

  private async count({ gently = false }: { gently?: boolean } = {}): Promise<Count> {
    const key = await this.key()
    if (this.current?.key !== key) {
      const [count, pace] = [new Count(), new Pace()]
      const done = this.walk(count, pace)
      this.current = { key, count, pace, done }
      done.catch(() => {
        if (this.current?.count === count) this.current = null
      })
    }
    const { count, pace, done } = this.current
    if (!gently) pace.hurried = true
    await done
    return count
  }

  /** Changes with what other processes write: the cases, the split, the cycle that speaks. */
  private async key(): Promise<string> {
    const stamps = await Promise.all([this.store.cases.stamp(), fileStamp(this.workspace.paths.splits)])
    return [...stamps, (await this.cycles.speaking())?.id].join(' / ')
  }

  private async walk(count: Count, pace: Pace): Promise<void> {
    await this.store.refresh()
    const split = await readSplit(this.workspace)
    count.sideOf = state => split?.cases[state.id]?.side ?? state.officialSide ?? 'none'
    const opinions = await this.cycles.opinions()
    for await (const state of this.store.cases.all()) {
      count.put(state, opinions.of(state.id))
      if (pace.isDue) await pace.rest()
    }
  }
}

/** A case's share, with what its split and the model add. */
interface Counted {
  share: CaseShare
  side: string
  disagrees: boolean
}

class Count {
  sideOf: (state: CaseState) => string = () => 'none'
  readonly counts = noCounts()
  readonly byDocument = new Map<string, Labelled>()
  /** Tables and datasets, by name, whose rows came without a document. */
  readonly byTable = new Map<string, Labelled & { firstCase: string }>()
  /** Counted shares as short texts: as objects, each about a kilobyte, labelled cases would fill the memory. */
  private readonly byCase = new Map<string, string>()
  /** Texts of cases nobody labelled: many have the same. What people say is nearly different each time. */
  private readonly shared = new Map<string, string>()

  /**
   * Puts a case's share in the place of the one it had. While all are being counted this does no harm: who was counted
   * already is counted anew, who comes later is found as it stands.
   */
  put(state: CaseState, opinion: Opinion | null): void {
    if (state.retired) {
      this.drop(state)
      return
    }
    const fresh = {
      share: shareOf(state),
      side: this.sideOf(state),
      disagrees: disagreements(state, opinion).length > 0,
    }
    const text = this.textOf(fresh)
    const known = this.byCase.get(state.id)
    if (known === text) return
    const before = known === undefined ? undefined : countedOf(known)
    if (before) this.add(before, -1)
    this.add(fresh, 1)
    this.byCase.set(state.id, text)
    const change = {
      cases: before ? 0 : 1,
      labelled: Number(fresh.share.labelled) - Number(before?.share.labelled ?? false),
    }
    if (fresh.share.isTableRow) {
      const { name } = state.source
      const table = this.byTable.get(name) ?? { cases: 0, labelled: 0, firstCase: state.id }
      this.byTable.set(name, sumUp(table, change))
    }
    // A case's document never changes: it needs no place in what is shared.
    if (state.document !== null)
      this.byDocument.set(
        state.document,
        sumUp(this.byDocument.get(state.document) ?? { cases: 0, labelled: 0 }, change),
      )
  }

  /** Takes a case out again: panels drawn by hand left it out. */
  private drop(state: CaseState): void {
    const known = this.byCase.get(state.id)
    if (known === undefined) return
    const before = countedOf(known)
    this.add(before, -1)
    this.byCase.delete(state.id)
    const change = { cases: -1, labelled: -Number(before.share.labelled) }
    const table = before.share.isTableRow ? this.byTable.get(state.source.name) : undefined
    if (table) sumUp(table, change)
    const document = state.document === null ? undefined : this.byDocument.get(state.document)
    if (document) sumUp(document, change)
  }

  private textOf(counted: Counted): string {
    const text = textOfCounted(counted)
    if (counted.share.labelled) return text
    const known = this.shared.get(text)
    if (known === undefined) this.shared.set(text, text)
    return known ?? text
  }

  private add({ share, side, disagrees }: Counted, by: 1 | -1): void {
    addShare(this.counts, share, by)
    bump(this.counts.sides, side, by)
    if (disagrees) this.counts.disagreements += by
  }
}

const textOfCounted = ({ share, side, disagrees }: Counted) =>
  `${disagrees ? 1 : 0}${shareText(share)}\n${side}`

function countedOf(text: string): Counted {
  const end = text.lastIndexOf('\n')
  return {
    share: readShare(text.slice(1, end)),
    side: text.slice(end + 1),
    disagrees: text[0] === '1',
  }
}

function sumUp<T extends Labelled>(sum: T, { cases, labelled }: Labelled): T {
  sum.cases += cases
  sum.labelled += labelled
  return sum
}
