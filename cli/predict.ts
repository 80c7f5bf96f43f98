import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'predict', description: 'Score every case by a trained model, a line of JSON each' },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    out: { type: 'string', required: true, description: 'file for the predictions (JSONL)' },
    model: {
      type: 'string',
      description: 'checkpoint.safetensors; by default of the promoted or newest cycle',
    },
    init: { type: 'string', description: "the backbone's weights, where they lie elsewhere now" },
    backend: { type: 'string', default: 'auto', description: 'auto, gpu, native, wasm or cpu' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { writeFileAtomically } = await import('../data/workspace/files.ts')
      const { predictWorkspace } = await import('../trainer/cycle/score-workspace.ts')
      const workspace = await openWorkspace(args.workspace)
      const { model, predictions } = await predictWorkspace(workspace, {
        backend: args.backend,
        ...(args.model === undefined ? {} : { model: args.model }),
        ...(args.init === undefined ? {} : { init: args.init }),
        signal: terminal.signal,
        onProgress: terminal.progress,
      })
      const lines = predictions.map(row => `${JSON.stringify(row)}\n`).join('')
      await writeFileAtomically(workspace.files, args.out, lines)
      if (!terminal.json) terminal.print(`${predictions.length} cases scored by ${model}: ${args.out}`)
      terminal.result({ out: args.out, model, cases: predictions.length })
      return true
    })
  },
})
