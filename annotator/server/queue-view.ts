import type { CaseState } from '../../data/records/case.ts'
import type { QueueEntry, QueueName } from '../../data/records/cycle.ts'
import type { QueueOrder, Store } from '../../data/stores/store.ts'
import type { Cycles } from './cycles.ts'
import { type Lane, makeLane, renewed, setWaiting } from './queue-lane.ts'

/** The queues of a cycle, in the order of the tabs. */
export const QUEUE_NAMES = ['review', 'audit', 'disagreement', 'labels'] as const satisfies QueueName[]

export interface QueueCount {
  total: number
  /** Entries that wait: nobody decided the case; in `labels`, nobody since the cycle was sealed. */
  open: number
}

/** The current queue by case and by position, with what is decided: kept up act by act, so that the next case is found at once. */
export interface QueueView {
  readonly cycle: string | null
  /** How many cases there are to read: those of the audit and of the review. */
  readonly length: number
  /** Cases drawn by chance to be read blind. */
  readonly audits: ReadonlySet<string>
  readonly counts: Readonly<Record<QueueName, QueueCount>>
  /**
   * Some entries in order, from a place on: all, or those that wait. Without `queue`: what is to be read, the audit
   * first, as the cycle put it.
   */
  page(of: { queue?: QueueName; open: boolean; offset: number; limit: number }): QueueEntry[]
  /** Why a case is to be read. A doubt of its labels is told in that queue only: it says what a reader said. */
  entryOf(caseId: string, queue?: QueueName): QueueEntry | null
  /** Cases to read that nobody decided. */
  readonly open: number
  isOpen(caseId: string, queue?: QueueName): boolean
}

/**
 * Holds the view of the newest sealed cycle's queue. It is built once a cycle, and once more where new cases came in.
 */
export class CurrentQueue {
  private readonly store: Store
  private readonly cycles: Cycles
  private built: BuiltQueue | null = null
  /** The one built last, forgotten or not: of the same order the next one is made in a moment. */
  private last: BuiltQueue | null = null
  /** The newest cycle of this machine's folder when it was built; the store may know a newer one. */
  private seen: string | null | undefined
  private building: Promise<BuiltQueue> | null = null
  /** Cases that changed while the view is being built: it may have read them before. */
  private meanwhile: CaseState[] = []
  private isOutdated = false

  constructor(store: Store, cycles: Cycles) {
    this.store = store
    this.cycles = cycles
  }

  async view(): Promise<QueueView> {
    const newest = (await this.cycles.ids()).at(-1) ?? null
    if (this.built && this.seen === newest) return this.built
    this.building ??= this.build(newest).finally(() => {
      this.building = null
    })
    return await this.building
  }

  /** Takes in a case as it stands after an act. */
  take(state: CaseState): void {
    if (this.building) this.meanwhile.push(state)
    this.built?.mark(state)
  }

  /**
   * Cases drawn by chance to be read blind. They are known from the cycle alone: who saves needs them, and waits for no
   * view to be built where only cases came in.
   */
  async audits(): Promise<ReadonlySet<string>> {
    const newest = (await this.cycles.ids()).at(-1) ?? null
    return this.last && this.seen === newest ? this.last.audits : (await this.view()).audits
  }

  /** Other processes changed the cases, or the queue itself. */
  forget(): void {
    this.forgetCases()
    this.seen = undefined
  }

  /** Cases came in or went; the queue is the one it was. */
  forgetCases(): void {
    this.built = null
    this.isOutdated = true
  }

  private async build(newest: string | null): Promise<BuiltQueue> {
    this.meanwhile = []
    this.isOutdated = false
    const order = await this.store.queue.order()
    const record = order.cycle === null ? null : await this.cycles.record(order.cycle)
    const open = await this.store.queue.areOpen(order.cases)
    const built = new BuiltQueue(order, {
      isOpen: place => open[place]!,
      learnedUntil: record?.learnedFrom.journalSeq ?? 0,
      before: this.last,
    })
    this.last = built
    // Whether a doubted label was looked at since stands in the case alone; there are few of them.
    for (const id of built.doubted()) {
      const state = await this.store.cases.get(id)
      if (state) built.mark(state)
    }
    for (const state of this.meanwhile) built.mark(state)
    // Where cases came in meanwhile it is right for who asked before, and built anew for the next.
    if (!this.isOutdated) {
      this.built = built
      // A long queue may still be on its way into the store.
      this.seen = Number(order.cycle) >= Number(newest) ? newest : null
    }
    return built
  }
}

/** Part of a lane: the audit and the review share one, since they are read as one. */
interface Stretch {
  lane: Lane
  from: number
  to: number
}

/** Holds places only: an entry is read when somebody sees it. */
class BuiltQueue implements QueueView {
  readonly audits: ReadonlySet<string>
  private readonly order: QueueOrder
  private readonly learnedUntil: number
  private readonly reading: Lane
  private readonly disagreement: Lane
  private readonly labels: Lane

  constructor(
    order: QueueOrder,
    of: { isOpen: (place: number) => boolean; learnedUntil: number; before: BuiltQueue | null },
  ) {
    this.order = order
    this.learnedUntil = of.learnedUntil
    if (of.before?.order === order) {
      this.audits = of.before.audits
      this.reading = renewed(of.before.reading, of.isOpen)
      this.disagreement = renewed(of.before.disagreement, of.isOpen)
      this.labels = renewed(of.before.labels, () => true)
      return
    }
    const places: Record<QueueName, number[]> = { review: [], audit: [], disagreement: [], labels: [] }
    for (const at of order.cases.keys()) places[order.queueOf(at)].push(at)
    this.audits = new Set(places.audit.map(at => order.cases[at]!))
    // To stand among contradictions would tell something of a case that is to be read blind.
    const sighted = (at: number) => !this.audits.has(order.cases[at]!)
    this.reading = makeLane([...places.audit, ...places.review], order.cases, of.isOpen)
    this.disagreement = makeLane(places.disagreement.filter(sighted), order.cases, of.isOpen)
    this.labels = makeLane(places.labels.filter(sighted), order.cases, () => true)
  }

  get cycle(): string | null {
    return this.order.cycle
  }

  get length(): number {
    return this.reading.places.length
  }

  get open(): number {
    return this.reading.open
  }

  get counts(): Record<QueueName, QueueCount> {
    const count = (queue: QueueName): QueueCount => {
      const { lane, from, to } = this.stretch(queue)
      let open = 0
      for (let at = from; at < to; at++) open += lane.waits[at]!
      return { total: to - from, open }
    }
    return {
      review: count('review'),
      audit: count('audit'),
      disagreement: count('disagreement'),
      labels: count('labels'),
    }
  }

  doubted(): string[] {
    return [...this.labels.at.keys()]
  }

  page(of: { queue?: QueueName; open: boolean; offset: number; limit: number }): QueueEntry[] {
    const { lane, from, to } = this.stretch(of.queue)
    const entries: QueueEntry[] = []
    let skipped = of.open ? 0 : Math.min(of.offset, to - from)
    for (let at = from + skipped; at < to && entries.length < of.limit; at++) {
      if (of.open && lane.waits[at] !== 1) continue
      if (skipped < of.offset) skipped++
      else entries.push(this.order.entry(lane.places[at]!))
    }
    return entries
  }

  entryOf(caseId: string, queue?: QueueName): QueueEntry | null {
    const lanes = queue ? [this.stretch(queue).lane] : [this.reading, this.disagreement]
    for (const { at, places } of lanes) {
      const index = at.get(caseId)
      if (index !== undefined) return this.order.entry(places[index]!)
    }
    return null
  }

  isOpen(caseId: string, queue?: QueueName): boolean {
    const { lane } = this.stretch(queue)
    const index = lane.at.get(caseId)
    return index !== undefined && lane.waits[index] === 1
  }

  mark(state: CaseState): void {
    const isOut = state.kind.kind !== 'ct' || state.retired === true
    const isRead = isOut || state.labels.length > 0
    setWaiting(this.reading, state.id, !isRead)
    setWaiting(this.disagreement, state.id, !isRead)
    const latest = Math.max(0, ...state.labels.map(label => label.seq), state.adjudicated?.seq ?? 0)
    setWaiting(this.labels, state.id, !isOut && latest <= this.learnedUntil)
  }

  private stretch(queue: QueueName | undefined): Stretch {
    if (queue === 'disagreement' || queue === 'labels')
      return { lane: this[queue], from: 0, to: this[queue].places.length }
    return {
      lane: this.reading,
      from: queue === 'review' ? this.audits.size : 0,
      to: queue === 'audit' ? this.audits.size : this.reading.places.length,
    }
  }
}
