import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { LesionloopError } from '../../data/errors.ts'
import type { Env } from './context.ts'

const TRIES = 10
const WINDOW_MS = 60_000
const REMEMBERED = 10_000

/** Failed logins a client: after ten in a minute it waits. Clients are forgotten when their minute is over. */
export class LoginLimit {
  private readonly now: () => number
  private readonly failures = new Map<string, { count: number; since: number }>()

  constructor(now: () => number = Date.now) {
    this.now = now
  }

  /** Runs one try; a thrown error counts as a failure. @throws LesionloopError `too-many-tries`. */
  guard<T>(client: string, attempt: () => T): T {
    const known = this.failures.get(client)
    const elapsed = known ? this.now() - known.since : WINDOW_MS
    if (known && elapsed >= WINDOW_MS) this.failures.delete(client)
    else if (known && known.count >= TRIES) {
      const wait = Math.ceil((WINDOW_MS - elapsed) / 1000)
      throw new LesionloopError('too-many-tries', `login: too many failed tries; wait ${wait} seconds`, {
        retryAfter: wait,
      })
    }
    try {
      return attempt()
    } catch (error) {
      const entry = this.failures.get(client) ?? { count: 0, since: this.now() }
      entry.count++
      if (this.failures.size >= REMEMBERED) this.failures.clear()
      this.failures.set(client, entry)
      throw error
    }
  }
}

/** Address of the other end, to count its failed tries by. */
export function clientOf(c: Context<Env>): string {
  return getConnInfo(c).remote.address ?? 'unknown'
}
