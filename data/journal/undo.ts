import type { Act } from '../records/act.ts'

/**
 * The acts that stand: neither taken back by an undo that stands, nor undos themselves. An undo may take back an undo,
 * which is the redo; an undo can only reach back, so that one pass from the last act to the first decides all.
 */
export function standing(acts: readonly Act[]): Act[] {
  const gone = takenBack(acts)
  return acts.filter(act => act.act.kind !== 'undo' && !gone.has(act.seq))
}

/** Sequence numbers of the acts (undos too) that are taken back. */
export function takenBack(acts: readonly Act[]): Set<number> {
  const gone = new Set<number>()
  for (let i = acts.length - 1; i >= 0; i--) {
    const { act, seq } = acts[i]!
    if (act.kind === 'undo' && act.seq < seq && !gone.has(seq)) gone.add(act.seq)
  }
  return gone
}
