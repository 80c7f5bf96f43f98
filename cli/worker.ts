import { hostname } from 'node:os'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { WORK_KINDS, type WorkKind } from '../data/jobs/queue/work.ts'
import { databaseOf } from '../data/stores/database-address.ts'
import { limitsOf, POOL_ARGS } from './pool-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'worker',
    description: 'Take the jobs of a workspace whose labels are in a database, on this or any other machine',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    kinds: {
      type: 'string',
      description: `what it does, comma-separated: ${WORK_KINDS.join(', ')} (default: all)`,
    },
    gpu: {
      type: 'boolean',
      description: 'this machine trains on a GPU (default: looked for)',
      negativeDescription: 'take no work that wants a GPU',
    },
    ...POOL_ARGS,
    quiet: { type: 'boolean', description: 'say nothing of each piece of work' },
  },
  run: ({ args }) => {
    const terminal = openTerminal()
    return runVerb(terminal, async () => {
      const kinds = args.kinds === undefined ? WORK_KINDS : kindsOf(args.kinds)
      const limits = limitsOf('worker', args)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const workspace = await openWorkspace(args.workspace)
      const address = databaseOf(workspace)
      if (!address)
        throw new LesionloopError(
          'no-queue',
          'worker: this workspace has no database: its jobs run in `lesionloop serve`; give --database, or move it with `lesionloop migrate`',
        )
      const gpu = await isGpuHere(args.gpu, kinds)
      const { openStore } = await import('../data/stores/open.ts')
      const { openWorker } = await import('../data/jobs/queue/worker.ts')
      const { poolLimits } = await import('../data/pool/limits.ts')
      const { workHandlers } = await import('./work-handlers.ts')
      const store = await openStore(workspace, { write: ['documents', 'cases'] })
      const { handlers, close } = workHandlers(workspace, store, limits)
      try {
        const { workers } = poolLimits(limits)
        const worker = await openWorker(workspace, {
          address,
          kinds,
          gpu: gpu.gpu,
          // One more than are read at a time: while one is written the next is read.
          slots: { mine: workers + 1 },
          handlers,
          ...(args.quiet ? {} : { say: terminal.say }),
        })
        if (!args.quiet) {
          terminal.say(`worker on ${hostname()} for ${address.shown}: ${kinds.join(', ')}; ${gpu.words}`)
          terminal.say('Ctrl-C stops it: what it holds is given to the others')
        }
        await stopped(terminal.signal)
        if (!args.quiet) terminal.say('stopping: what it holds is given back')
        await worker.close()
      } finally {
        close()
        await store.close()
      }
      return true
    })
  },
})

/** Ctrl-C, SIGTERM, or the server that started it is gone. */
function stopped(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    process.once('disconnect', resolve)
  })
}

async function isGpuHere(
  said: boolean | undefined,
  kinds: readonly WorkKind[],
): Promise<{ gpu: boolean; words: string }> {
  if (said !== undefined) return { gpu: said, words: said ? 'takes work for a GPU' : 'no GPU' }
  if (!kinds.includes('train') && !kinds.includes('predict'))
    return { gpu: false, words: 'no GPU looked for' }
  const { gpuHere } = await import('../trainer/backend/gpu-here.ts')
  return gpuHere()
}

function kindsOf(list: string): WorkKind[] {
  return list.split(',').map(name => {
    const kind = WORK_KINDS.find(known => known === name.trim())
    if (kind) return kind
    throw new LesionloopError('usage', `worker: --kinds ${name}: expected some of ${WORK_KINDS.join(', ')}`)
  })
}
