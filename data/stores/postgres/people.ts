import type { Account } from '../../records/people.ts'
import type { Role } from '../../records/vocabulary.ts'
import { changeAccount, newAccount } from '../accounts.ts'
import type { AccountStore } from '../store.ts'
import type { Ask, Database, Row } from './connection.ts'

interface AccountRow extends Row {
  id: string
  name: string
  role: Role
  created_at: string
  disabled_at: string | null
}

const accountOf = ({ id, name, role, created_at, disabled_at }: AccountRow): Account => ({
  id,
  name,
  role,
  createdAt: created_at,
  ...(disabled_at === null ? {} : { disabledAt: disabled_at }),
})

export async function readAccounts(ask: Ask, workspace: number): Promise<Account[]> {
  const rows = await ask<AccountRow>(
    'select * from lesionloop.accounts where workspace = $1 order by number',
    [workspace],
  )
  return rows.map(accountOf)
}

/** People; changes come one after the other, whichever server they are made at. */
export function accountStore(database: Database, workspace: number, now: () => Date): AccountStore {
  const list = (ask: Ask) => readAccounts(ask, workspace)
  const change = <T>(work: (ask: Ask, accounts: Account[]) => Promise<T>) =>
    database.inTransaction(async ask => {
      await ask(`select pg_advisory_xact_lock(hashtextextended('lesionloop accounts', $1))`, [workspace])
      return work(ask, await list(ask))
    })

  return {
    list: () => list(database.ask),
    get: async id => (await list(database.ask)).find(account => account.id === id),
    add: (name, role) =>
      change(async (ask, accounts) => {
        const account = newAccount(accounts, name, role, now())
        await insertAccount(ask, workspace, account)
        return account
      }),
    update: (id, given) =>
      change(async (ask, accounts) => {
        const account = changeAccount(accounts, id, given)
        await ask(
          `update lesionloop.accounts set name = $3, name_folded = $4, role = $5, disabled_at = $6
           where workspace = $1 and id = $2`,
          [workspace, id, account.name, account.name.toLowerCase(), account.role, account.disabledAt ?? null],
        )
        return account
      }),
  }
}

export async function insertAccount(ask: Ask, workspace: number, account: Account): Promise<void> {
  await ask(
    `insert into lesionloop.accounts (workspace, id, name, name_folded, role, created_at, disabled_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      workspace,
      account.id,
      account.name,
      account.name.toLowerCase(),
      account.role,
      account.createdAt,
      account.disabledAt ?? null,
    ],
  )
}
