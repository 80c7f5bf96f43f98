import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { codeOf } from '../../../data/errors.ts'
import type { Env } from '../context.ts'

/** Times every request; logs it, and counts it. Stands before everything else, so that a refusal is seen as well. */
export const observe: MiddlewareHandler<Env> = async (c, next) => {
  const started = performance.now()
  c.header('X-Request-Id', c.var.requestId)
  await next()
  const { metrics, log, stopping } = c.var.desk
  // The connection is not kept for a next request, which would hold up the end.
  if (stopping.aborted) c.header('Connection', 'close')
  const ms = performance.now() - started
  const { method } = c.req
  const route = routeOf(c)
  const { status } = c.res
  metrics.request({ method, route, status, seconds: ms / 1000 })
  const code = c.error ? codeOf(c.error) : undefined
  const line = {
    requestId: c.var.requestId,
    method,
    // The pattern: a path may hold ids, and an old link's token.
    route,
    status,
    ms: Math.round(ms * 10) / 10,
    who: c.var.account?.id,
    code,
  }
  // What is unexpected was written with its stack where it was caught.
  if (status >= 500) log.warn(line, 'request failed')
  else log.info(line, 'request')
}

/** The route's pattern ("GET /images/:file" gives "/images/:file"). Methods and paths of strangers make no new labels. */
export function routeOf(c: Context<Env>): string {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  return matchedRoutes(c).find(each => each.method === method)?.path ?? 'none'
}
