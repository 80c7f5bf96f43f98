import type { Act } from '../../data/records/act.ts'
import type { CaseState } from '../../data/records/case.ts'
import type { StoreChange } from '../../data/stores/store.ts'
import type { Desk } from './context.ts'
import { warnOnce } from './warnings.ts'

/** New cases are told at most this often: miners put some each second, and pages ask for long lists anew. */
const CASES_MS = 5000

/**
 * Takes in a written act, whichever server wrote it: the book of undos, the readings, the queue and the counts, and the
 * open pages.
 */
export async function takeIn(desk: Desk, act: Act): Promise<void> {
  desk.undoBook.take(act)
  desk.readings.take(act)
  // Acts on the caption and the panels reach all cases of the figure.
  const figure = await desk.store.cases.siblings(act.case)
  for (const each of figure) {
    desk.queue.take(each)
    desk.disputes.take(each)
  }
  await desk.tally.take(figure)
  if (figure.some(each => each.amending)) desk.amender.want()
  tell(desk, act, figure)
}

function tell(desk: Desk, act: Act, figure: readonly CaseState[]): void {
  const version = figure.find(each => each.id === act.case)?.version ?? act.base + 1
  desk.live.tell({
    type: 'act',
    case: act.case,
    seq: act.seq,
    who: act.who,
    kind: act.act.kind,
    version,
  })
}

/**
 * Keeps a server's books up with what other processes write: acts one after the other, cases and queues by forgetting
 * what was counted.
 * @param afterSeq the last act that the books were read up to; some after it may be in them.
 * @returns stops following.
 */
export function follow(desk: Desk, afterSeq: number): () => void {
  let turn: Promise<void> = Promise.resolve()
  let toTell: NodeJS.Timeout | undefined
  const forgetCases = () => {
    toTell = undefined
    desk.queue.forgetCases()
    desk.disputes.forget()
    desk.documents.forget()
    desk.people.forget()
    desk.live.tell({ type: 'workspace' })
  }
  const take = (change: StoreChange) => {
    if (change.type === 'act') {
      turn = turn
        .then(() => takeIn(desk, change.act))
        .catch((error: unknown) => warnOnce(`act ${change.act.seq}: ${String(error)}`))
    } else if (change.type === 'cases') {
      toTell ??= setTimeout(forgetCases, CASES_MS).unref()
    } else {
      desk.cycles.forget()
      desk.queue.forget()
      desk.live.tell({ type: 'workspace' })
    }
  }
  const unlisten = desk.store.listen(take, afterSeq)
  return () => {
    unlisten()
    clearTimeout(toTell)
  }
}
