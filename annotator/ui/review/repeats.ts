import { getRepeats } from '../api/desk-api.ts'
import { outboxNow } from '../saving/saving.ts'
import { settings } from '../shell/session.ts'

/** Cases that come again to this person, between others, and where the list goes on after one. */
export function createRepeats() {
  let due: string[] = []
  let resume: number | null = null
  return {
    /** Asks which are due by now. */
    find(): void {
      if (settings().repeatShare <= 0) return
      getRepeats().then(
        found => {
          due = found.cases
        },
        () => {
          // Asked again after the next decision.
        },
      )
    },
    /** The place the list goes on from: where it was left for a repeat, else the one given. */
    goOnFrom(index: number): number {
      const from = resume ?? index
      resume = null
      return from
    },
    /** The next case that is due, to be followed by the list from that place; undefined where none is. */
    take(from: number): string | undefined {
      const id = due.shift()
      if (id === undefined || outboxNow().pendingOf(id).length > 0) return undefined
      resume = from
      return id
    },
  }
}
