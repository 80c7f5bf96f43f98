import { basename } from 'node:path'
import { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { z } from 'zod'
import { LesionloopError } from '../../../data/errors.ts'
import type { Account } from '../../../data/records/people.ts'
import { ROLES } from '../../../data/records/vocabulary.ts'
import { type Desk, type Env, person } from '../context.ts'
import { clientOf } from '../login-limit.ts'
import { accountName } from '../people.ts'
import type { LinkReply, MeReply } from '../replies.ts'
import { ROLE_PERMISSIONS } from '../rules.ts'
import { cookieName, giveSession, takeSession } from '../session-cookie.ts'
import { valid } from '../validate.ts'

const token = z.string().min(20).max(100)
const name = accountName
const password = z.string().min(1).max(1000)
const account = z.string().min(1).max(200)

/** Role of a new name given with the owner's link: on one's own machine one does everything. */
const OWNER_ROLE = 'curator'

/** Each try takes some tenths of a second, one after the other. */
const MOST_QUEUED = 32

/** Who is here, how they got in, and who else there is. */
export const identity = new Hono<Env>()
  .get('/me', async c => c.json(await meReply(c.var.desk, c.var.account, c.var.session?.owner ?? false)))

  .post('/login/link', valid('json', z.strictObject({ token })), async c => {
    const { desk } = c.var
    const link = await desk.loginLimit.guard(clientOf(c), () => desk.sessions.link(c.req.valid('json').token))
    const active = (await desk.people.list()).filter(each => each.disabledAt === undefined)
    const reply: LinkReply =
      link.account === null
        ? { for: null, people: active, role: OWNER_ROLE }
        : { for: active.find(each => each.id === link.account) ?? null, people: [], role: OWNER_ROLE }
    return c.json(reply)
  })

  .post(
    '/login',
    valid('json', z.strictObject({ token, account: account.optional(), name: name.optional() })),
    async c => {
      const { desk } = c.var
      const asked = c.req.valid('json')
      const link = await desk.loginLimit.guard(clientOf(c), () => desk.sessions.link(asked.token))
      const who = await personOfLink(desk, link.account, asked)
      const session = await desk.sessions.redeem(asked.token, who.id)
      giveSession(c, session)
      return c.json(await meReply(desk, who, link.account === null))
    },
  )

  .post('/login/password', valid('json', z.strictObject({ name, password })), async c => {
    const { desk } = c.var
    const asked = c.req.valid('json')
    const named = await desk.people.named(asked.name)
    // A name nobody has counts as well, or who waits would tell which names there are.
    const keys = [clientOf(c), `account ${named?.id ?? asked.name.toLowerCase()}`]
    const who = await desk.loginLimit.guard(keys, () => personOfPassword(desk, named, asked.password))
    giveSession(c, await desk.sessions.begin(who.id, false))
    return c.json(await meReply(desk, who, false))
  })

  .post('/logout', async c => {
    const session = getCookie(c, cookieName(c))
    if (session) await c.var.desk.sessions.end(session)
    takeSession(c)
    return c.json(await meReply(c.var.desk, null, false))
  })

  .post('/me/switch', valid('json', z.strictObject({ account })), async c => {
    const { desk, session } = c.var
    if (!session?.owner)
      throw new LesionloopError(
        'not-allowed',
        "request: this session is one person's own; log out and use the other person's link",
      )
    const who = await activeAccount(desk, c.req.valid('json').account)
    giveSession(c, await desk.sessions.switchTo(getCookie(c, cookieName(c)) ?? '', who.id))
    return c.json(await meReply(desk, who, true))
  })

  .post(
    '/me/password',
    valid('json', z.strictObject({ current: password.optional(), password })),
    async c => {
      const { desk, session } = c.var
      const who = person(c)
      const asked = c.req.valid('json')
      if (await desk.passwords.has(who.id)) {
        if (asked.current === undefined)
          throw new LesionloopError('password-wrong', 'password: the one until now is missing; give it too')
        const keys = [clientOf(c), `account ${who.id}`]
        await desk.loginLimit.guard(keys, () => personOfPassword(desk, who, asked.current ?? ''))
      }
      await desk.passwords.set(who, asked.password)
      await desk.sessions.endAllOf(who.id)
      // All others of this person are void, since they are older than the password.
      if (session) giveSession(c, await desk.sessions.begin(who.id, session.owner))
      return c.json(await meReply(desk, who, session?.owner ?? false))
    },
  )

  .get('/people', async c => c.json({ people: await c.var.desk.people.list() }))

  .post('/people', valid('json', z.strictObject({ name, role: z.enum(ROLES) })), async c => {
    const asked = c.req.valid('json')
    const added = await c.var.desk.store.accounts.add(asked.name, asked.role)
    c.var.desk.people.forget()
    return c.json({ person: added }, 201)
  })

  .post(
    '/people/update',
    valid(
      'json',
      z.strictObject({
        account,
        name: name.optional(),
        role: z.enum(ROLES).optional(),
        disabled: z.boolean().optional(),
      }),
    ),
    async c => {
      const { desk } = c.var
      const { account: id, disabled, ...change } = c.req.valid('json')
      const before = await knownAccount(desk, id)
      const losesCurator =
        before.role === 'curator' && (disabled === true || (change.role ?? 'curator') !== 'curator')
      if (losesCurator && before.disabledAt === undefined && !(await anotherCurator(desk, id)))
        throw new LesionloopError(
          'last-curator',
          `people: ${before.name}: the only curator; make somebody else curator first`,
        )
      const changed = await desk.store.accounts.update(id, {
        ...(change.name === undefined ? {} : { name: change.name }),
        ...(change.role === undefined ? {} : { role: change.role }),
        ...(disabled === true ? { disabledAt: before.disabledAt ?? new Date().toISOString() } : {}),
        ...(disabled === false ? { disabledAt: undefined as unknown as string } : {}),
      })
      desk.people.forget()
      if (disabled) await desk.sessions.endAllOf(id)
      return c.json({ person: changed })
    },
  )

  .post('/people/link', valid('json', z.strictObject({ account })), async c => {
    const { desk } = c.var
    const who = await activeAccount(desk, c.req.valid('json').account)
    const link = `${desk.address()}/login#${await desk.sessions.makeLink(who.id)}`
    return c.json({ person: who, link })
  })

async function meReply(desk: Desk, who: Account | null, owner: boolean): Promise<MeReply> {
  return {
    account: who,
    owner: who !== null && owner,
    permissions: who ? [...ROLE_PERMISSIONS[who.role]] : [],
    version: desk.version,
    workspace: basename(desk.workspace.dir),
    passwords: await desk.passwords.any(await desk.people.list()),
  }
}

async function personOfLink(
  desk: Desk,
  fixed: string | null,
  asked: { account?: string | undefined; name?: string | undefined },
): Promise<Account> {
  if (fixed !== null) return await activeAccount(desk, fixed)
  if (asked.account !== undefined) return await activeAccount(desk, asked.account)
  if (asked.name !== undefined) {
    const added = await desk.store.accounts.add(asked.name, OWNER_ROLE)
    desk.people.forget()
    return added
  }
  throw new LesionloopError(
    'request-invalid',
    'login: neither a person nor a name; pick one or give a new name',
  )
}

/** @throws LesionloopError `password-wrong`, whatever it is that is wrong; `too-many-tries` where too many wait. */
async function personOfPassword(desk: Desk, who: Account | undefined, given: string): Promise<Account> {
  if (desk.passwords.queued >= MOST_QUEUED)
    throw new LesionloopError('too-many-tries', 'login: too many at once; try again in 10 seconds', {
      retryAfter: 10,
    })
  const isRight = await desk.passwords.check(who?.id, given)
  if (isRight && who && who.disabledAt === undefined) return who
  throw new LesionloopError(
    'password-wrong',
    'login: this name and password open nothing; try again, or ask a curator for a one-time link',
  )
}

async function knownAccount(desk: Desk, id: string): Promise<Account> {
  const found = await desk.store.accounts.get(id)
  if (found) return found
  throw new LesionloopError('account-unknown', `people: ${id}: nobody of this id; see the list of people`)
}

async function activeAccount(desk: Desk, id: string): Promise<Account> {
  const found = await knownAccount(desk, id)
  if (found.disabledAt === undefined) return found
  throw new LesionloopError(
    'not-allowed',
    `people: ${found.name}: may no longer log in; a curator can change that`,
  )
}

async function anotherCurator(desk: Desk, id: string): Promise<boolean> {
  const people = await desk.people.list()
  return people.some(each => each.id !== id && each.role === 'curator' && each.disabledAt === undefined)
}
