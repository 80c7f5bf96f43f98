import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { Account } from '../data/records/people.ts'
import { ROLES } from '../data/records/vocabulary.ts'
import { Passwords } from '../data/stores/passwords.ts'
import type { AccountStore } from '../data/stores/store.ts'
import { askPassword } from './ask-password.ts'
import { roleOf } from './role.ts'
import { openTerminal, runVerb } from './terminal.ts'

const shared = {
  workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
  json: { type: 'boolean', description: 'print the outcome as JSON' },
} as const
const nameArgument = { type: 'positional', required: true, description: 'name of the person' } as const
const passwordArguments = {
  'password-stdin': { type: 'boolean', description: 'read the password from stdin, one line' },
} as const

interface People {
  accounts: AccountStore
  passwords: Passwords
}

/** Opens the people of a workspace, also beside a running server, and prints what `work` says. */
async function withPeople(
  args: { workspace: string; json?: boolean | undefined },
  work: (people: People) => Promise<{ result: unknown; line: string }>,
): Promise<void> {
  const terminal = openTerminal({ json: args.json ?? false })
  await runVerb(terminal, async () => {
    const { openWorkspace } = await import('../data/workspace/open.ts')
    const { openStore } = await import('../data/stores/open.ts')
    const workspace = await openWorkspace(args.workspace)
    const store = await openStore(workspace)
    try {
      const { result, line } = await work({
        accounts: store.accounts,
        passwords: new Passwords(store.passwords),
      })
      if (terminal.json) terminal.result(result)
      else if (line !== '') terminal.print(line)
    } finally {
      await store.close()
    }
    return undefined
  })
}

async function personNamed({ accounts }: People, given: string): Promise<Account> {
  const people = await accounts.list()
  const found =
    people.find(({ id }) => id === given) ??
    people.find(({ name }) => name.toLowerCase() === given.toLowerCase())
  if (found) return found
  throw new LesionloopError(
    'account-unknown',
    `user: ${given}: nobody of this name; lesionloop user list shows who there is`,
  )
}

const add = defineCommand({
  meta: { name: 'add', description: 'add a person who logs in with a password' },
  args: {
    name: nameArgument,
    role: { type: 'string', required: true, description: ROLES.join(', ') },
    ...passwordArguments,
    ...shared,
  },
  run: ({ args }) =>
    withPeople(args, async people => {
      const role = roleOf(args.role)
      const { checkPassword } = await import('../data/stores/password-hash.ts')
      const password = await askPassword({ fromStdin: args['password-stdin'] ?? false })
      // Before there is a person, who would then be without one.
      checkPassword(password, args.name)
      const account = await people.accounts.add(args.name, role)
      await people.passwords.set(account, password)
      return { result: account, line: `${account.name} can log in as ${account.role}` }
    }),
})

const list = defineCommand({
  meta: { name: 'list', description: 'who there is, as what, and whether they can log in with a password' },
  args: shared,
  run: ({ args }) =>
    withPeople(args, async people => {
      const rows = await Promise.all(
        (await people.accounts.list()).map(async account => ({
          ...account,
          password: await people.passwords.has(account.id),
        })),
      )
      const lines = rows.map(({ name, role, password, disabledAt }) =>
        [
          role.padEnd(12),
          (disabledAt ? 'may not log in' : password ? 'password' : 'by link').padEnd(15),
          name,
        ].join(''),
      )
      return { result: { people: rows }, line: lines.join('\n') || 'nobody yet' }
    }),
})

const password = defineCommand({
  meta: { name: 'password', description: 'give a person a new password; their open sessions end' },
  args: { name: nameArgument, ...passwordArguments, ...shared },
  run: ({ args }) =>
    withPeople(args, async people => {
      const account = await personNamed(people, args.name)
      await people.passwords.set(account, await askPassword({ fromStdin: args['password-stdin'] ?? false }))
      return { result: { changed: account.id }, line: `${account.name}: new password; open sessions ended` }
    }),
})

const disable = defineCommand({
  meta: { name: 'disable', description: 'let a person in no more; what they decided stays' },
  args: { name: nameArgument, ...shared },
  run: ({ args }) =>
    withPeople(args, async people => {
      const account = await personNamed(people, args.name)
      const disabledAt = account.disabledAt ?? new Date().toISOString()
      const changed = await people.accounts.update(account.id, { disabledAt })
      return { result: changed, line: `${account.name} may no longer log in` }
    }),
})

export default defineCommand({
  meta: { name: 'user', description: 'add people, list them, change a password, let somebody in no more' },
  subCommands: { add, list, password, disable },
})
