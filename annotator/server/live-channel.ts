import type { Job } from '../../data/records/job.ts'

/** What open pages are told as it happens. */
export type LiveMessage =
  | { type: 'act'; case: string; seq: number; who: string; kind: string; version: number }
  | { type: 'job'; job: Job }
  /** New cases or a new cycle: counts and the queue may have changed. */
  | { type: 'workspace' }

type Listener = (message: LiveMessage) => void

/** Hands each message to everybody who listens now; nothing is kept. */
export class LiveChannel {
  private readonly listeners = new Set<Listener>()

  /** How many listen now. */
  get count(): number {
    return this.listeners.size
  }

  tell(message: LiveMessage): void {
    for (const listener of this.listeners) listener(message)
  }

  /** @returns stops listening. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
}
