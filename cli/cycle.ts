import { resolve } from 'node:path'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { CycleMaker } from '../trainer/cycle/run-cycle.ts'
import { asCommandLine, QUEUE_ARGS, runByWorkers } from './queue-job.ts'
import { didShards, SHARD_ARGS } from './shard-arguments.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'
import { TRAINING_ARGS, trainingOptions } from './training-arguments.ts'
import { sayTrained } from './training-summary.ts'

type Args = Readonly<Record<string, unknown>>

export default defineCommand({
  meta: {
    name: 'cycle',
    description: 'Train, predict and rank; seal the outcome as a cycle of the workspace',
  },
  args: { ...TRAINING_ARGS, ...QUEUE_ARGS, ...SHARD_ARGS },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const options = await trainingOptions(args)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const workspace = await openWorkspace(args.workspace)
      if (args.queue) return await byWorkers(workspace, args, terminal)
      if (await didShards(workspace, { cycle: options }, args, terminal)) return true
      const { runCycle } = await import('../trainer/cycle/run-cycle.ts')
      const { id, record, metrics, queue, pool, stopSignals } = await runCycle(workspace, options, {
        ...(await asJob(workspace)),
        signal: terminal.signal,
        onProgress: terminal.progress,
      })
      if (!terminal.json) {
        sayTrained(terminal, { ...record, metrics })
        terminal.print(`queue: ${pool} cases of the pool in order; first: ${queue[0]?.why ?? 'none left'}`)
        for (const { sentence } of stopSignals) terminal.print(`stop signal: ${sentence}`)
        terminal.print(`cycle ${id} is sealed: ${workspace.paths.cycle(id)}/report.html`)
      }
      const { flag, lesions, warnings, shortcut } = metrics
      terminal.result({
        cycle: id,
        ...record,
        metrics: { flag, lesions, warnings, shortcut },
        queue,
        pool,
        stopSignals,
      })
      return true
    })
  },
})

/** For which job the cycle is made, where a server or a worker started this run: one, however often it does. */
async function asJob(workspace: Workspace): Promise<CycleMaker> {
  const { LESIONLOOP_JOB: job, LESIONLOOP_PIECE: piece } = process.env
  if (job === undefined) return {}
  if (piece === undefined) return { job }
  const { behindFence } = await import('../data/jobs/queue/fence.ts')
  return { job, fence: work => behindFence(workspace, piece, work) }
}

/** @throws LesionloopError `usage`, `no-queue`, what the job failed of. */
async function byWorkers(workspace: Workspace, args: Args, terminal: Terminal): Promise<boolean> {
  if (args['config'] !== undefined)
    throw new LesionloopError(
      'usage',
      'cycle: --config with --queue: the file may not be where the workers are; give its options on the command line',
    )
  const init = args['init']
  const given =
    typeof init === 'string' && init.endsWith('.safetensors') ? { ...args, init: resolve(init) } : args
  const names = [...Object.keys(TRAINING_ARGS), 'shards'].filter(name => !NOT_OF_JOBS.has(name))
  const job = await runByWorkers(workspace, 'cycle', ['cycle', ...asCommandLine(names, given)], {
    detach: args['detach'] === true,
    terminal,
  })
  if (!job) return true
  const { cycle } = job.result as { cycle: string }
  terminal.result(job.result)
  if (!terminal.json) terminal.print(`cycle ${cycle} is sealed: ${workspace.paths.cycle(cycle)}/report.html`)
  return true
}

const NOT_OF_JOBS = new Set(['workspace', 'config', 'json'])
