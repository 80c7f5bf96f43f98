import type { CaseState } from '../../data/records/case.ts'
import type { QueueEntry } from '../../data/records/cycle.ts'
import type { QueueOrder, Store } from '../../data/stores/store.ts'
import type { Cycles } from './cycles.ts'

/** The current queue by case and by position, with what is decided: kept up act by act, so that the next case is found at once. */
export interface QueueView {
  readonly cycle: string | null
  /** How many cases it has. */
  readonly length: number
  /** Cases drawn by chance to be read blind. */
  readonly audits: ReadonlySet<string>
  /** Some of its entries in order, from a place on: all, or those that nobody decided. */
  page(of: { open: boolean; offset: number; limit: number }): QueueEntry[]
  entryOf(caseId: string): QueueEntry | null
  /** Entries that nobody decided. */
  readonly open: number
  isOpen(caseId: string): boolean
  /** The first open entry after a case (from the beginning again at the end), never that case itself. */
  nextOpen(after?: string): QueueEntry | null
}

/**
 * Holds the view of the newest sealed cycle's queue. It is built once a cycle, and once more where new cases came in.
 */
export class CurrentQueue {
  private readonly store: Store
  private readonly cycles: Cycles
  private built: BuiltQueue | null = null
  private building: Promise<BuiltQueue> | null = null

  constructor(store: Store, cycles: Cycles) {
    this.store = store
    this.cycles = cycles
  }

  async view(): Promise<QueueView> {
    const newest = (await this.cycles.ids()).at(-1) ?? null
    if (this.built?.cycle === newest) return this.built
    this.building ??= this.build().finally(() => {
      this.building = null
    })
    this.built = await this.building
    return this.built
  }

  /** Takes in a case as it stands after an act. */
  take(state: CaseState): void {
    // What changes while the view is being built would be missed: it is built anew then.
    if (this.building) this.forget()
    this.built?.mark(state.id, state.labels.length > 0 || state.kind.kind !== 'ct' || state.retired === true)
  }

  /** Other processes changed the cases. */
  forget(): void {
    this.built = null
  }

  private async build(): Promise<BuiltQueue> {
    const order = await this.store.queue.order()
    return new BuiltQueue(order, id => this.store.queue.isOpen(id))
  }
}

/** Holds places only: an entry is read when somebody sees it. */
class BuiltQueue implements QueueView {
  open = 0
  readonly audits = new Set<string>()
  private readonly order: QueueOrder
  private readonly positions = new Map<string, number>()
  private readonly isWaiting: Uint8Array

  constructor(order: QueueOrder, isOpen: (caseId: string) => boolean) {
    this.order = order
    this.isWaiting = new Uint8Array(order.cases.length)
    // They stand first: nothing behind them need be read.
    for (let at = 0; at < order.cases.length && order.entry(at).audit === true; at++)
      this.audits.add(order.cases[at]!)
    for (const [position, id] of order.cases.entries()) {
      this.positions.set(id, position)
      if (!isOpen(id)) continue
      this.isWaiting[position] = 1
      this.open++
    }
  }

  get cycle(): string | null {
    return this.order.cycle
  }

  get length(): number {
    return this.order.cases.length
  }

  page({ open, offset, limit }: { open: boolean; offset: number; limit: number }): QueueEntry[] {
    const entries: QueueEntry[] = []
    let skipped = open ? 0 : Math.min(offset, this.length)
    for (let at = open ? 0 : skipped; at < this.length && entries.length < limit; at++) {
      if (open && this.isWaiting[at] !== 1) continue
      if (skipped < offset) skipped++
      else entries.push(this.order.entry(at))
    }
    return entries
  }

  entryOf(caseId: string): QueueEntry | null {
    const position = this.positions.get(caseId)
    return position === undefined ? null : this.order.entry(position)
  }

  isOpen(caseId: string): boolean {
    const position = this.positions.get(caseId)
    return position !== undefined && this.isWaiting[position] === 1
  }

  nextOpen(after?: string): QueueEntry | null {
    const from = after === undefined ? -1 : (this.positions.get(after) ?? -1)
    let position = this.isWaiting.indexOf(1, from + 1)
    if (position < 0) position = this.isWaiting.indexOf(1)
    if (position === from || position < 0) return null
    return this.order.entry(position)
  }

  mark(caseId: string, isDecided: boolean): void {
    const position = this.positions.get(caseId)
    if (position === undefined) return
    const now = isDecided ? 0 : 1
    this.open += now - this.isWaiting[position]!
    this.isWaiting[position] = now
  }
}
