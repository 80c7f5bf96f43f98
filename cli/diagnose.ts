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
      description: 'a picture of one CT slice (PNG, JPEG, WebP, TIFF, DICOM)',
    },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    init: { type: 'string', description: "the backbone's weights, where they lie elsewhere now" },
    maps: { type: 'string', description: 'folder to write the picture under its heat maps to' },
    backend: { type: 'string', default: 'auto', description: 'auto, gpu, native, wasm or cpu' },
    json: { type: 'boolean', description: 'print the answer as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { LESION_NAMES } = await import('../data/records/vocabulary.ts')
      const { diagnose } = await import('../trainer/diagnose/diagnose.ts')
      const { NOT_A_DIAGNOSIS } = await import('../trainer/diagnose/opinion.ts')
      const workspace = await openWorkspace(args.workspace)
      const opinion = await diagnose(workspace, args.image, {
        backend: args.backend,
        ...(args.init === undefined ? {} : { init: args.init }),
        ...(args.maps === undefined ? {} : { maps: args.maps }),
        signal: terminal.signal,
        onProgress: terminal.progress,
      })
      if (!terminal.json) {
        terminal.print(`${opinion.image}, by cycle ${opinion.cycle}: ${NOT_A_DIAGNOSIS}`)
        for (const doubt of opinion.doubts) terminal.print(`  doubtful: ${doubt}`)
        for (const { head, probability, range, threshold, learned, auc } of opinion.heads) {
          const name = head === 'flag' ? 'COVID flag' : `${head}, ${LESION_NAMES[head]}`
          const call = threshold === null ? '' : probability >= threshold ? 'above' : 'below'
          const worth = auc?.value == null ? 'test AUC n/a' : `test AUC ${auc.value.toFixed(2)}`
          const how = learned
            ? `${call && `${call} its operating point, `}${worth}`
            : 'not learned yet: a base rate'
          const folds = range ? `${range[0].toFixed(2)}–${range[1].toFixed(2)}` : ''
          terminal.print(`  ${name.padEnd(42)} ${probability.toFixed(2)}  ${folds.padEnd(11)}${how}`)
        }
        if (opinion.heads.some(({ range }) => range))
          terminal.print('  (second figure: least to greatest over the heads that left out one fold)')
        for (const { head, file } of opinion.maps) terminal.print(`  heat map of ${head}: ${file}`)
        if (opinion.mapsAbsent) terminal.print(`  no heat maps: ${opinion.mapsAbsent}`)
        const { all, picture } = opinion.milliseconds
        terminal.print(
          `  answered in ${(all / 1000).toFixed(1)} s, of which ${(picture / 1000).toFixed(1)} s for judging the picture`,
        )
      }
      terminal.result(opinion)
      return true
    })
  },
})
