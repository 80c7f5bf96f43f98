import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { packagePath } from '../data/workspace/package-root.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

/** The corpus is ours and small; the seed makes everybody's first cycle the same. */
const SEED = 1

export default defineCommand({
  meta: {
    name: 'demo',
    description:
      'Fill a workspace with the demo corpus and a first cycle; done once, goes on where it was stopped',
  },
  args: {
    workspace: {
      type: 'string',
      default: './workspace',
      description: 'folder of the workspace; made where it is missing',
    },
    backend: { type: 'string', default: 'auto', description: 'auto, gpu, native, wasm or cpu' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace, changeSettings } = await import('../data/workspace/open.ts')
      const { newestSealed } = await import('../data/stores/queue.ts')
      const known = await openWorkspace(args.workspace).catch(error => {
        if (error instanceof LesionloopError && error.code === 'workspace-missing') return undefined
        throw error
      })
      const workspace = known ?? (await openWorkspace(args.workspace, { create: true }))
      if (!known) await changeSettings(workspace, { demo: 'begun' })
      const state = workspace.settings.demo
      if (state === undefined)
        terminal.say(`workspace: ${workspace.dir}: in use already; the demo is not added to it`)
      if (state === 'begun') {
        await fill(workspace, args.backend, terminal, newestSealed(workspace) === null)
        await changeSettings(workspace, { demo: 'done' })
      }
      terminal.result({
        workspace: workspace.dir,
        demo: state === undefined ? 'not added' : 'done',
        cycle: newestSealed(workspace),
      })
      if (state === 'begun') terminal.say('demo: ready')
      return true
    })
  },
})

/** Mines the corpus (what is mined already is passed over) and seals the first cycle where there is none. */
async function fill(
  workspace: Workspace,
  backend: string,
  terminal: Terminal,
  needsCycle: boolean,
): Promise<void> {
  const { mineInto } = await import('./mine.ts')
  const mined = await mineInto(workspace, [packagePath('data', 'demo', 'corpus')], {}, terminal)
  terminal.say(`mined ${mined.mined + mined.unchanged} documents of the demo corpus`)
  if (!needsCycle) return
  const [{ runCycle }, { readCycleOptions }] = await Promise.all([
    import('../trainer/cycle/run-cycle.ts'),
    import('../trainer/cycle/options.ts'),
  ])
  // No audit in the first queue: whoever comes new should see what text and model say.
  const options = readCycleOptions({
    ...{ backbone: 'starter', backend, seed: SEED },
    ...{ unmentioned: 'absent', auditShare: 0 },
  })
  const { id, record, pool } = await runCycle(workspace, options, {
    by: 'demo',
    signal: terminal.signal,
    onProgress: terminal.progress,
  })
  terminal.say(`cycle ${id} sealed (${record.backend.reason}); ${pool} cases ranked for review`)
}
