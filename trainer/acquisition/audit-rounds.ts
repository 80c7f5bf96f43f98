import type { AuditRound } from './error-left.ts'

/** The pool of a cycle when its audit was drawn, and the audit, in the order drawn. */
export interface CycleAudit {
  pool: readonly string[]
  audit: readonly string[]
}

/** What the label of a case was for one head before anybody read it, and after. */
export interface Reading {
  /** 1 or 0; null: it had none, and there is nothing to change. */
  said: 0 | 1 | null
  /** What the expert made of it; null: uncertain or not assessed; absent: nobody read it. */
  read?: 0 | 1 | null
}

/**
 * What the audits of all cycles found for one head, and how many labelled cases are unread. A label that an expert
 * made uncertain has changed. Cases no longer in the workspace count as unlabelled.
 */
export function auditRounds(
  cycles: readonly CycleAudit[],
  readings: ReadonlyMap<string, Reading>,
): { rounds: AuditRound[]; left: number } {
  const labelled = (id: string) => {
    const reading = readings.get(id)
    return reading !== undefined && reading.said !== null
  }
  const wasRead = (id: string) => readings.get(id)?.read !== undefined
  const changed = (id: string) => wasRead(id) && readings.get(id)!.read !== readings.get(id)!.said
  const rounds = cycles.map(({ pool, audit }) => {
    const inPool = pool.filter(labelled)
    const read = audit.filter(id => labelled(id) && wasRead(id))
    return {
      pool: inPool.length,
      read: read.length,
      changed: read.filter(changed).length,
      foundSince: inPool.filter(changed).length,
    }
  })
  const newest = cycles.at(-1)?.pool ?? []
  return { rounds, left: newest.filter(id => labelled(id) && !wasRead(id)).length }
}
