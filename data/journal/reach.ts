import type { Act, ActKind } from '../records/act.ts'
import type { MinedCase } from '../records/case.ts'

/**
 * How far an act reaches. Most acts concern their one case. A figure's cases share one caption and one picture, so acts
 * on these (`re-pair`, `mention`, `caption`, `split-panels`) reach every case of the figure, whichever of them they
 * were made at; an undo reaches what the act it takes back reaches. Because it goes by the figure, not by a list of
 * cases, a panel found by mining again later gets them too.
 */
export const FIGURE_WIDE: ReadonlySet<ActKind> = new Set(['re-pair', 'mention', 'caption', 'split-panels'])

/** Identity of the figure a case belongs to: document#figure; a case without one is its own. */
export function figureOf(mined: Pick<MinedCase, 'id' | 'document' | 'figure'>): string {
  return mined.document !== null && mined.figure !== null ? `${mined.document}#${mined.figure}` : mined.id
}

/** The figure in a case's id (document#figure#panel): of an act only the id is known, its case may be gone. */
export function figureOfId(id: string): string {
  const panel = id.lastIndexOf('#')
  return panel > 0 ? id.slice(0, panel) : id
}

/**
 * Those of the acts that reach a case, in order. A new version's case is reached by what was done at the cases it
 * supersedes, but for acts on their figure: those speak of a caption and panels that may be others now.
 * @param acts in order of sequence; all that were made at the figure's cases must be among them, others may be.
 */
export function reaching(
  mined: Pick<MinedCase, 'id' | 'document' | 'figure' | 'supersedes'>,
  acts: readonly Act[],
): Act[] {
  if (acts.length === 0) return []
  const bySeq = new Map<number, Act>()
  for (const act of acts) bySeq.set(act.seq, act)
  const figure = figureOf(mined)
  return acts.filter(act => {
    if (act.case === mined.id) return true
    if (figureOfId(act.case) === figure) return isFigureWide(act, seq => bySeq.get(seq))
    return mined.supersedes?.includes(act.case) === true && !isFigureWide(act, seq => bySeq.get(seq))
  })
}

/** Whether an act concerns its whole figure; an undo's target is looked up. */
export function isFigureWide(act: Act, find: (seq: number) => Act | undefined): boolean {
  let now: Act | undefined = act
  // Undos reach back only, so that this ends.
  while (now?.act.kind === 'undo') now = now.act.seq < now.seq ? find(now.act.seq) : undefined
  return now !== undefined && FIGURE_WIDE.has(now.act.kind)
}
