import type { LoginLink, Session } from '../../records/people.ts'
import type { KeptPasswords, PasswordStore, SessionStore } from '../store.ts'
import type { Ask, Database, Row } from './connection.ts'

/** A session that was asked for is known this long without asking again; one that another server ended, too. */
const KNOWN_MS = 1000

/** Sessions and links; any server knows them, so that it doesn't matter which one answers a person. */
export function sessionStore(database: Database, workspace: number, now: () => Date): SessionStore {
  const { ask } = database
  const known = new Map<string, { at: number; session: Promise<Session | undefined> }>()

  async function read(hash: string): Promise<Session | undefined> {
    const [row] = await ask<SessionRow>(
      'select * from lesionloop.sessions where workspace = $1 and hash = $2 and expires_at > $3',
      [workspace, hash, now().toISOString()],
    )
    return row && sessionOf(row)
  }

  return {
    session(hash) {
      const at = performance.now()
      const kept = known.get(hash)
      if (kept && at - kept.at < KNOWN_MS) return kept.session
      if (known.size > 1000) known.clear()
      const session = read(hash)
      known.set(hash, { at, session })
      session.catch(() => known.delete(hash))
      return session
    },
    async begin(hash, session) {
      await ask('delete from lesionloop.sessions where workspace = $1 and expires_at <= $2', [
        workspace,
        now().toISOString(),
      ])
      await ask(
        `insert into lesionloop.sessions (workspace, hash, account, owner, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [workspace, hash, session.account, session.owner, session.createdAt, session.expiresAt],
      )
      known.delete(hash)
    },
    async end(hash) {
      const gone = await ask(
        'delete from lesionloop.sessions where workspace = $1 and hash = $2 returning hash',
        [workspace, hash],
      )
      known.delete(hash)
      return gone.length > 0
    },
    async link(hash) {
      const [row] = await ask<LinkRow>(
        'select * from lesionloop.links where workspace = $1 and hash = $2 and expires_at > $3',
        [workspace, hash, now().toISOString()],
      )
      return row && linkOf(row)
    },
    async makeLink(hash, link) {
      await ask('delete from lesionloop.links where workspace = $1 and expires_at <= $2', [
        workspace,
        now().toISOString(),
      ])
      await ask(
        'insert into lesionloop.links (workspace, hash, account, expires_at) values ($1, $2, $3, $4)',
        [workspace, hash, link.account, link.expiresAt],
      )
    },
    async takeLink(hash) {
      const [row] = await ask<LinkRow>(
        `delete from lesionloop.links where workspace = $1 and hash = $2 and expires_at > $3
         returning account, expires_at`,
        [workspace, hash, now().toISOString()],
      )
      return row && linkOf(row)
    },
    async endAllOf(account) {
      await ask('delete from lesionloop.sessions where workspace = $1 and account = $2 and not owner', [
        workspace,
        account,
      ])
      await ask('delete from lesionloop.links where workspace = $1 and account = $2', [workspace, account])
      known.clear()
    },
    async voidOwnerLinks() {
      // Other servers' links of today stand; each server voids its own when it stops.
      await ask(
        `delete from lesionloop.links
         where workspace = $1 and account is null and made_at < now() - interval '1 day'`,
        [workspace],
      )
    },
  }
}

interface SessionRow extends Row {
  account: string
  owner: boolean
  created_at: string
  expires_at: string
}
const sessionOf = ({ account, owner, created_at, expires_at }: SessionRow): Session => ({
  account,
  owner,
  createdAt: created_at,
  expiresAt: expires_at,
})

interface LinkRow extends Row {
  account: string | null
  expires_at: string
}
const linkOf = ({ account, expires_at }: LinkRow): LoginLink => ({ account, expiresAt: expires_at })

export async function readPasswords(ask: Ask, workspace: number): Promise<KeptPasswords> {
  const rows = await ask<{ account: string; hash: string; changed_at: string }>(
    'select * from lesionloop.passwords where workspace = $1',
    [workspace],
  )
  const kept: KeptPasswords = {}
  for (const { account, hash, changed_at } of rows) kept[account] = { hash, changedAt: changed_at }
  return kept
}

/** All sessions and links by hash, as sessions.json holds them. */
export async function readSessionRows(
  ask: Ask,
  workspace: number,
): Promise<{ sessions: Record<string, Session>; links: Record<string, LoginLink> }> {
  const sessions = await ask<SessionRow & { hash: string }>(
    'select * from lesionloop.sessions where workspace = $1',
    [workspace],
  )
  const links = await ask<LinkRow & { hash: string }>('select * from lesionloop.links where workspace = $1', [
    workspace,
  ])
  return {
    sessions: Object.fromEntries(sessions.map(row => [row.hash, sessionOf(row)])),
    links: Object.fromEntries(links.map(row => [row.hash, linkOf(row)])),
  }
}

export function passwordStore({ ask }: Database, workspace: number): PasswordStore {
  return {
    all: () => readPasswords(ask, workspace),
    async put(account, { hash, changedAt }) {
      await ask(
        `insert into lesionloop.passwords (workspace, account, hash, changed_at) values ($1, $2, $3, $4)
         on conflict (workspace, account) do update set hash = excluded.hash, changed_at = excluded.changed_at`,
        [workspace, account, hash, changedAt],
      )
    },
  }
}
