import { createHash, timingSafeEqual } from 'node:crypto'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { LesionloopError } from '../../../data/errors.ts'
import type { Env } from '../context.ts'

/**
 * For supervisors and scripts: is the process up; does it take work; its figures. None tells anything of the
 * workspace's content.
 */
export const health = new Hono<Env>()
  .get('/health', c => c.json({ status: 'ok' as const, version: c.var.desk.version }))

  .get('/ready', async c => {
    const { condition, stopping } = c.var.desk
    await condition.lookAgain()
    const why = condition.unready(stopping.aborted)
    return why === null ? c.json({ ready: true as const }, 200) : c.json({ ready: false as const, why }, 503)
  })

  .get('/metrics', async c => {
    const { metrics, metricsKey } = c.var.desk
    if (metricsKey === null)
      throw new LesionloopError('not-found', 'metrics: off; start the server with --metrics to have them')
    if (metricsKey.token === null ? !isFromHere(c) : !holds(c, metricsKey.token))
      throw new LesionloopError(
        'not-allowed',
        metricsKey.token === null
          ? 'metrics: for this machine alone; start the server with --metrics-token-file FILE to read them from another'
          : 'metrics: no or another token; send it as "Authorization: Bearer TOKEN"',
      )
    const { type, body } = await metrics.text()
    return c.body(body, 200, { 'Content-Type': type })
  })

/** Asked from this machine, and not on behalf of another one by a proxy that runs here. */
function isFromHere(c: Context<Env>): boolean {
  const address = getConnInfo(c).remote.address ?? ''
  const isLoopback = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(address)
  return isLoopback && !['forwarded', 'x-forwarded-for', 'via'].some(name => c.req.header(name) !== undefined)
}

/** Compared by digest, in a time that tells nothing of either. */
function holds(c: Context<Env>, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}
