import { defineCommand } from 'citty'
import type { Workspace } from '../data/workspace/open.ts'
import type { CycleMaker } from '../trainer/cycle/run-cycle.ts'
import { didShards, SHARD_ARGS } from './shard-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'
import { TRAINING_ARGS, trainingOptions } from './training-arguments.ts'
import { sayTrained } from './training-summary.ts'

export default defineCommand({
  meta: {
    name: 'cycle',
    description: 'Train, predict and rank; seal the outcome as a cycle of the workspace',
  },
  args: { ...TRAINING_ARGS, ...SHARD_ARGS },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const options = await trainingOptions(args)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { runCycle } = await import('../trainer/cycle/run-cycle.ts')
      const workspace = await openWorkspace(args.workspace)
      if (await didShards(workspace, { cycle: options }, args, terminal)) return true
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

/** For which job the cycle is made, where a server or a worker started this run: once, however often it does. */
async function asJob(workspace: Workspace): Promise<CycleMaker> {
  const { LESIONLOOP_JOB: job, LESIONLOOP_PIECE: piece } = process.env
  if (job === undefined) return {}
  if (piece === undefined) return { job }
  const { behindFence } = await import('../data/jobs/queue/fence.ts')
  return { job, fence: work => behindFence(workspace, piece, work) }
}
