import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { didShards, isOfShards, SHARD_ARGS } from './shard-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'predict', description: 'Score every case by a trained model, a line of JSON each' },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    out: { type: 'string', description: 'file for the predictions (JSONL)' },
    model: {
      type: 'string',
      description: 'checkpoint.safetensors; by default of the promoted or newest cycle',
    },
    init: { type: 'string', description: "the backbone's weights, where they lie elsewhere now" },
    backend: { type: 'string', default: 'auto', description: 'auto, gpu, native, wasm or cpu' },
    ...SHARD_ARGS,
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const out = args.out ?? ''
      if (out === '' && !isOfShards(args))
        throw new LesionloopError('usage', 'predict: --out: a file for the predictions was expected')
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { writeFileAtomically } = await import('../data/workspace/files.ts')
      const { predictWorkspace } = await import('../trainer/cycle/score-workspace.ts')
      const workspace = await openWorkspace(args.workspace)
      const asked = {
        backend: args.backend,
        ...(args.model === undefined ? {} : { model: args.model }),
        ...(args.init === undefined ? {} : { init: args.init }),
      }
      if (await didShards(workspace, { model: asked }, args, terminal)) return true
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
