import type { Workspace } from '../data/workspace/open.ts'
import type { Mined } from './mine.ts'
import { runByWorkers } from './queue-job.ts'
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
  const args = [
    'mine',
    ...(await seenByWorkers(workspace, paths)),
    '--kinds',
    kinds,
    ...(again ? ['--again'] : []),
    ...(duplicates === false ? ['--no-duplicates'] : []),
  ]
  const job = await runByWorkers(workspace, 'mine', args, { detach, terminal })
  if (!job) return undefined
  terminal.result(job.result)
  return job.result as Mined
}
