import type { ErrorLeft } from '../../data/records/stop-signal.ts'
import { clopperPearson } from '../../data/statistics/proportion.ts'

/** What the audit of one cycle found for one head. */
export interface AuditRound {
  /** Cases with a label in the pool the audit was drawn from. */
  pool: number
  /** Of the audit's cases with a label: those read by now, and those whose label the reading changed. */
  read: number
  changed: number
  /** Cases of that pool read since, by whatever queue (the audit's among them), whose label changed. */
  foundSince: number
}

/**
 * The error left in the pool, from the audits of all cycles. Every audit is a uniform draw from the pool of its time,
 * so that pool · changed / read is an unbiased estimate of the wrong labels it held; what was found since is known and
 * comes off. Cycles weigh by read / pool, by which the estimate of all is
 *   (Σ changed) / S − Σ v · foundSince,  S = Σ read / pool,  v = (read / pool) / S,
 * and its bound is the same with the one-sided Clopper-Pearson bound of Σ changed in Σ read: of draws with unequal
 * chances and without replacement, the binomial tail is the wider one (Hoeffding 1956, 1963), so the bound holds.
 * @param left unread cases with a label now. @returns null where no audit case was read.
 */
export function errorLeft(rounds: readonly AuditRound[], left: number, level = 0.95): ErrorLeft | null {
  const known = rounds.filter(round => round.read > 0 && round.pool > 0)
  const sum = (of: (round: AuditRound) => number) => known.reduce((all, round) => all + of(round), 0)
  const reads = sum(round => round.read)
  if (reads === 0) return null
  const changed = sum(round => round.changed)
  const coverage = sum(round => round.read / round.pool)
  const found = sum(round => (round.read / round.pool / coverage) * round.foundSince)
  const wrong = changed / coverage - found
  // One-sided at `level` is the upper end of a two-sided interval with twice the tail.
  const rate = clopperPearson(changed, reads, 2 * level - 1).high
  const wrongAtMost = Math.min(left, Math.max(0, (reads * rate) / coverage - found))
  const share = (count: number) => (left === 0 ? 0 : Math.min(1, Math.max(0, count / left)))
  return {
    left,
    wrong,
    wrongAtMost,
    share: share(wrong),
    shareAtMost: share(wrongAtMost),
    reads,
    changed,
    level,
  }
}

/**
 * Audit reads still needed until at most `target` of the remaining labels are wrong, if labels go on changing at the
 * rate found so far; 0 where it is reached; null where that rate is too high for reading by chance to get there.
 */
export function readsNeeded(
  rounds: readonly AuditRound[],
  left: number,
  target: number,
  level = 0.95,
): number | null {
  const now = errorLeft(rounds, left, level)
  if (now && now.shareAtMost < target) return 0
  const rate = now?.share ?? 0
  if (rate >= target) return null
  const reaches = (more: number) => {
    const changed = Math.ceil(more * rate - 1e-9)
    const before = rounds.map(round => ({ ...round, foundSince: round.foundSince + changed }))
    const after = [...before, { pool: left, read: more, changed, foundSince: changed }]
    const then = errorLeft(after, left - more, level)
    return then !== null && (left === more || then.shareAtMost < target)
  }
  let high = 1
  while (high < left && !reaches(high)) high = Math.min(left, 2 * high)
  let low = Math.floor(high / 2)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (reaches(middle)) high = middle
    else low = middle
  }
  return high
}
