import { userInfo } from 'node:os'
import type { Job } from '../../data/records/job.ts'
import type { Account } from '../../data/records/people.ts'
import { databaseOf } from '../../data/stores/database-address.ts'
import { openStore } from '../../data/stores/open.ts'
import { readJsonIfThere } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'

/** Who started this run: the person whose job it is, else the user of this machine. */
export async function whoRuns(
  workspace: Workspace,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const job = environment['LESIONLOOP_JOB']
  const name = job ? await nameBehind(workspace, job) : undefined
  if (name) return name
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

/** The name of the person whose job it is; their id where there is no account of it. */
async function nameBehind(workspace: Workspace, job: string): Promise<string | undefined> {
  if (databaseOf(workspace)) {
    const store = await openStore(workspace)
    try {
      const by = (await store.jobs.get(job))?.by
      return by && ((await store.accounts.get(by))?.name ?? by)
    } finally {
      await store.close()
    }
  }
  // The file store would read every case for two names.
  const { paths } = workspace
  const by = (await readJsonIfThere<Job>(paths.jobFile(job)))?.by
  if (!by) return undefined
  const people = await readJsonIfThere<{ accounts?: Account[] }>(paths.accounts)
  return people?.accounts?.find(person => person.id === by)?.name ?? by
}
