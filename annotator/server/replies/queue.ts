import type { QueueEntry, QueueName } from '../../../data/records/cycle.ts'
import type { CaseReply } from './cases.ts'

/** The queue that a cycle left. */

export interface QueueRow extends QueueEntry {
  decided: boolean
}

export interface QueueReply {
  cycle: string | null
  rows: QueueRow[]
  total: number
  /** Of the whole queue. */
  decided: number
  /** Of each queue, how many cases it has and how many wait. */
  counts: Record<QueueName, { total: number; open: number }>
  offset: number
}

export interface NextReply {
  /** null: nothing is left to decide. */
  next: CaseReply | null
  /** Cases of the queue that nobody decided. */
  left: number
  /** How long the case is lent to who asked, in seconds. */
  seconds: number
}
