import type { Act } from '../records/act.ts'
import { isFigureWide } from './reach.ts'

/**
 * The acts that stand: neither taken back by an undo or a restore that stands, nor undos or restores themselves. Both
 * may themselves be taken back, which is the redo; they can only reach back, so that one pass from the last act to the
 * first decides all.
 */
export function standing(acts: readonly Act[]): Act[] {
  const gone = takenBack(acts)
  return acts.filter(act => act.act.kind !== 'undo' && act.act.kind !== 'restore' && !gone.has(act.seq))
}

/** Sequence numbers of the acts (undos and restores too) that are taken back. */
export function takenBack(acts: readonly Act[]): Set<number> {
  const gone = new Set<number>()
  let bySeq: Map<number, Act> | undefined
  for (let i = acts.length - 1; i >= 0; i--) {
    const restore = acts[i]!
    const { act, seq } = restore
    if (gone.has(seq)) continue
    if (act.kind === 'undo' && act.seq < seq) gone.add(act.seq)
    if (act.kind !== 'restore') continue
    bySeq ??= new Map(acts.map(each => [each.seq, each]))
    const find = (at: number) => bySeq?.get(at)
    for (let before = i - 1; before >= 0 && acts[before]!.seq > act.seq; before--) {
      const other = acts[before]!
      if (isWithin(restore, act, other) && !isFigureWide(other, find)) gone.add(other.seq)
    }
  }
  return gone
}

/** Whether a restore takes back an act of its case, as far as place, time and person say. */
export function isWithin(
  restore: { seq: number; who: string; case: string },
  to: { seq: number; everyone?: boolean | undefined },
  other: { seq: number; who: string; case: string },
): boolean {
  return (
    other.case === restore.case &&
    other.seq > to.seq &&
    other.seq < restore.seq &&
    (to.everyone === true || other.who === restore.who)
  )
}
