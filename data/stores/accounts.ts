import { Low } from 'lowdb'
import { z } from 'zod'
import { LesionloopError } from '../errors.ts'
import type { Account } from '../records/people.ts'
import { ROLES, type Role } from '../records/vocabulary.ts'
import { readJsonIfThere, writeJson } from '../workspace/files.ts'
import { withLock } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import type { AccountChange, AccountStore } from './store.ts'

const schema = z.object({
  accounts: z.array(
    z.looseObject({
      id: z.string().min(1),
      name: z.string().min(1),
      role: z.enum(ROLES),
      createdAt: z.string(),
      disabledAt: z.string().optional(),
    }),
  ),
})
type File = { accounts: Account[] }

/** People in accounts.json, by lowdb over the workspace's file operations. */
export function accountStore(
  workspace: Workspace,
  { isLocked, now }: { isLocked: boolean; now: () => Date },
): AccountStore {
  const { files, paths } = workspace
  const db = new Low<File>(
    {
      read: async () => ((await readJsonIfThere(paths.accounts, schema)) ?? { accounts: [] }) as File,
      write: data => writeJson(files, paths.accounts, data),
    },
    { accounts: [] },
  )
  // One change after the other, each over the file as it is then: another process may have added people.
  let turn: Promise<unknown> = Promise.resolve()
  function change<T>(work: (accounts: Account[]) => T): Promise<T> {
    const step = async () => {
      await db.read()
      const outcome = work(db.data.accounts)
      await db.write()
      return outcome
    }
    const next = turn.then(() => (isLocked ? step() : withLock(workspace, 'accounts', step)))
    turn = next.catch(() => undefined)
    return next
  }
  const list = async () => {
    await turn
    await db.read()
    return db.data.accounts
  }

  return {
    list,
    get: async id => (await list()).find(account => account.id === id),
    add: (name, role) =>
      change(accounts => {
        const account = newAccount(accounts, name, role, now())
        accounts.push(account)
        return account
      }),
    update: (id, given) => change(accounts => changeAccount(accounts, id, given)),
  }
}

/** A name as it is shown. @throws LesionloopError `account-invalid`. */
function displayName(name: string): string {
  const shown = name.normalize('NFC').replace(/\s+/g, ' ').trim()
  if (shown === '' || shown.length > 100)
    throw new LesionloopError(
      'account-invalid',
      `account: "${shown.slice(0, 40)}": expected a name of 1 to 100 characters`,
    )
  return shown
}

/** The account that a new person gets beside those there are. @throws LesionloopError `account-invalid`, `account-exists`. */
export function newAccount(accounts: readonly Account[], name: string, role: Role, now: Date): Account {
  const shown = displayName(name)
  if (!ROLES.includes(role))
    throw new LesionloopError('account-invalid', `account: ${role}: expected a role: ${ROLES.join(', ')}`)
  needFree(accounts, shown)
  return { id: freeId(accounts, shown), name: shown, role, createdAt: now.toISOString() }
}

/**
 * Lays a change over one of the accounts there are, and gives that account.
 * @throws LesionloopError `account-unknown`, `account-invalid`, `account-exists`: nothing is changed then.
 */
export function changeAccount(
  accounts: readonly Account[],
  id: string,
  { name, ...rest }: AccountChange,
): Account {
  const account = accounts.find(one => one.id === id)
  if (!account) throw unknownAccount(id)
  if (name !== undefined) {
    const shown = displayName(name)
    needFree(
      accounts.filter(one => one !== account),
      shown,
    )
    account.name = shown
  }
  if (rest.role !== undefined) account.role = rest.role
  if ('disabledAt' in rest) {
    if (rest.disabledAt === undefined) delete account.disabledAt
    else account.disabledAt = rest.disabledAt
  }
  return account
}

/** @throws LesionloopError `account-exists` where somebody has the name. */
function needFree(accounts: readonly Account[], name: string): void {
  if (accounts.some(account => account.name.toLowerCase() === name.toLowerCase()))
    throw new LesionloopError('account-exists', `account: ${name}: this name is taken; choose another`)
}

/** A short readable id of the name: it stands in every act of this person and never changes. */
function freeId(accounts: readonly Account[], name: string): string {
  const base =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'person'
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`
    if (!accounts.some(account => account.id === id)) return id
  }
}

const unknownAccount = (id: string): LesionloopError =>
  new LesionloopError('account-unknown', `account: ${id}: not in this workspace; see the list of people`)
