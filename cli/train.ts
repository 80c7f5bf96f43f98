import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'
import { TRAINING_ARGS, trainingOptions } from './training-arguments.ts'
import { sayTrained } from './training-summary.ts'

export default defineCommand({
  meta: {
    name: 'train',
    description:
      'Train the heads, or with --fit finetune the whole network, and measure them; the outcome goes to --out, the workspace keeps its cycles',
  },
  args: {
    ...TRAINING_ARGS,
    out: {
      type: 'string',
      required: true,
      description: 'folder for checkpoint.safetensors and metrics.json',
    },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const options = await trainingOptions(args)
      const { join } = await import('node:path')
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { writeFileAtomically, writeJson } = await import('../data/workspace/files.ts')
      const { train } = await import('../trainer/cycle/train.ts')
      const workspace = await openWorkspace(args.workspace)
      const trained = await train(workspace, options, {
        signal: terminal.signal,
        onProgress: terminal.progress,
        // The state of a fine-tuning: the same command goes on from it.
        folder: join(args.out, 'run'),
      })
      await writeFileAtomically(workspace.files, join(args.out, 'checkpoint.safetensors'), trained.checkpoint)
      await writeJson(workspace.files, join(args.out, 'metrics.json'), trained.metrics)
      if (!terminal.json) {
        sayTrained(terminal, trained)
        for (const { sentence } of trained.stopSignals) terminal.print(`stop signal: ${sentence}`)
        terminal.print(`written: ${join(args.out, 'checkpoint.safetensors')}`)
      }
      const { flag, lesions, warnings } = trained.metrics
      terminal.result({ out: args.out, backend: trained.backend, metrics: { flag, lesions, warnings } })
      return true
    })
  },
})
