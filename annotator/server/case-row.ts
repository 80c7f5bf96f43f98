import type { CaseState } from '../../data/records/case.ts'
import type { QueueEntry } from '../../data/records/cycle.ts'
import type { Desk } from './context.ts'
import { disagreements } from './disagreements.ts'
import type { CaseRow, Opinion } from './replies.ts'

const CAPTION_START = 160

/** Makes list lines for one request: with the person's own work, the model's opinion and the place in the queue. */
export async function rowMaker(desk: Desk, who: string): Promise<(state: CaseState) => CaseRow> {
  const [opinions, queue] = await Promise.all([desk.cycles.opinions(), queueIndex(desk)])
  return state => caseRow(state, who, opinions.of(state.id), queue.entries.get(state.id) ?? null)
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
    queue,
  }
}

interface QueueIndex {
  cycle: string | null
  entries: ReadonlyMap<string, QueueEntry>
}
const kept = new WeakMap<Desk, QueueIndex>()

/** The whole current queue by case; a sealed cycle's queue never changes, so it is indexed once. */
export async function queueIndex(desk: Desk): Promise<QueueIndex> {
  const newest = (await desk.cycles.ids()).at(-1) ?? null
  const known = kept.get(desk)
  if (known && known.cycle === newest) return known
  const { cycle, entries } = await desk.store.queue.read({ all: true })
  const index: QueueIndex = { cycle, entries: new Map(entries.map(entry => [entry.case, entry])) }
  kept.set(desk, index)
  return index
}
