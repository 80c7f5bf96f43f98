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
  private readonly held = new Map<string, { who: string; until: number }>()
  private known: { order: QueueOrder; places: number[]; index: Map<string, number> } | undefined

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
    for (const [id, lease] of this.held) if (lease.until <= now) this.held.delete(id)
    const from = of.after === undefined ? -1 : (index.get(of.after) ?? -1)
    for (let step = 1; step <= places.length; step++) {
      const place = places[(from + step) % places.length]!
      const id = order.cases[place]!
      // What was decided is lent to nobody any more.
      if (!of.isOpen(id)) this.held.delete(id)
      if (id === of.after || !of.isOpen(id)) continue
      const lease = this.held.get(id)
      if (lease && lease.who !== who) continue
      this.held.set(id, { who, until: now + of.seconds * 1000 })
      return place
    }
    return undefined
  }

  release(who: string, caseId?: string): void {
    for (const [id, lease] of this.held)
      if (lease.who === who && (caseId === undefined || caseId === id)) this.held.delete(id)
  }
}
