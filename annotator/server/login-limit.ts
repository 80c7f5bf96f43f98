import { isIPv6 } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { LesionloopError } from '../../data/errors.ts'
import type { Env } from './context.ts'

const TRIES = 10
const FIRST_WAIT_MS = 60_000
const LONGEST_WAIT_MS = 15 * 60_000
/** Failures are forgotten after so long without another. */
const FORGET_MS = 15 * 60_000
const REMEMBERED = 10_000

interface Failures {
  count: number
  lastAt: number
  closedUntil: number
}

/**
 * Failed logins of a client or of an account: after ten it waits a minute, after each further one twice as long, up to
 * fifteen minutes. A try counts as failed until it has succeeded, so that many at once get no further than many in a row.
 */
export class LoginLimit {
  private readonly now: () => number
  private readonly failures = new Map<string, Failures>()

  constructor(now: () => number = Date.now) {
    this.now = now
  }

  /** Runs one try; a thrown error counts as a failure of each key. @throws LesionloopError `too-many-tries`. */
  async guard<T>(keys: string | readonly string[], attempt: () => T | Promise<T>): Promise<T> {
    const all = typeof keys === 'string' ? [keys] : keys
    for (const key of all) this.refuseIfClosed(key)
    const before = all.map(key => this.count(key))
    const outcome = await attempt()
    for (const [index, key] of all.entries()) this.takeBack(key, before[index]!)
    return outcome
  }

  private refuseIfClosed(key: string): void {
    const known = this.failures.get(key)
    if (!known || known.closedUntil <= this.now()) return
    const wait = Math.ceil((known.closedUntil - this.now()) / 1000)
    throw new LesionloopError('too-many-tries', `login: too many failed tries; wait ${wait} seconds`, {
      retryAfter: wait,
    })
  }

  /** @returns how it stood before. */
  private count(key: string): Failures {
    const known = this.failures.get(key)
    const isKept = known !== undefined && this.now() - Math.max(known.lastAt, known.closedUntil) < FORGET_MS
    const entry = isKept ? known : { count: 0, lastAt: 0, closedUntil: 0 }
    const before = { ...entry }
    entry.count++
    entry.lastAt = this.now()
    if (entry.count >= TRIES)
      entry.closedUntil =
        this.now() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, entry.count - TRIES))
    // The newest stands last, so that the first is who has been quiet the longest.
    this.failures.delete(key)
    this.failures.set(key, entry)
    if (this.failures.size > REMEMBERED) this.failures.delete(this.failures.keys().next().value!)
    return before
  }

  /** What others failed meanwhile stays counted. */
  private takeBack(key: string, before: Failures): void {
    const entry = this.failures.get(key)
    if (!entry) return
    entry.count--
    if (entry.count <= before.count) entry.closedUntil = before.closedUntil
    if (entry.count <= 0) this.failures.delete(key)
  }
}

/** Address of the other end, to count its failed tries by; behind the trusted proxy, the one that the proxy names. */
export function clientOf(c: Context<Env>): string {
  const address = getConnInfo(c).remote.address ?? 'unknown'
  const { proxy } = c.var.desk
  if (!proxy?.isTrusted(address)) return networkOf(address)
  // The last one is the proxy's own word; those before it are whatever the client sent.
  const named = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim()
  return networkOf(named || address)
}

/** Of an IPv6 address its /64: that much belongs to one client, who may change addresses within it at will. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const front = head.split(':').filter(Boolean)
  const back = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const groups = [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back]
  return `${groups.slice(0, 4).join(':')}::/64`
}
