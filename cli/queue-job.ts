import { userInfo } from 'node:os'
import { LesionloopError } from '../data/errors.ts'
import { openJobs } from '../data/jobs/open.ts'
import type { Job, JobKind } from '../data/records/job.ts'
import { databaseOf } from '../data/stores/database-address.ts'
import { openStore } from '../data/stores/open.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { followJob } from './follow-job.ts'
import type { Terminal } from './terminal.ts'

/** Arguments of verbs that workers can do, said once. */
export const QUEUE_ARGS = {
  queue: { type: 'boolean', description: 'let the workers of the database do it, and follow them' },
  detach: { type: 'boolean', description: 'with --queue: put it in and leave' },
} as const

/**
 * Lets workers run a verb, and follows it to its end unless it is detached.
 * @returns the job as it ended; undefined where it goes on without us.
 * @throws LesionloopError `no-queue` where there is no database; what the job failed of.
 */
export async function runByWorkers(
  workspace: Workspace,
  kind: JobKind,
  args: readonly string[],
  { detach = false, terminal }: { detach?: boolean | undefined; terminal: Terminal },
): Promise<Job | undefined> {
  if (!databaseOf(workspace))
    throw new LesionloopError(
      'no-queue',
      `${args[0]}: --queue: this workspace has no database whose workers could do it; leave --queue out, or give --database`,
    )
  const store = await openStore(workspace)
  try {
    const runner = await openJobs(workspace, { store })
    try {
      const { id } = await runner.start(kind, args, userInfo().username)
      terminal.say(`job ${id}: put in`)
      const job = detach ? undefined : await followJob(runner, id, terminal)
      if (job) return job
      if (detach) terminal.result({ job: id })
      terminal.say(
        `it goes on without this: \`lesionloop jobs show ${id}\` tells how, \`jobs cancel ${id}\` stops it`,
      )
      return undefined
    } finally {
      await runner.close()
    }
  } finally {
    await store.close()
  }
}

/** Given arguments of a verb as a command line: `--name=value`, `--name`, `--no-name`. */
export function asCommandLine(names: readonly string[], args: Readonly<Record<string, unknown>>): string[] {
  return names.flatMap(name => {
    const value = args[name]
    if (typeof value === 'boolean') return [value ? `--${name}` : `--no-${name}`]
    return typeof value === 'string' ? [`--${name}=${value}`] : []
  })
}
