import { databaseOf } from '../stores/database-address.ts'
import type { Store } from '../stores/store.ts'
import type { Workspace } from '../workspace/open.ts'
import type { Program } from './child.ts'
import { type JobRunner, openJobRunner } from './runner.ts'

/**
 * Opens the jobs of a workspace: run by this process, or, where there is a database, taken by workers (`lesionloop
 * worker`). In its own files it needs the `jobs` lock.
 */
export async function openJobs(
  workspace: Workspace,
  { store, program }: { store: Pick<Store, 'jobs'>; program?: Program },
): Promise<JobRunner> {
  const given = { store: store.jobs, ...(program ? { program } : {}) }
  if (!databaseOf(workspace)) return openJobRunner(workspace, given)
  // pg-boss is loaded only where there is a database.
  const { openQueueRunner } = await import('./queue/runner.ts')
  return openQueueRunner(workspace, given)
}
