import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { LesionloopError } from '../../data/errors.ts'
import { readJsonIfThere, writeJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'

/** Somebody's way in, as it is kept: never the token itself, only its hash. */
const sessionSchema = z.object({
  account: z.string(),
  /** Opened by the link that `serve` printed: may switch to any person. */
  owner: z.boolean(),
  createdAt: z.string(),
  expiresAt: z.string(),
})
export type Session = z.infer<typeof sessionSchema>

const linkSchema = z.object({
  /** Account id the link is for; null: the owner's link, whose user picks a person or gives a new name. */
  account: z.string().nullable(),
  expiresAt: z.string(),
})
export type LoginLink = z.infer<typeof linkSchema>

const fileSchema = z.object({
  sessions: z.record(z.string(), sessionSchema),
  links: z.record(z.string(), linkSchema),
})

const SESSION_DAYS = 30
const LINK_DAYS = 7
const TOKEN_BYTES = 32
const DAY_MS = 86_400_000

/**
 * Sessions and one-time links, kept in sessions.json of the workspace under the SHA-256 of their tokens (which are
 * random, so that no slow hash is needed): a restart keeps everybody logged in, and the file lets nobody in.
 */
export class Sessions {
  private readonly workspace: Workspace
  private readonly now: () => number
  private readonly sessions: Map<string, Session>
  private readonly links: Map<string, LoginLink>
  private writing: Promise<void> = Promise.resolve()

  private constructor(workspace: Workspace, now: () => number, kept: z.infer<typeof fileSchema>) {
    this.workspace = workspace
    this.now = now
    this.sessions = new Map(Object.entries(kept.sessions))
    this.links = new Map(Object.entries(kept.links))
  }

  /** Reads what was kept. Owner's links of an earlier start are void: each start prints its own. */
  static async open(workspace: Workspace, now: () => number = Date.now): Promise<Sessions> {
    const kept = await readJsonIfThere(pathOf(workspace), fileSchema)
    const sessions = new Sessions(workspace, now, kept ?? { sessions: {}, links: {} })
    for (const [hash, link] of sessions.links) if (link.account === null) sessions.links.delete(hash)
    sessions.dropExpired()
    return sessions
  }

  /** Makes a one-time link's token; resolves after it is on the disk. */
  async makeLink(account: string | null): Promise<string> {
    const token = newToken()
    this.links.set(hashOf(token), { account, expiresAt: this.later(LINK_DAYS) })
    await this.save()
    return token
  }

  /**
   * Looks at a link without using it.
   * @throws LesionloopError `link-invalid` where it is unknown, used or too old.
   */
  link(token: string): LoginLink {
    const link = this.links.get(hashOf(token))
    if (link && Date.parse(link.expiresAt) > this.now()) return link
    throw new LesionloopError(
      'link-invalid',
      'login: link: used already or too old; take the newest one that `lesionloop serve` printed, or ask a curator for a new one',
    )
  }

  /**
   * Uses a link up and opens a session in its place. The link is gone before anything is awaited, so that of two
   * requests at once only one gets in.
   * @returns the session's token, for the cookie.
   */
  async redeem(token: string, account: string): Promise<string> {
    const link = this.link(token)
    this.links.delete(hashOf(token))
    return await this.begin(account, link.account === null)
  }

  find(token: string): Session | null {
    const session = this.sessions.get(hashOf(token))
    if (!session) return null
    if (Date.parse(session.expiresAt) > this.now()) return session
    this.sessions.delete(hashOf(token))
    return null
  }

  /** Another person at the same desk: a new token, the old one is void. */
  async switchTo(token: string, account: string): Promise<string> {
    const session = this.find(token)
    this.sessions.delete(hashOf(token))
    return await this.begin(account, session?.owner ?? false)
  }

  async end(token: string): Promise<void> {
    if (this.sessions.delete(hashOf(token))) await this.save()
  }

  /** Ends all sessions and links of a person (disabled, or given another role). */
  async endAllOf(account: string): Promise<void> {
    for (const [hash, session] of this.sessions)
      if (session.account === account && !session.owner) this.sessions.delete(hash)
    for (const [hash, link] of this.links) if (link.account === account) this.links.delete(hash)
    await this.save()
  }

  /** Opens a session for somebody who has proved who they are. @returns its token, for the cookie. */
  async begin(account: string, owner: boolean): Promise<string> {
    const token = newToken()
    this.sessions.set(hashOf(token), {
      account,
      owner,
      createdAt: new Date(this.now()).toISOString(),
      expiresAt: this.later(SESSION_DAYS),
    })
    await this.save()
    return token
  }

  private later(days: number): string {
    return new Date(this.now() + days * DAY_MS).toISOString()
  }

  private dropExpired(): void {
    for (const kept of [this.sessions, this.links])
      for (const [hash, { expiresAt }] of kept) if (!(Date.parse(expiresAt) > this.now())) kept.delete(hash)
  }

  /** One write at a time; each writes what stands when its turn comes. */
  private save(): Promise<void> {
    const write = () => {
      this.dropExpired()
      return writeJson(this.workspace.files, pathOf(this.workspace), {
        sessions: Object.fromEntries(this.sessions),
        links: Object.fromEntries(this.links),
      })
    }
    const next = this.writing.then(write, write)
    this.writing = next.catch(() => undefined)
    return next
  }
}

function pathOf(workspace: Workspace): string {
  return join(workspace.dir, 'sessions.json')
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
