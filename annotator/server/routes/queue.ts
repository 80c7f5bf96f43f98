import { Hono } from 'hono'
import { z } from 'zod'
import { rowMaker } from '../case-row.ts'
import { type Env, person } from '../context.ts'
import { count, given, yesNo } from '../query.ts'
import { queueReader } from '../queue-reasons.ts'
import { QUEUE_NAMES } from '../queue-view.ts'
import type { CaseList, NextReply, QueueReply } from '../replies.ts'
import { valid } from '../validate.ts'
import { caseReply } from './cases.ts'

const LONGEST_PAGE = 1000
/** How long a case stays lent to who asked for it. */
const LEASE_SECONDS = 600
const name = z.enum(QUEUE_NAMES)

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
   * the person: nobody else is given it for a while, at whichever server they ask. Where there is no queue yet: the
   * first open case in the documents' order.
   */
  .get('/queue/next', valid('query', z.object({ after: z.string().max(1000).optional() })), async c => {
    const { desk } = c.var
    const { after } = c.req.valid('query')
    await desk.fresh()
    const view = await desk.queue.view()
    const entry = await desk.store.queue.lease(person(c).id, given({ after, seconds: LEASE_SECONDS }))
    let state = entry ? await desk.store.cases.get(entry.case) : undefined
    if (view.length === 0) {
      const { rows } = await desk.store.cases.list({ state: 'open', sort: 'document', limit: 2 })
      state = rows.find(row => row.id !== after)
    }
    const next = state ? await caseReply(desk, state, person(c).id) : null
    return c.json({ next, left: view.open } satisfies NextReply)
  })
