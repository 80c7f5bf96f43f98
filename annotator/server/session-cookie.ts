import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import type { Env } from './context.ts'

const MAX_AGE_S = 30 * 86_400

/**
 * Cookies know no port: the name does, so that two workspaces served at once don't log each other out. Behind https the
 * browser takes a name of `__Host-` from this very host over https only, so that nobody else can plant one.
 */
export function cookieName(c: Context<Env>): string {
  const port = /:(\d+)$/.exec(c.req.header('host') ?? '')?.[1] ?? '80'
  return `${isSecure(c) ? '__Host-' : ''}lesionloop_${port}`
}

export function giveSession(c: Context<Env>, token: string): void {
  setCookie(c, cookieName(c), token, { ...attributes(c), maxAge: MAX_AGE_S })
}

export function takeSession(c: Context<Env>): void {
  deleteCookie(c, cookieName(c), attributes(c))
}

function attributes(c: Context<Env>) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: isSecure(c),
  } as const
}

function isSecure(c: Context<Env>): boolean {
  return c.var.desk.address().startsWith('https:')
}
