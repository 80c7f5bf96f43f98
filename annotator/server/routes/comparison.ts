import { Hono } from 'hono'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import { isUnderWay, type Job } from '../../../data/records/job.ts'
import { readPromotion } from '../../../data/stores/speaking.ts'
import { type Desk, type Env, person } from '../context.ts'
import type { PromotionReply } from '../replies.ts'
import { valid } from '../validate.ts'

const cycle = z.string().regex(/^\d{4,12}$/, "a cycle's number is expected, such as 0003")
const why = z.string().trim().min(1).max(2000)

/** Two cycles side by side, and the pointer that says which one speaks for the model. */
export const comparison = new Hono<Env>()
  .get('/comparison', valid('query', z.object({ before: cycle, after: cycle })), async c => {
    const { desk } = c.var
    const { before, after } = c.req.valid('query')
    return c.json({
      comparison: await desk.comparisons.compare(before, after, await desk.store.acts.lastSeq()),
    })
  })

  .get('/promotion', async c =>
    c.json({ promotion: await readPromotion(c.var.desk.workspace) } satisfies PromotionReply),
  )

  .post(
    '/promotion',
    valid('json', z.strictObject({ cycle, force: z.boolean().optional(), why: why.optional() })),
    async c => {
      const { cycle, force = false, why } = c.req.valid('json')
      if (force && why === undefined)
        throw new LesionloopError(
          'request-invalid',
          'promotion: why: a reason is expected where a gate is overruled; it stays in the history',
        )
      const args = ['promote', cycle, ...(force ? ['--force'] : []), ...(why ? ['--why', why] : [])]
      await moved(c.var.desk, args, person(c).id)
      return c.json({ promotion: await readPromotion(c.var.desk.workspace) } satisfies PromotionReply)
    },
  )

  .post('/promotion/rollback', valid('json', z.strictObject({ to: cycle.optional() })), async c => {
    const { to } = c.req.valid('json')
    await moved(c.var.desk, ['rollback', ...(to ? ['--to', to] : [])], person(c).id)
    return c.json({ promotion: await readPromotion(c.var.desk.workspace) } satisfies PromotionReply)
  })

/**
 * Runs the verb as a job, so that the pointer's history names who moved it, and waits for its end.
 * @throws LesionloopError what the verb says, such as `gate-refused`.
 */
async function moved(desk: Desk, args: readonly string[], who: string): Promise<void> {
  const ended = (job: Job) => !isUnderWay(job)
  const started = await desk.jobs.start('promote', args, who)
  let stop = () => {}
  const promise = new Promise<Job>(resolve => {
    stop = desk.jobs.listen(job => {
      if (job.id === started.id && ended(job)) resolve(job)
    })
  })
  try {
    const now = await desk.jobs.get(started.id)
    const job = now && ended(now) ? now : await promise
    desk.cycles.forget()
    if (job.state === 'done') return
    const { code = 'promotion-failed', message = `promotion: the job was ${job.state}; try again` } =
      job.error ?? {}
    throw new LesionloopError(code, message)
  } finally {
    stop()
  }
}
