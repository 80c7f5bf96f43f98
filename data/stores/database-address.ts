import { LesionloopError } from '../errors.ts'
import type { Workspace } from '../workspace/open.ts'

/** Where a workspace's database is, as the `pg` driver takes it, and which of the workspaces in it is meant. */
export interface DatabaseAddress {
  /** For the driver; may hold a password: never shown. */
  url: string
  /** Which workspace of the database: `?workspace=NAME` of the address, else `default`. */
  workspace: string
  /** For people: without the password. */
  shown: string
}

/** Name of the environment variable that sets the address. */
export const DATABASE_VARIABLE = 'LESIONLOOP_DATABASE'

/**
 * Reads `postgres://USER@HOST:PORT/DATABASE?workspace=NAME`; further parameters (sslmode, host of a socket) go to the
 * driver. A password may stand in it, in PGPASSWORD or in ~/.pgpass.
 * @throws LesionloopError `database-address`.
 */
export function databaseAddress(given: string): DatabaseAddress {
  let url: URL
  try {
    url = new URL(given)
  } catch {
    throw refused('not an address')
  }
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw refused(`${url.protocol.slice(0, -1)} is not postgres`)
  if (url.pathname.length < 2) throw refused('no database is named')
  const workspace = url.searchParams.get('workspace') ?? 'default'
  url.searchParams.delete('workspace')
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u.test(workspace))
    throw refused('expected a workspace name of letters, digits, . _ - after ?workspace=')
  const shown = new URL(url)
  shown.password = ''
  shown.searchParams.delete('password')
  if (workspace !== 'default') shown.searchParams.set('workspace', workspace)
  return { url: url.href, workspace, shown: shown.href }
}

/** What was given is not repeated: it may hold a password. */
const refused = (why: string) =>
  new LesionloopError(
    'database-address',
    `database: ${why}: expected postgres://USER@HOST/DATABASE, and ?workspace=NAME where it holds several`,
  )

/** The address that is set, the nearest first: given, in the environment, in the workspace's settings. */
export function databaseOf(
  workspace: Pick<Workspace, 'settings'>,
  given?: string,
): DatabaseAddress | undefined {
  const address = given || process.env[DATABASE_VARIABLE] || workspace.settings.database
  return address ? databaseAddress(address) : undefined
}
