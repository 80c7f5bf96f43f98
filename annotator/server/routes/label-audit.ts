import { Hono } from 'hono'
import type { CaseState, PersonLabel } from '../../../data/records/case.ts'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import { type Env, person } from '../context.ts'
import { queueReader } from '../queue-reasons.ts'
import type { DoubtedLabel, LabelAuditReply, Opinion } from '../replies.ts'
import { may } from '../rules.ts'

/** Doubts shown at once; those behind come up as these are settled. */
const MOST = 200

/** Labels that are likely wrong, with the evidence: what was given, by whom, and what the picture makes of it. */
export const labelAudit = new Hono<Env>().get('/label-audit', async c => {
  const { desk } = c.var
  const who = person(c)
  await desk.fresh()
  const view = await desk.queue.view()
  const opinions = view.cycle === null ? null : await desk.cycles.opinionsBy(view.cycle)
  const reasonFor = await queueReader(desk, who)
  const rows: DoubtedLabel[] = []
  let hidden = 0
  const doubts = view.page({ queue: 'labels', open: false, offset: 0, limit: MOST })
  for (const [at, ranked] of doubts.entries()) {
    // Its rank in the cycle's file counts the queues before this one.
    const entry = { ...ranked, rank: at + 1 }
    const state = await desk.store.cases.get(entry.case)
    if (!state) continue
    const shown = await reasonFor(entry)
    if (shown.why !== entry.why) hidden++
    else {
      const settled = !view.isOpen(entry.case, 'labels')
      rows.push(doubted(entry, state, opinions?.of(entry.case) ?? null, { settled, who }))
    }
  }
  return c.json({ cycle: view.cycle, rows, hidden } satisfies LabelAuditReply)
})

function doubted(
  entry: QueueEntry,
  state: CaseState,
  opinion: Opinion | null,
  { settled, who }: { settled: boolean; who: ReturnType<typeof person> },
): DoubtedLabel {
  const { head } = entry
  const { value, source } = head === 'flag' ? state.truth.flag : state.truth.lesions[head]
  const own = state.labels.find(label => label.who === who.id)
  const standing = state.adjudicated ?? state.labels.at(-1)
  return {
    case: entry.case,
    rank: entry.rank,
    head,
    given: value,
    source,
    probability: opinion && (head === 'flag' ? opinion.flag : opinion.lesions[head]),
    threshold: opinion?.thresholds[head] ?? null,
    why: entry.why,
    imageFile: state.imageFile,
    width: state.width,
    height: state.height,
    version: state.version,
    settled,
    confirm: confirmation(own, may(who.role, 'adjudicate') ? standing : undefined),
  }
}

/** The own label given once more; of others' labels a verdict that says the same, from who may give one. */
function confirmation(
  own: PersonLabel | undefined,
  standing: PersonLabel | undefined,
): DoubtedLabel['confirm'] {
  const label = own ?? standing
  if (!label) return null
  const { flag, lesions, notAssessable } = label
  const reason = notAssessable === undefined ? {} : { notAssessable }
  return { kind: own ? 'label' : 'adjudicate', flag, lesions, ...reason }
}
