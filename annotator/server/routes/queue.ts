import { Hono } from 'hono'
import { z } from 'zod'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import { withoutReason } from '../case-row.ts'
import { type Env, person } from '../context.ts'
import { count, yesNo } from '../query.ts'
import { ReaderView } from '../reader-view.ts'
import type { NextReply, QueueReply } from '../replies.ts'
import { valid } from '../validate.ts'
import { caseReply } from './cases.ts'

const LONGEST_PAGE = 1000

/** The current queue (of the newest sealed cycle), each entry with its reason in words, and the next case in it. */
export const queue = new Hono<Env>()
  .get(
    '/queue',
    valid('query', z.object({ open: yesNo.optional(), offset: count.optional(), limit: count.optional() })),
    async c => {
      const { desk } = c.var
      const { open = false, offset = 0, limit = 200 } = c.req.valid('query')
      await desk.fresh()
      const view = await desk.queue.view()
      const reader = await ReaderView.of(desk, person(c).id)
      // Whether it was decided by this person is not asked here: the reason of a blind case shows in the case itself.
      const hidden = (entry: QueueEntry) => reader.mayBeBlind(entry.case)
      return c.json({
        cycle: view.cycle,
        rows: view.page({ open, offset, limit: Math.min(limit, LONGEST_PAGE) }).map(entry => ({
          ...(hidden(entry) ? withoutReason(entry) : entry),
          decided: !view.isOpen(entry.case),
        })),
        total: open ? view.open : view.length,
        decided: view.length - view.open,
        offset,
      } satisfies QueueReply)
    },
  )

  /**
   * The first case of the queue that nobody decided, after the one given (from the beginning again at its end).
   * Where there is no queue yet: the first open case in the documents' order.
   */
  .get('/queue/next', valid('query', z.object({ after: z.string().max(1000).optional() })), async c => {
    const { desk } = c.var
    const { after } = c.req.valid('query')
    await desk.fresh()
    const view = await desk.queue.view()
    const entry = view.nextOpen(after)
    let state = entry ? await desk.store.cases.get(entry.case) : undefined
    if (view.length === 0) {
      const { rows } = await desk.store.cases.list({ state: 'open', sort: 'document', limit: 2 })
      state = rows.find(row => row.id !== after)
    }
    const next = state ? await caseReply(desk, state, person(c).id) : null
    return c.json({ next, left: view.open } satisfies NextReply)
  })
