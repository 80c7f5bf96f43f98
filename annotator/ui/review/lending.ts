import { getNextCase, type ListQuery, releaseCases } from '../api/desk-api.ts'
import { settings } from '../shell/session.ts'
import type { CaseCache } from './case-cache.ts'
import { LentCases } from './lent-cases.ts'
import { preloadCase } from './preload.ts'

/** Where this tab keeps the case it was lent, so that loading the page again asks for the next, and insists on none. */
const KEY = 'lesionloop.lent'

type LentQueue = 'audit' | 'review'
const isLent = (queue: ListQuery['queue']): queue is LentQueue => queue === 'audit' || queue === 'review'

/**
 * Goes through the queue by asking the server for each next case, one ahead: where several servers share a database it
 * lends a case to one person at a time. Lists that a person filtered are gone through as they stand.
 */
export function createLending(cache: CaseCache, query: () => ListQuery) {
  const cases = new LentCases(async after => {
    const { queue } = query()
    const asked = { ...(after === undefined ? {} : { after }), ...(isLent(queue) ? { queue } : {}) }
    const answered = await getNextCase(asked)
    if (answered.next) cache.put(answered.next)
    return answered
  })

  async function giveBack(): Promise<void> {
    const held = cases.drop()
    // What can't be given back now is free when its lease ends.
    if (held.length > 0) await releaseCases(held).catch(() => undefined)
  }
  const leave = () => void giveBack()
  window.addEventListener('pagehide', leave)

  return {
    /** Whether the list now shown is gone through like that; without a cycle there is no queue. */
    applies(cycle: string | null): boolean {
      const { queue, ...filters } = query()
      const isWhole = queue === undefined || isLent(queue)
      return settings().lends && cycle !== null && isWhole && Object.keys(filters).length === 0
    },
    /** The next case's id; null where none is left for this person. */
    async next(): Promise<string | null> {
      const id = await cases.next()
      if (id !== null) remember(id)
      return id
    },
    /** Fetches the one ahead, with its picture. */
    async preload(): Promise<void> {
      const id = await cases.ahead()
      if (id !== null) await preloadCase(await cache.get(id))
    },
    /** Whether an address names the case that this tab was lent last: then it is no wish to see that very one. */
    wasLent: (id: string) => remembered() === id,
    /** Cases of the queue that wait, and that this person can't have. */
    get left() {
      return cases.left
    },
    decided: (id: string) => cases.decided(id),
    undecided: (id: string) => cases.undecided(id),
    isDecided: (id: string) => cases.isDecided(id),
    giveBack,
    close() {
      window.removeEventListener('pagehide', leave)
      leave()
    },
  }
}

function remember(id: string): void {
  try {
    sessionStorage.setItem(KEY, id)
  } catch {
    // Storage is switched off: the address alone says where the person was.
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}
