import type { QueueOrder } from './store.ts'

/** Places of a queue as they are read: the audit's first, then the review's. */
export function readingPlaces(order: Pick<QueueOrder, 'cases' | 'queueOf'>): number[] {
  const places = [...order.cases.keys()]
  return [
    ...places.filter(at => order.queueOf(at) === 'audit'),
    ...places.filter(at => order.queueOf(at) === 'review'),
  ]
}

/** Cases lent to people of one server: in its memory, so that a restart gives all of them back. */
export class Leases {
  /** The one lent longest ago first. */
  private readonly held = new Map<string, { who: string; until: number }>()
  private known: { order: QueueOrder; places: number[]; index: Map<string, number> } | undefined

  /** How many are remembered. */
  get count(): number {
    return this.held.size
  }

  /** The place of the next open case that nobody else has, now lent to this person. */
  next(
    order: QueueOrder,
    who: string,
    of: { after?: string; seconds: number; isOpen: (id: string) => boolean },
  ): number | undefined {
    if (this.known?.order !== order) {
      const places = readingPlaces(order)
      const index = new Map(places.map((place, i) => [order.cases[place]!, i]))
      this.known = { order, places, index }
    }
    const { places, index } = this.known
    const now = Date.now()
    this.forget(now, of)
    const from = of.after === undefined ? -1 : (index.get(of.after) ?? -1)
    for (let step = 1; step <= places.length; step++) {
      const place = places[(from + step) % places.length]!
      const id = order.cases[place]!
      if (id === of.after || !of.isOpen(id)) continue
      const lease = this.held.get(id)
      if (lease && lease.who !== who && lease.until > now) continue
      this.held.delete(id)
      this.held.set(id, { who, until: now + of.seconds * 1000 })
      return place
    }
    return undefined
  }

  release(who: string, caseId?: string): void {
    for (const id of caseId === undefined ? [...this.held.keys()] : [caseId])
      if (this.held.get(id)?.who === who) this.held.delete(id)
  }

  /**
   * Drops what was decided or has run out: the case that the person comes from, and the oldest ones up to the first that
   * still holds. To look at all of them with each question would take the longer the more was decided lately.
   */
  private forget(now: number, { after, isOpen }: { after?: string; isOpen: (id: string) => boolean }): void {
    if (after !== undefined && !isOpen(after)) this.held.delete(after)
    for (const [id, lease] of this.held) {
      if (lease.until > now && isOpen(id)) break
      this.held.delete(id)
    }
  }
}
