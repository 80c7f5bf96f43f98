import { userInfo } from 'node:os'
import { LesionloopError } from '../data/errors.ts'
import { openJobs } from '../data/jobs/open.ts'
import { databaseOf } from '../data/stores/database-address.ts'
import { openStore } from '../data/stores/open.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { followJob } from './follow-job.ts'
import type { Mined } from './mine.ts'
import { seenByWorkers } from './shared-inputs.ts'
import type { Terminal } from './terminal.ts'

interface Given {
  kinds: string
  again?: boolean | undefined
  duplicates?: boolean | undefined
  detach?: boolean | undefined
}

/**
 * Puts in a job that mines documents and follows it to its end.
 * @returns undefined where it goes on without us.
 * @throws LesionloopError `no-queue` where there is no database.
 */
export async function mineByWorkers(
  workspace: Workspace,
  paths: readonly string[],
  { kinds, again, duplicates, detach }: Given,
  terminal: Terminal,
): Promise<Mined | undefined> {
  if (!databaseOf(workspace))
    throw new LesionloopError(
      'no-queue',
      'mine: --queue: this workspace has no database whose workers could do it; leave --queue out, or give --database',
    )
  const args = [
    'mine',
    ...(await seenByWorkers(workspace, paths)),
    '--kinds',
    kinds,
    ...(again ? ['--again'] : []),
    ...(duplicates === false ? ['--no-duplicates'] : []),
  ]
  const store = await openStore(workspace)
  const runner = await openJobs(workspace, { store })
  try {
    const { id } = await runner.start('mine', args, userInfo().username)
    terminal.say(`job ${id}: put in`)
    const job = detach ? undefined : await followJob(runner, id, terminal)
    if (job) {
      terminal.result(job.result)
      return job.result as Mined
    }
    if (detach) terminal.result({ job: id })
    terminal.say(
      `it goes on without this: \`lesionloop jobs show ${id}\` tells how, \`jobs cancel ${id}\` stops it`,
    )
    return undefined
  } finally {
    await runner.close()
    await store.close()
  }
}
