import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { matchedRoutes } from 'hono/route'
import { codeOf, LesionloopError } from '../../data/errors.ts'
import type { Account } from '../../data/records/people.ts'
import type { Desk, Env } from './context.ts'
import { accountName } from './people.ts'
import { may, RULES, type Rule } from './rules.ts'
import { cookieName } from './session-cookie.ts'
import type { Session } from './sessions.ts'

const READS = new Set(['GET', 'HEAD'])

/**
 * Answers only to names the server has: a page elsewhere whose name was made to point here (DNS rebinding) sends its
 * own name as Host. Addresses can't be rebound; names are localhost and those configured.
 */
export const checkHost: MiddlewareHandler<Env> = async (c, next) => {
  const host = c.req.header('host') ?? ''
  if (!isOwnHost(host, c.var.desk.hosts))
    throw new LesionloopError(
      'host-refused',
      `request: host ${host.slice(0, 100)}: not this server's; open the address that \`lesionloop serve\` printed, or start it with --host NAME`,
    )
  await next()
}

export function isOwnHost(host: string, names: ReadonlySet<string>): boolean {
  let name: string
  try {
    name = new URL(`http://${host}`).hostname
  } catch {
    return false
  }
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || name === 'localhost' || names.has(name)
}

/** Bodies that a form or a script of any site may send without asking first (Fetch standard, CORS-safelisted). */
const SENT_BY_ANY_SITE = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i

/**
 * Lets only our own pages write, or ask the interface anything: a browser says where a request comes from, and must say
 * this server's address. One that says nothing is a script, or a browser so old that it leaves it out: what such a
 * browser sends for another site's page has one of a form's content types, or none.
 */
export const checkOrigin: MiddlewareHandler<Env> = async (c, next) => {
  const writes = !READS.has(c.req.method)
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  const isForeign =
    (origin !== undefined && !isOwnOrigin(origin, c.req.header('host') ?? '', c.var.desk.address())) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  // Asking for the next case lends it: reading may do something too.
  if (isForeign && (writes || c.req.path.startsWith('/api/')))
    throw new LesionloopError(
      'origin-refused',
      `request: origin ${(origin ?? site ?? '').slice(0, 100)}: another site's pages may not ${writes ? 'write' : 'ask'} here; use the page that this server shows`,
    )
  const type = c.req.header('content-type')
  const saysNothing = origin === undefined && site === undefined
  if (c.req.method === 'POST' && saysNothing && (type === undefined || SENT_BY_ANY_SITE.test(type)))
    throw new LesionloopError(
      'origin-refused',
      'request: origin none: any site could have sent this; a script sends its body as application/json, or says Origin with the address of this server',
    )
  await next()
}

function isOwnOrigin(origin: string, host: string, address: string): boolean {
  try {
    const from = new URL(origin)
    return (
      // Behind https, a page of the same name over http is whoever answers on that network.
      (from.protocol === 'https:' || (from.protocol === 'http:' && !address.startsWith('https:'))) &&
      from.host === new URL(`${from.protocol}//${host}`).host
    )
  } catch {
    return false
  }
}

/**
 * Finds who asks: whom the trusted proxy names, else the person of the session. A disabled person is nobody, and so is a
 * session from before that person's password was changed.
 */
export const findPerson: MiddlewareHandler<Env> = async (c, next) => {
  const { desk } = c.var
  const named = desk.proxy?.nameIn(c) ?? null
  const token = named === null ? getCookie(c, cookieName(c)) : undefined
  const session = token === undefined ? null : await desk.sessions.find(token)
  const account = named === null ? await personOf(desk, session) : await personNamed(desk, named)
  c.set('session', account === null ? null : session)
  c.set('account', account)
  await next()
}

async function personOf(desk: Desk, session: Session | null): Promise<Account | null> {
  const account = session ? await desk.people.get(session.account) : undefined
  if (!session || !account || account.disabledAt !== undefined) return null
  const changedAt = await desk.passwords.changedAt(account.id)
  return changedAt !== undefined && Date.parse(session.createdAt) < changedAt ? null : account
}

/**
 * @throws LesionloopError `not-allowed` where the proxy lets somebody through whom nobody added here, unless such people
 *   get a role by the configuration.
 */
async function personNamed(desk: Desk, name: string): Promise<Account> {
  const known = await desk.people.named(name)
  if (known?.disabledAt === undefined && known) return known
  const refused = (why: string) =>
    new LesionloopError('not-allowed', `login: ${name.slice(0, 100)}: ${why}; ask a curator to let you in`)
  if (known) throw refused('may no longer log in')
  const role = desk.proxy?.role
  // Two headers of one name arrive as one with a comma: somebody else's may stand in it.
  if (role === undefined || !accountName.safeParse(name).success || name.includes(','))
    throw refused('not known here')
  try {
    return await desk.store.accounts.add(name, role)
  } catch (error) {
    // Two first requests at once.
    const added = codeOf(error) === 'account-exists' ? await desk.store.accounts.list() : []
    const other = added.find(each => each.name.toLowerCase() === name.toLowerCase())
    if (other && other.disabledAt === undefined) return other
    throw error
  } finally {
    desk.people.forget()
  }
}

/** Looks the route up in the table of rules; one without a rule is refused whoever asks. */
export const checkRule: MiddlewareHandler<Env> = async (c, next) => {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  // Middleware stands under "*" or with method ALL; the route itself is the first with a method of its own.
  const route = matchedRoutes(c).find(each => each.method === method)
  if (!route) throw new LesionloopError('not-found', `request: ${c.req.method} ${c.req.path}: no such route`)
  const rule: Rule | undefined = RULES[`${method} ${route.path}`]
  if (rule === undefined)
    throw new LesionloopError(
      'not-allowed',
      `request: ${method} ${route.path}: has no rule; add it to the table of rules`,
    )
  if (rule !== 'anyone') {
    const { account } = c.var
    if (!account)
      throw new LesionloopError(
        'login-needed',
        'login: no session; log in with your password, open the one-time link that `lesionloop serve` printed, or ask a curator for one',
      )
    if (!may(account.role, rule))
      throw new LesionloopError(
        'not-allowed',
        `request: role ${account.role}: may not ${VERBS[rule]}; ask a curator to do it, or for another role`,
      )
  }
  await next()
}

const VERBS: Record<Exclude<Rule, 'anyone'>, string> = {
  read: 'read',
  review: 'review cases',
  adjudicate: 'adjudicate or assign',
  train: 'start retraining',
  export: "download everybody's readings",
  curate: 'change documents, people or settings',
}

/** @throws LesionloopError `not-allowed` where the person's role doesn't give the permission. */
export function need(role: Parameters<typeof may>[0], permission: Exclude<Rule, 'anyone'>): void {
  if (!may(role, permission))
    throw new LesionloopError(
      'not-allowed',
      `request: role ${role}: may not ${VERBS[permission]}; ask a curator to do it, or for another role`,
    )
}
