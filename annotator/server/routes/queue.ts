import { Hono } from 'hono'
import { z } from 'zod'
import { type Env, person } from '../context.ts'
import { count, yesNo } from '../query.ts'
import type { QueueReply } from '../replies.ts'
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
      const waiting = await desk.store.queue.read()
      const all = open ? waiting : await desk.store.queue.read({ all: true })
      const undecided = new Set(waiting.entries.map(entry => entry.case))
      const total = all.entries.length
      return c.json({
        cycle: all.cycle,
        rows: all.entries
          .slice(offset, offset + Math.min(limit, LONGEST_PAGE))
          .map(entry => ({ ...entry, decided: !undecided.has(entry.case) })),
        total,
        decided: open ? 0 : total - undecided.size,
        offset,
      } satisfies QueueReply)
    },
  )

  /** The first case of the queue that nobody decided, after the one given (from the start again at its end). */
  .get('/queue/next', valid('query', z.object({ after: z.string().max(1000).optional() })), async c => {
    const { desk } = c.var
    const { after } = c.req.valid('query')
    await desk.fresh()
    const { entries } = await desk.store.queue.read()
    let next = entries[0]
    if (after !== undefined) {
      const place = (await desk.store.queue.read({ all: true })).entries.find(
        entry => entry.case === after,
      )?.rank
      if (place !== undefined)
        next =
          entries.find(entry => entry.rank > place && entry.case !== after) ??
          entries.find(entry => entry.case !== after)
    }
    let state = next && (await desk.store.cases.get(next.case))
    // Without a queue (no cycle yet): the first open case in document order.
    if (!state && entries.length === 0) {
      const { rows } = await desk.store.cases.list({ state: 'open', sort: 'document', limit: 2 })
      state = rows.find(row => row.id !== after)
    }
    return c.json({ next: state ? await caseReply(desk, state, person(c).id) : null, left: entries.length })
  })
