import { relative, resolve } from 'node:path'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { ModelAsked } from '../trainer/cycle/scoring-model.ts'
import { asCommandLine, QUEUE_ARGS, runByWorkers } from './queue-job.ts'
import { didShards, isOfShards, SHARD_ARGS } from './shard-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'predict', description: 'Score every case by a trained model, a line of JSON each' },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    out: { type: 'string', description: 'file for the predictions (JSONL)' },
    model: {
      type: 'string',
      description: 'checkpoint.safetensors or the number of a cycle; by default the promoted or newest cycle',
    },
    init: { type: 'string', description: "the backbone's weights, where they lie elsewhere now" },
    backend: { type: 'string', description: 'auto (default), gpu, native, wasm or cpu' },
    ...QUEUE_ARGS,
    ...SHARD_ARGS,
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const out = args.out ?? ''
      const leaves = args.queue === true && args.detach === true
      if (out === '' && !isOfShards(args) && !leaves)
        throw new LesionloopError('usage', 'predict: --out: a file for the predictions was expected')
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { writeFileAtomically } = await import('../data/workspace/files.ts')
      const workspace = await openWorkspace(args.workspace)
      const { model: named, init, backend } = args
      const asked: ModelAsked = {
        ...(named === undefined ? {} : { model: named }),
        ...(init === undefined ? {} : { init: init.endsWith('.safetensors') ? resolve(init) : init }),
        ...(backend === undefined ? {} : { backend }),
      }
      if (await didShards(workspace, { model: asked }, args, terminal)) return true
      if (args.queue) {
        asked.model = await seenByWorkers(workspace, asked)
        const line = asCommandLine(['model', 'init', 'backend', 'shards'], { ...args, ...asked })
        const job = await runByWorkers(workspace, 'predict', ['predict', ...line], {
          detach: args.detach,
          terminal,
        })
        if (!job) return true
      }
      const { predictWorkspace } = await import('../trainer/cycle/score-workspace.ts')
      const { model, predictions } = await predictWorkspace(workspace, {
        ...asked,
        signal: terminal.signal,
        onProgress: terminal.progress,
      })
      const lines = predictions.map(row => `${JSON.stringify(row)}\n`).join('')
      await writeFileAtomically(workspace.files, out, lines)
      if (!terminal.json) terminal.print(`${predictions.length} cases scored by ${model}: ${out}`)
      terminal.result({ out, model, cases: predictions.length })
      return true
    })
  },
})

/**
 * The model under a name that means the same on every machine: a cycle's number, else the whole path. It is settled
 * here, since another cycle may be promoted before the last worker looks.
 */
async function seenByWorkers(workspace: Workspace, { model }: ModelAsked): Promise<string> {
  if (model === undefined) {
    const { speakingCycle } = await import('../trainer/cycle/newest.ts')
    return (await speakingCycle(workspace)).id
  }
  if (/^\d+$/.test(model)) return model
  const path = resolve(model)
  const [, cycle] = /^(\d+)[\\/]checkpoint\.safetensors$/.exec(relative(workspace.paths.cycles, path)) ?? []
  return cycle ?? path
}
