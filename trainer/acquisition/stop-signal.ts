import type { StopSignal } from '../../data/records/stop-signal.ts'
import type { Head } from '../../data/records/vocabulary.ts'
import { type AuditRound, errorLeft, readsNeeded } from './error-left.ts'
import { counted, headName, percent } from './words.ts'

/** Of the remaining labels of a head, the share that may be wrong when reading stops. */
export const STOP_AT = 0.04

/** Says whether a head's labels are good enough to stop, and what it takes if not. */
export function stopSignal(
  head: Head,
  rounds: readonly AuditRound[],
  left: number,
  { target = STOP_AT, level = 0.95 }: { target?: number; level?: number } = {},
): StopSignal {
  const error = errorLeft(rounds, left, level)
  const needed = left === 0 ? 0 : readsNeeded(rounds, left, target, level)
  const reached = left === 0 || (error !== null && error.shareAtMost < target)
  return { head, error, target, reached, readsNeeded: needed, sentence: sentence() }

  function sentence(): string {
    const name = head === 'flag' ? 'COVID flag' : head
    if (left === 0) return `${headName(head)}: no unread case with a label is left`
    if (!error)
      return `${headName(head)}: no audit case was read yet; ${counted(needed ?? left, 'read')} by chance without a change would show that fewer than ${percent(target)} of the ${left} remaining labels would change`
    const confidence = `at ${percent(level)} confidence`
    const basis = `${error.changed} of ${counted(error.reads, 'audit read')} changed`
    if (reached)
      return `${confidence} fewer than ${percent(roundUp(error.shareAtMost))} of the ${left} remaining ${name} labels would change (${basis}): reading for ${headName(head)} may stop`
    const bound = `${confidence} up to ${percent(roundUp(error.shareAtMost))} of the ${left} remaining ${name} labels would change (${basis})`
    return needed === null
      ? `${bound}; at the rate found (${percent(error.share)}) reading by chance will not bring that below ${percent(target)}: correct by the queues first`
      : `${bound}; about ${counted(needed, 'more audit read')} would show fewer than ${percent(target)}`
  }
}

/** A bound as it is said must not be lower than it is: up to the next tenth of a per cent. */
const roundUp = (share: number) => Math.ceil(share * 1000 - 1e-9) / 1000
