import type { Head } from './vocabulary.ts'

/** The error left in the pool for one head, from the audits of all cycles (trainer/acquisition/error-left.ts). */
export interface ErrorLeft {
  /** Unread cases with a label, and how many of them would change when read: unbiased, and at most. */
  left: number
  wrong: number
  wrongAtMost: number
  /** The same as shares of `left`, kept within 0…1. */
  share: number
  shareAtMost: number
  /** Audit reads it rests on, and changes among them. */
  reads: number
  changed: number
  level: number
}

/** Whether reading for a head may stop. A cycle's stop-signals.json holds one for each head. */
export interface StopSignal {
  head: Head
  /** null where no audit case was read yet. */
  error: ErrorLeft | null
  target: number
  /** Whether at most `target` of the remaining labels are wrong, at the level of the bound. */
  reached: boolean
  /** Audit reads still needed; null where reading by chance will not get there at the rate found. */
  readsNeeded: number | null
  /** One readable line. */
  sentence: string
}
