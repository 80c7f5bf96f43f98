import { Hono } from 'hono'
import { z } from 'zod'
import type { CaseState } from '../../../data/records/case.ts'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import { rowMaker } from '../case-row.ts'
import { type Desk, type Env, person } from '../context.ts'
import { count, given, yesNo } from '../query.ts'
import { queueReader } from '../queue-reasons.ts'
import { QUEUE_NAMES, type QueueView } from '../queue-view.ts'
import type { CaseList, NextReply, QueueReply } from '../replies.ts'
import { valid } from '../validate.ts'
import { caseReply } from './cases.ts'

const LONGEST_PAGE = 1000
/** How long a case stays lent to who asked for it. */
const LEASE_SECONDS = 600
/** Queues whose cases are lent; the others are lists to be looked through. */
const LENT_QUEUES = ['review', 'audit'] as const
type LentQueue = (typeof LENT_QUEUES)[number]
/** A page holds the case looked at, one ahead, and what was passed over. */
const MOST_GIVEN_BACK = 100
/** Open cases among which one behind the queue is sought: more than are ever lent at once. */
const LOOKED_THROUGH = 500
const name = z.enum(QUEUE_NAMES)
const caseId = z.string().min(1).max(1000)
/** Where the person comes from; empty is from the beginning, as without it. */
const comesFrom = z
  .string()
  .max(1000)
  .transform(id => id || undefined)

/** The current queue (of the newest sealed cycle), each entry with its reason in words, and the next case in it. */
export const queue = new Hono<Env>()
  .get(
    '/queue',
    valid(
      'query',
      z.object({
        queue: name.optional(),
        open: yesNo.optional(),
        offset: count.optional(),
        limit: count.optional(),
      }),
    ),
    async c => {
      const { desk } = c.var
      const { queue, open = false, offset = 0, limit = 200 } = c.req.valid('query')
      await desk.fresh()
      const view = await desk.queue.view()
      const reasonFor = await queueReader(desk, person(c))
      const rows = []
      for (const entry of view.page(given({ queue, open, offset, limit: Math.min(limit, LONGEST_PAGE) })))
        rows.push({ ...(await reasonFor(entry)), decided: !view.isOpen(entry.case, queue) })
      const of = queue ? view.counts[queue] : { total: view.length, open: view.open }
      return c.json({
        cycle: view.cycle,
        rows,
        total: open ? of.open : of.total,
        decided: of.total - of.open,
        counts: view.counts,
        offset,
      } satisfies QueueReply)
    },
  )

  /** The cases of one queue as lines of the list, in its order; `mine`: nothing is left to do in this queue. */
  .get(
    '/queue/cases',
    valid('query', z.object({ queue: name, offset: count.optional(), limit: count.optional() })),
    async c => {
      const { desk } = c.var
      const { queue, offset = 0, limit = 50 } = c.req.valid('query')
      await desk.fresh()
      const view = await desk.queue.view()
      const [rowOf, reasonFor] = await Promise.all([
        rowMaker(desk, person(c).id),
        queueReader(desk, person(c)),
      ])
      const rows: CaseList['rows'] = []
      for (const entry of view.page({ queue, open: false, offset, limit: Math.min(limit, LONGEST_PAGE) })) {
        const state = await desk.store.cases.get(entry.case)
        if (!state) continue
        const row = rowOf(state)
        const isOpen = view.isOpen(entry.case, queue)
        rows.push({ ...row, queue: await reasonFor(entry), ...(queue === 'labels' ? { mine: !isOpen } : {}) })
      }
      const { total } = view.counts[queue]
      return c.json({ rows, total, offset, limit, cycle: view.cycle } satisfies CaseList)
    },
  )

  /**
   * The first case of the queue that nobody decided, after the one given (from the beginning again at its end), lent to
   * the person: nobody else is given it for a while, at whichever server they ask. Behind the queue, and where there is
   * none yet, come the other open cases, which are lent to nobody. `queue` keeps to the audit or the review.
   */
  .get(
    '/queue/next',
    valid('query', z.object({ after: comesFrom.optional(), queue: z.enum(LENT_QUEUES).optional() })),
    async c => {
      const { desk } = c.var
      const { after, queue } = c.req.valid('query')
      await desk.fresh()
      const view = await desk.queue.view()
      const entry = await lend(desk, view, person(c).id, given({ after, queue }))
      let state = entry && (await desk.store.cases.get(entry.case))
      if (!entry && !queue) state = await beyondQueue(desk, view, after)
      const next = state ? await caseReply(desk, state, person(c).id) : null
      const left = queue ? view.counts[queue].open : view.open
      return c.json({ next, left, seconds: LEASE_SECONDS } satisfies NextReply)
    },
  )

  /** Gives back cases that were lent to the person. */
  .post(
    '/queue/release',
    valid('json', z.strictObject({ cases: z.array(caseId).max(MOST_GIVEN_BACK) })),
    async c => {
      const { cases } = c.req.valid('json')
      for (const id of cases) await c.var.desk.store.queue.release(person(c).id, id)
      return c.json({ released: cases.length })
    },
  )

/** Lends the next case of the audit and the review, or of the one of them that is asked for. */
async function lend(
  desk: Desk,
  view: QueueView,
  who: string,
  of: { after?: string; queue?: LentQueue },
): Promise<QueueEntry | undefined> {
  const ask = (after: string | undefined) =>
    desk.store.queue.lease(who, given({ after, seconds: LEASE_SECONDS }))
  const { queue } = of
  if (!queue) return await ask(of.after)
  // The store lends both as one, the audit first: each begins behind what comes before it.
  const start = queue === 'audit' ? undefined : [...view.audits].at(-1)
  for (const after of of.after === undefined ? [start] : [of.after, start]) {
    const entry = await ask(after)
    // Round at its end, and nothing else in it: the person has this one.
    if (!entry || entry.case === of.after) return undefined
    if ((entry.queue ?? 'review') === queue) return entry
    await desk.store.queue.release(who, entry.case)
  }
  return undefined
}

/** The next open case that the queue lends to nobody, in the list's order. */
async function beyondQueue(
  desk: Desk,
  view: QueueView,
  after: string | undefined,
): Promise<CaseState | undefined> {
  const sort = view.length === 0 ? 'document' : 'queue'
  const { rows } = await desk.store.cases.list({ state: 'open', sort, limit: LOOKED_THROUGH })
  const from = rows.findIndex(({ id }) => id === after) + 1
  // What still waits in the queue is in somebody's hands.
  return [...rows.slice(from), ...rows.slice(0, from)].find(({ id }) => id !== after && !view.isOpen(id))
}
