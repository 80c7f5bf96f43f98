import type { CaseState } from '../../data/records/case.ts'
import type { QueueEntry } from '../../data/records/cycle.ts'
import type { Desk } from './context.ts'
import { disagreements } from './disagreements.ts'
import { ReaderView } from './reader-view.ts'
import type { CaseRow, Opinion } from './replies.ts'

const CAPTION_START = 160

/** Makes list lines for one request: with the person's own work, the model's opinion and the place in the queue. */
export async function rowMaker(desk: Desk, who: string): Promise<(state: CaseState) => CaseRow> {
  const [opinions, queue, view] = await Promise.all([
    desk.cycles.opinions(),
    desk.queue.view(),
    ReaderView.of(desk, who),
  ])
  return state => rowFor(view, state, opinions.of(state.id), queue.entryOf(state.id))
}

/** A row as the person may see it: who read the case is no secret, what they said is. */
export function rowFor(
  view: ReaderView,
  state: CaseState,
  opinion: Opinion | null,
  queue: QueueEntry | null,
): CaseRow {
  const isBlind = view.isBlind(state)
  const row = caseRow(
    view.state(state),
    view.who,
    view.hidesModel(state) ? null : opinion,
    isBlind && queue ? withoutReason(queue) : queue,
  )
  const labelledBy = state.labels.map(label => label.who)
  return {
    ...row,
    labelledBy,
    blind: isBlind,
    mine: labelledBy.includes(view.who) && !view.isRepeat(state.id),
    adjudicated: state.adjudicated !== undefined,
  }
}

/** The place in the queue stays; its reason would tell what the text or the model says. */
export function withoutReason(entry: QueueEntry): QueueEntry {
  return { ...entry, head: 'flag', score: 0, why: 'read without the text and the model' }
}

export function caseRow(
  state: CaseState,
  who: string,
  opinion: Opinion | null,
  queue: QueueEntry | null,
): CaseRow {
  const labelledBy = state.labels.map(label => label.who)
  return {
    id: state.id,
    document: state.document,
    figure: state.figure,
    panel: state.panel,
    page: state.page,
    image: state.image,
    imageFile: state.imageFile,
    width: state.width,
    height: state.height,
    ...(state.hounsfield ? { hounsfield: state.hounsfield } : {}),
    version: state.version,
    caption: state.caption.slice(0, CAPTION_START),
    flag: state.mined.flag,
    findings: state.mined.findings,
    truth: state.truth,
    labelledBy,
    adjudicated: state.adjudicated !== undefined,
    mine: labelledBy.includes(who),
    disagreements: disagreements(state, opinion),
    discuss: state.discuss !== undefined,
    notes: state.notes.length,
    withdrawn: state.withdrawn !== undefined,
    blind: false,
    queue,
  }
}
