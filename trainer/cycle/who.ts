import { userInfo } from 'node:os'
import type { Job } from '../../data/records/job.ts'
import type { Account } from '../../data/records/people.ts'
import { readJsonIfThere } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'

/** Who started this run: the person whose job it is, else the user of this machine. */
export async function whoRuns(
  { paths }: Workspace,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const job = environment['LESIONLOOP_JOB']
  if (job) {
    const by = (await readJsonIfThere<Job>(paths.jobFile(job)))?.by
    if (by) {
      const people = await readJsonIfThere<{ accounts?: Account[] }>(paths.accounts)
      return people?.accounts?.find(person => person.id === by)?.name ?? by
    }
  }
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
