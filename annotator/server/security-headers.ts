import type { MiddlewareHandler } from 'hono'
import type { Env } from './context.ts'

/**
 * No script and no style but our own files: nothing inline, no style attribute in markup, nothing from elsewhere. What
 * scripts set through `element.style` (the heights of a list) is no matter of this policy.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Headers of every answer; a route that needs another policy has set its own. */
export const securityHeaders: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  const set = (name: string, value: string) => {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  }
  set('Content-Security-Policy', PAGE_POLICY)
  set('X-Frame-Options', 'DENY')
  set('X-Content-Type-Options', 'nosniff')
  set('Referrer-Policy', 'no-referrer')
  set('Cross-Origin-Opener-Policy', 'same-origin')
  set('Cross-Origin-Resource-Policy', 'same-origin')
  set('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()')
  // Answers of the interface are of one person at one moment.
  if (c.req.path.startsWith('/api/')) set('Cache-Control', 'no-store')
}
