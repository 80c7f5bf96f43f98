import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'diagnose',
    description: 'What the promoted or newest model says of a picture (research use only)',
  },
  args: {
    image: {
      type: 'positional',
      required: true,
      description: 'a picture of one CT slice (PNG, JPEG, WebP, TIFF)',
    },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    init: { type: 'string', description: "the backbone's weights, where they lie elsewhere now" },
    backend: { type: 'string', default: 'auto', description: 'auto, gpu, native, wasm or cpu' },
    json: { type: 'boolean', description: 'print the answer as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { LESION_NAMES } = await import('../data/records/vocabulary.ts')
      const { diagnose, NOT_A_DIAGNOSIS } = await import('../trainer/diagnose/diagnose.ts')
      const workspace = await openWorkspace(args.workspace)
      const opinion = await diagnose(workspace, args.image, {
        backend: args.backend,
        ...(args.init === undefined ? {} : { init: args.init }),
        signal: terminal.signal,
        onProgress: terminal.progress,
      })
      if (!terminal.json) {
        terminal.print(`${opinion.image}, by cycle ${opinion.cycle}: ${NOT_A_DIAGNOSIS}`)
        for (const { head, probability, threshold, learned, auc } of opinion.heads) {
          const name = head === 'flag' ? 'COVID flag' : `${head}, ${LESION_NAMES[head]}`
          const call = threshold === null ? '' : probability >= threshold ? 'above' : 'below'
          const worth = auc?.value == null ? 'test AUC n/a' : `test AUC ${auc.value.toFixed(2)}`
          const how = learned
            ? `${call && `${call} its operating point, `}${worth}`
            : 'not learned yet: a base rate'
          terminal.print(`  ${name.padEnd(42)} ${probability.toFixed(2)}  ${how}`)
        }
      }
      terminal.result(opinion)
      return true
    })
  },
})
