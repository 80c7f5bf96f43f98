import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { JobRunner } from '../data/jobs/runner.ts'
import { isUnderWay, type Job } from '../data/records/job.ts'
import type { Store } from '../data/stores/store.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

const workspaceArg = {
  workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
  json: { type: 'boolean', description: 'print the result as JSON' },
} as const
const idArg = { id: { type: 'positional', required: true, description: 'the job' } } as const

interface Place {
  workspace: Workspace
  store: Store
  terminal: Terminal
  hasQueue: boolean
}

/** Opens what a subcommand needs, and closes it again. */
function at(
  args: { workspace: string; json?: boolean | undefined },
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const terminal = openTerminal({ json: args.json ?? false })
  return runVerb(terminal, async () => {
    const { openWorkspace } = await import('../data/workspace/open.ts')
    const { openStore } = await import('../data/stores/open.ts')
    const { databaseOf } = await import('../data/stores/database-address.ts')
    const workspace = await openWorkspace(args.workspace)
    const store = await openStore(workspace)
    try {
      await work({ workspace, store, terminal, hasQueue: databaseOf(workspace) !== undefined })
    } finally {
      await store.close()
    }
    return true
  })
}

async function withRunner(
  { workspace, store }: Place,
  work: (runner: JobRunner) => Promise<void>,
): Promise<void> {
  const { openJobs } = await import('../data/jobs/open.ts')
  const runner = await openJobs(workspace, { store })
  try {
    await work(runner)
  } finally {
    await runner.close()
  }
}

async function known(store: Store, id: string): Promise<Job> {
  const job = await store.jobs.get(id)
  if (job) return job
  throw new LesionloopError(
    'job-unknown',
    `job: ${id.slice(0, 60)}: no such job; see \`lesionloop jobs list\``,
  )
}

const progressOf = ({ progress, state }: Job) =>
  !progress || !isUnderWay({ state })
    ? ''
    : `${progress.step}${progress.total ? ` ${progress.done} of ${progress.total}` : ''}`

const line = (job: Job) =>
  [
    job.id,
    job.state.padEnd(11),
    job.args.join(' ').slice(0, 60),
    progressOf(job) || job.error?.message || '',
  ].join('  ')

const list = defineCommand({
  meta: { name: 'list', description: 'Jobs, the newest first' },
  args: workspaceArg,
  run: ({ args }) =>
    at(args, async ({ store, terminal }) => {
      const jobs = await store.jobs.list()
      terminal.result(jobs.map(job => ({ ...job, points: [] })))
      if (terminal.json) return
      for (const job of jobs.slice(0, 50)) terminal.print(line(job))
      if (jobs.length === 0) terminal.print('no jobs')
    }),
})

const show = defineCommand({
  meta: { name: 'show', description: 'One job: how far it is, its problems, its result' },
  args: { ...idArg, ...workspaceArg },
  run: ({ args }) =>
    at(args, async ({ store, terminal, workspace }) => {
      const job = await known(store, args.id)
      terminal.result(job)
      if (terminal.json) return
      terminal.print(line(job))
      terminal.print(`by ${job.by}, since ${job.startedAt}${job.endedAt ? `, ended ${job.endedAt}` : ''}`)
      if (job.host) terminal.print(`worked on by ${job.host}`)
      if (job.error) terminal.print(`failed: ${job.error.message}`)
      for (const problem of job.problems) terminal.print(problem.message)
      const log = workspace.paths.jobLog(job.id)
      if (existsSync(log)) terminal.print(`log: ${log}`)
    }),
})

const cancel = defineCommand({
  meta: { name: 'cancel', description: 'Ask a job to stop at its next safe point' },
  args: { ...idArg, ...workspaceArg },
  run: ({ args }) =>
    at(args, async place => {
      const { store, terminal, hasQueue } = place
      const job = await known(store, args.id)
      // In a folder the server's own runner ends it when its process stops.
      if (!hasQueue && isUnderWay(job) && job.pid !== undefined) process.kill(job.pid, 'SIGTERM')
      else if (hasQueue) await withRunner(place, async runner => void (await runner.cancel(job.id)))
      const after = await known(store, job.id)
      terminal.result({ job: after.id, state: after.state })
      if (!terminal.json)
        terminal.print(isUnderWay(after) ? `${after.id}: asked to stop` : `${after.id}: ${after.state}`)
    }),
})

const resume = defineCommand({
  meta: { name: 'resume', description: 'Take a stopped job up again where it was, and show how it goes' },
  args: {
    ...idArg,
    ...workspaceArg,
    detach: { type: 'boolean', description: 'over a database: do not wait for the end' },
  },
  run: ({ args }) =>
    at(args, async place => {
      const { terminal, workspace, hasQueue } = place
      const { acquireLock } = await import('../data/workspace/locks.ts')
      // In a folder this process runs it, in the place of a server.
      const lock = hasQueue ? undefined : await acquireLock(workspace, 'jobs')
      try {
        await withRunner(place, async runner => {
          await runner.resume(args.id)
          const { followJob } = await import('./follow-job.ts')
          const job = args.detach && hasQueue ? undefined : await followJob(runner, args.id, terminal)
          terminal.result(job?.result ?? { job: args.id })
          if (!terminal.json) terminal.print(`${args.id}: ${job?.state ?? 'put in'}`)
        })
      } finally {
        await lock?.release()
      }
    }),
})

const workers = defineCommand({
  meta: { name: 'workers', description: 'Who works on the jobs of a workspace in a database' },
  args: workspaceArg,
  run: ({ args }) =>
    at(args, async ({ workspace, terminal }) => {
      const { databaseOf } = await import('../data/stores/database-address.ts')
      const address = databaseOf(workspace)
      if (!address)
        throw new LesionloopError(
          'no-queue',
          'jobs: without a database `lesionloop serve` works on them itself',
        )
      const { openBooks } = await import('../data/jobs/queue/open-books.ts')
      const { listWorkers } = await import('../data/jobs/queue/workers.ts')
      const books = await openBooks(address, { maintain: false })
      try {
        const all = await listWorkers(books)
        terminal.result(all)
        if (terminal.json) return
        for (const { host, pid, kinds, gpu, silent, doing } of all)
          terminal.print(
            `${host} ${pid}  ${kinds.join(',')}${gpu ? ' (GPU)' : ''}  heard of ${Math.round(silent)} s ago  ${doing.join(', ') || 'idle'}`,
          )
        if (all.length === 0) terminal.print('no worker is running; start one with `lesionloop worker`')
      } finally {
        await books.close()
      }
    }),
})

export default defineCommand({
  meta: {
    name: 'jobs',
    description: 'Long work of a workspace: list, show, cancel, resume; who works on it',
  },
  subCommands: { list, show, cancel, resume, workers },
})
