import { z } from 'zod'
import type { Account } from '../../data/records/people.ts'
import type { AccountStore } from '../../data/stores/store.ts'

/** People added or disabled on the command line are known here after this long. */
const KEPT_MS = 1000

/** A name that may be given to an account. */
export const accountName = z
  .string()
  .trim()
  .min(1, 'a name is needed')
  .max(100)
  .regex(/^[^\p{Cc}\p{Cf}\p{Co}\p{Cn}]+$/u, 'a name has no control characters')

/** Accounts by id for the guard, which asks at every request: kept for a second, and forgotten at each change made here. */
export class People {
  private readonly accounts: AccountStore
  private readonly now: () => number
  private kept: { at: number; byId: Promise<Map<string, Account>> } | null = null

  constructor(accounts: AccountStore, now: () => number) {
    this.accounts = accounts
    this.now = now
  }

  async get(id: string): Promise<Account | undefined> {
    return (await this.all()).get(id)
  }

  /** By name as people write it: case and spaces don't count. */
  async named(name: string): Promise<Account | undefined> {
    const plain = (text: string) => text.normalize('NFC').replace(/\s+/g, ' ').trim().toLowerCase()
    return (await this.list()).find(each => plain(each.name) === plain(name))
  }

  async list(): Promise<Account[]> {
    return [...(await this.all()).values()]
  }

  forget(): void {
    this.kept = null
  }

  private async all(): Promise<Map<string, Account>> {
    if (!this.kept || this.now() - this.kept.at > KEPT_MS) {
      const byId = this.accounts.list().then(list => new Map(list.map(each => [each.id, { ...each }])))
      this.kept = { at: this.now(), byId }
      byId.catch(() => this.forget())
    }
    return await this.kept.byId
  }
}
