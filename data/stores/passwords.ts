import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Account } from '../records/people.ts'
import { readJsonIfThere, writeJson } from '../workspace/files.ts'
import { withLock } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import { checkPassword, hashPassword, isPassword } from './password-hash.ts'
import type { KeptPasswords, PasswordStore } from './store.ts'

const schema = z.object({
  passwords: z.record(z.string(), z.object({ hash: z.string(), changedAt: z.string() })),
})

/** A password given on the command line is known to a running server after this long. */
const READ_AGAIN_MS = 1000

export const passwordPath = (workspace: Pick<Workspace, 'dir'>): string =>
  join(workspace.dir, 'private', 'passwords.json')

/**
 * Keeps passwords in private/passwords.json of the workspace: apart from accounts.json, which is shown to everybody who
 * reads here, and in a folder that only the workspace's owner may look into.
 */
export function passwordFile(workspace: Workspace): PasswordStore {
  const path = passwordPath(workspace)
  return {
    all: async () => (await readJsonIfThere(path, schema))?.passwords ?? {},
    put: (account, kept) =>
      withLock(workspace, 'accounts', async () => {
        await workspace.files.makeFolder(dirname(path))
        await chmod(dirname(path), 0o700)
        const passwords = (await readJsonIfThere(path, schema))?.passwords ?? {}
        await writeJson(workspace.files, path, { passwords: { ...passwords, [account]: kept } })
      }),
  }
}

/** Passwords by account id. */
export class Passwords {
  private readonly store: PasswordStore
  private readonly now: () => number
  private known: { at: number; kept: Promise<KeptPasswords> } | null = null
  /** One try after the other: a try takes memory and a thread, which saves must not wait for. */
  private turn: Promise<unknown> = Promise.resolve()
  private waiting = 0

  constructor(store: PasswordStore, now: () => number = Date.now) {
    this.store = store
    this.now = now
  }

  /** Whether anybody can log in by a password. */
  async any(accounts: readonly Account[]): Promise<boolean> {
    const kept = await this.kept()
    return accounts.some(account => account.disabledAt === undefined && Object.hasOwn(kept, account.id))
  }

  async has(account: string): Promise<boolean> {
    return Object.hasOwn(await this.kept(), account)
  }

  /** When it was last changed, in milliseconds; sessions from before are void. Undefined where there is none. */
  async changedAt(account: string): Promise<number | undefined> {
    const kept = await this.kept()
    return Object.hasOwn(kept, account) ? Date.parse(kept[account]!.changedAt) : undefined
  }

  /** Tries that stand in line. */
  get queued(): number {
    return this.waiting
  }

  /** Whether it is the person's password; `account` undefined, as for a name nobody has: false after the same work. */
  async check(account: string | undefined, password: string): Promise<boolean> {
    this.waiting++
    const next = this.turn.then(async () => {
      const kept = await this.kept()
      const own = account !== undefined && Object.hasOwn(kept, account) ? kept[account]!.hash : undefined
      return await isPassword(password, own)
    })
    this.turn = next.catch(() => undefined)
    return await next.finally(() => this.waiting--)
  }

  /** @throws LesionloopError `password-weak`, `lock-held`. */
  async set(account: Pick<Account, 'id' | 'name'>, password: string): Promise<void> {
    checkPassword(password, account.name)
    const hash = await hashPassword(password)
    await this.store.put(account.id, { hash, changedAt: new Date(this.now()).toISOString() })
    this.known = null
  }

  private async kept(): Promise<KeptPasswords> {
    if (!this.known || this.now() - this.known.at > READ_AGAIN_MS) {
      const kept = this.store.all()
      this.known = { at: this.now(), kept }
      kept.catch(() => {
        this.known = null
      })
    }
    return await this.known.kept
  }
}
