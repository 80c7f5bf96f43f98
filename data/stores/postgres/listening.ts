import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { ActStore, StoreChange } from '../store.ts'
import type { Database } from './connection.ts'
import { channelOf, type Notice } from './notices.ts'

const RECONNECT_MS = 1000

/**
 * Tells listeners what other processes wrote. A notice only wakes: acts are read by their numbers from the last one
 * seen, so that a notice that was lost with its connection loses no act.
 */
export class Listening {
  private readonly listeners = new Set<(change: StoreChange) => void>()
  private readonly own = new Set<number>()
  private readonly of: { database: Database; workspace: number; acts: ActStore; me: string }
  private client: pg.Client | undefined
  private seen = 0
  private closed = false
  private starting: Promise<void> | undefined
  private following: Promise<void> = Promise.resolve()

  constructor(of: { database: Database; workspace: number; acts: ActStore; me: string }) {
    this.of = of
  }

  /** Numbers that this process wrote itself. */
  wrote(seqs: readonly number[]): void {
    if (this.starting) for (const seq of seqs) this.own.add(seq)
  }

  listen(listener: (change: StoreChange) => void, afterSeq?: number): () => void {
    this.listeners.add(listener)
    this.starting ??= this.start(afterSeq)
    this.starting.catch(() => undefined)
    return () => void this.listeners.delete(listener)
  }

  /** Resolves when everything that was committed before has been told. */
  async settled(): Promise<void> {
    if (!this.starting) return
    await this.starting
    await this.follow()
  }

  async close(): Promise<void> {
    this.closed = true
    await this.starting?.catch(() => undefined)
    await this.client?.end().catch(() => undefined)
  }

  private async start(afterSeq?: number): Promise<void> {
    this.seen = afterSeq ?? (await this.of.acts.lastSeq())
    await this.connect()
    // Between the two something may have been written.
    await this.follow()
  }

  private async connect(): Promise<void> {
    const client = await this.of.database.connect()
    this.client = client
    client.on('notification', ({ payload }) => this.heard(payload ?? ''))
    client.on('end', () => void this.again(client))
    await client.query(`listen ${channelOf(this.of.workspace)}`)
  }

  /** A broken connection is made again, as long as it takes; whatever changed meanwhile is told then. */
  private async again(broken: pg.Client): Promise<void> {
    while (!this.closed && this.client === broken) {
      await delay(RECONNECT_MS, undefined, { ref: false })
      if (this.closed) return
      try {
        await this.connect()
        this.tell({ type: 'cases' })
        this.tell({ type: 'queue' })
        await this.follow()
      } catch {
        // Still away. A connection made in vain is given up.
        if (this.client !== broken) void this.client?.end().catch(() => undefined)
        this.client = broken
      }
    }
  }

  private heard(payload: string): void {
    let notice: Notice
    try {
      notice = JSON.parse(payload) as Notice
    } catch {
      return
    }
    if (notice.by === this.of.me) return
    // Acts that were written before are told before.
    const told = this.follow().catch(() => undefined)
    const { what } = notice
    if (what !== 'acts') void told.then(() => this.tell({ type: what }))
  }

  /** Reads on from the last act seen; one after the other, so that none is told twice. */
  private follow(): Promise<void> {
    const step = async () => {
      for await (const act of this.of.acts.read(this.seen + 1)) {
        this.seen = act.seq
        if (!this.own.delete(act.seq)) this.tell({ type: 'act', act })
      }
    }
    const next = this.following.then(step)
    this.following = next.catch(() => undefined)
    return next
  }

  private tell(change: StoreChange): void {
    for (const listener of this.listeners) listener(change)
  }
}
