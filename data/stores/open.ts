import type { Area } from '../workspace/locks.ts'
import type { Workspace } from '../workspace/open.ts'
import { databaseOf } from './database-address.ts'
import { openFileStore } from './file-store.ts'
import type { Store } from './store.ts'

export interface OpenStoreOptions {
  /**
   * Areas that will be written; their locks are held until `close`. Acts need `labels`, `cases.put` needs `cases`;
   * accounts take their lock for a moment where it isn't held; jobs need none.
   */
  write?: readonly Area[]
  /** Gets a line for each thing found wrong in the files (a torn line, damage, an unfinished document). */
  onProblem?: (problem: { item: string; code: string; message: string }) => void
  now?: () => Date
  /** How long after the last act the snapshot is written, in milliseconds. */
  snapshotAfter?: number
  /** The database's address; where nothing is said, what the environment or the workspace's settings name. */
  database?: string
}

/**
 * Opens the store of a workspace: in its own files, or on PostgreSQL where an address is set (database-address.ts).
 * Over a database areas have no locks: `write` only says what may be written.
 * @throws LesionloopError `lock-held` where another process writes one of the areas; `database-…`.
 */
export async function openStore(workspace: Workspace, options: OpenStoreOptions = {}): Promise<Store> {
  const address = databaseOf(workspace, options.database)
  if (!address) return openFileStore(workspace, options)
  // The driver is loaded only where there is a database.
  const { openPostgresStore } = await import('./postgres/open.ts')
  return openPostgresStore(workspace, address, options)
}
