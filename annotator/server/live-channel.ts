import type { Job } from '../../data/records/job.ts'

/** What open pages are told as it happens. */
export type LiveMessage =
  | { type: 'act'; case: string; seq: number; who: string; kind: string; version: number }
  | { type: 'job'; job: Job }
  /** New cases or a new cycle: counts and the queue may have changed. */
  | { type: 'workspace' }

type Listener = (message: LiveMessage) => void
type ByteListener = (bytes: Uint8Array) => void

/** Pages are told what happened in this time together: each write to each open stream costs some hundredths of a ms. */
const TOGETHER_MS = 50

/** A message as pages read it: server-sent events, named by their type. */
export const asEvent = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** Hands each message to everybody who listens now; nothing is kept longer than it takes to hand it over. */
export class LiveChannel {
  private readonly listeners = new Set<Listener>()
  private readonly streams = new Set<ByteListener>()
  private readonly encoder = new TextEncoder()
  private pending = ''
  private timer: NodeJS.Timeout | undefined

  /** How many listen now. */
  get count(): number {
    return this.listeners.size + this.streams.size
  }

  tell(message: LiveMessage): void {
    for (const listener of this.listeners) listener(message)
    if (this.streams.size === 0) return
    this.pending += asEvent(message.type, message)
    this.timer ??= setTimeout(() => this.handOver(), TOGETHER_MS).unref()
  }

  /** @returns stops listening. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /**
   * Listens to everything as bytes of server-sent events, made once for all who listen so, some messages at a time.
   * @returns stops listening.
   */
  listenBytes(listener: ByteListener): () => void {
    // Who comes now is told of what comes from now on.
    this.handOver()
    this.streams.add(listener)
    return () => void this.streams.delete(listener)
  }

  /** Hands over what waits for the others of its moment. */
  private handOver(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.pending === '') return
    const bytes = this.encoder.encode(this.pending)
    this.pending = ''
    for (const listener of this.streams) listener(bytes)
  }
}
