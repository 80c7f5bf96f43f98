import type { ArgsDef } from 'citty'
import { messageOf } from '../data/errors.ts'
import { DATABASE_VARIABLE, databaseAddress } from '../data/stores/database-address.ts'

/** How `--database` stands in the help of every verb that works on a workspace. */
export const databaseOption: ArgsDef = {
  database: {
    type: 'string',
    description: `postgres://USER@HOST/DB[?workspace=NAME] in the place of the workspace's own files; also ${DATABASE_VARIABLE}`,
  },
}

/** Verbs that work on a workspace take the option; one that names it among its own does as it likes with it. */
export const takesDatabase = (args: ArgsDef): boolean => 'workspace' in args && !('database' in args)

/**
 * Takes `--database URL` out of a command line. It is set in the environment, where the store looks for it, also in the
 * processes that this one starts.
 * @returns the rest, or what is wrong with the address.
 */
export function takeDatabase(rawArgs: readonly string[]): { rest: string[] } | { wrong: string } {
  const at = rawArgs.findIndex(raw => raw === '--database' || raw.startsWith('--database='))
  const end = rawArgs.indexOf('--')
  if (at < 0 || (end >= 0 && end < at)) return { rest: [...rawArgs] }
  const joined = rawArgs[at]!.startsWith('--database=')
  const given = joined ? rawArgs[at]!.slice('--database='.length) : (rawArgs[at + 1] ?? '')
  try {
    databaseAddress(given)
  } catch (error) {
    return { wrong: messageOf(error) }
  }
  process.env[DATABASE_VARIABLE] = given
  return { rest: rawArgs.toSpliced(at, joined ? 1 : 2) }
}
