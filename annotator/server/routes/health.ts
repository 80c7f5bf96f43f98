import { Hono } from 'hono'
import type { Env } from '../context.ts'

/** For supervisors and scripts: is the process up; does it take work. Neither tells anything of the workspace. */
export const health = new Hono<Env>()
  .get('/health', c => c.json({ status: 'ok' as const, version: c.var.desk.version }))

  .get('/ready', c => {
    const ready = !c.var.desk.stopping.aborted
    return c.json({ ready }, ready ? 200 : 503)
  })
