import { createHash, randomBytes } from 'node:crypto'
import { LesionloopError } from '../../data/errors.ts'
import type { LoginLink, Session } from '../../data/records/people.ts'
import type { SessionStore } from '../../data/stores/store.ts'

export type { LoginLink, Session }

const SESSION_DAYS = 30
const LINK_DAYS = 7
const TOKEN_BYTES = 32
const DAY_MS = 86_400_000

/**
 * Sessions and one-time links, kept in the store under the SHA-256 of their tokens (which are random, so that no slow
 * hash is needed): a restart keeps everybody logged in, and what is kept lets nobody in.
 */
export class Sessions {
  private readonly store: SessionStore
  private readonly now: () => number
  /** Owner's links of this start, void when it ends. */
  private readonly ownLinks = new Set<string>()

  private constructor(store: SessionStore, now: () => number) {
    this.store = store
    this.now = now
  }

  /** Owner's links of an earlier start are void: each start prints its own. */
  static async open(store: SessionStore, now: () => number = Date.now): Promise<Sessions> {
    await store.voidOwnerLinks()
    return new Sessions(store, now)
  }

  /** Makes a one-time link's token; resolves after it is on the disk. */
  async makeLink(account: string | null): Promise<string> {
    const token = newToken()
    if (account === null) this.ownLinks.add(hashOf(token))
    await this.store.makeLink(hashOf(token), { account, expiresAt: this.later(LINK_DAYS) })
    return token
  }

  /**
   * Looks at a link without using it.
   * @throws LesionloopError `link-invalid` where it is unknown, used or too old.
   */
  async link(token: string): Promise<LoginLink> {
    return this.valid(await this.store.link(hashOf(token)))
  }

  /**
   * Uses a link up and opens a session in its place: of two requests at once only one gets in.
   * @returns the session's token, for the cookie.
   */
  async redeem(token: string, account: string): Promise<string> {
    const link = this.valid(await this.store.takeLink(hashOf(token)))
    return await this.begin(account, link.account === null)
  }

  async find(token: string): Promise<Session | null> {
    const session = await this.store.session(hashOf(token))
    return session && Date.parse(session.expiresAt) > this.now() ? session : null
  }

  /** Another person at the same desk: a new token, the old one is void. */
  async switchTo(token: string, account: string): Promise<string> {
    const session = await this.find(token)
    await this.store.end(hashOf(token))
    return await this.begin(account, session?.owner ?? false)
  }

  async end(token: string): Promise<void> {
    await this.store.end(hashOf(token))
  }

  /** Ends all sessions and links of a person (disabled, or given another role). */
  async endAllOf(account: string): Promise<void> {
    await this.store.endAllOf(account)
  }

  /** The owner's links that nobody used are void once the server that printed them is gone. */
  async close(): Promise<void> {
    for (const hash of this.ownLinks) await this.store.takeLink(hash)
  }

  private valid(link: LoginLink | undefined): LoginLink {
    if (link && Date.parse(link.expiresAt) > this.now()) return link
    throw new LesionloopError(
      'link-invalid',
      'login: link: used already or too old; take the newest one that `lesionloop serve` printed, or ask a curator for a new one',
    )
  }

  /** Opens a session for somebody who has proved who they are. @returns its token, for the cookie. */
  async begin(account: string, owner: boolean): Promise<string> {
    const token = newToken()
    await this.store.begin(hashOf(token), {
      account,
      owner,
      createdAt: new Date(this.now()).toISOString(),
      expiresAt: this.later(SESSION_DAYS),
    })
    return token
  }

  private later(days: number): string {
    return new Date(this.now() + days * DAY_MS).toISOString()
  }
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
