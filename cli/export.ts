import { defineCommand } from 'citty'
import { printLeftOut, withChosenCases } from './chosen-cases.ts'
import { CHOICE_ARGUMENTS, PUBLICATION_ARGUMENTS } from './export-arguments.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'export', description: 'Hand the labels on with evidence and provenance' },
  args: {
    format: {
      type: 'positional',
      description: 'jsonl, csv, parquet, label-studio, coco, imagefolder or la-dnn',
      required: true,
    },
    out: {
      type: 'positional',
      description: 'a file (.jsonl, .csv, .parquet, .json), or a folder, which gets the pictures too',
      required: true,
    },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    ...CHOICE_ARGUMENTS,
    ...PUBLICATION_ARGUMENTS,
    card: {
      type: 'boolean',
      default: true,
      description: 'write the dataset card, the Croissant file and the checksums (--no-card: not)',
    },
    check: {
      type: 'boolean',
      description: 'judge the cases first (as `lesionloop check`) and put what it finds into the card',
    },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { exportFormat } = await import('../data/formats/registry.ts')
      exportFormat(args.format)
      const { exportCases } = await import('../data/formats/export-cases.ts')
      return withChosenCases(terminal, args, async ({ workspace, cases, options }) => {
        const result = await exportCases(workspace, args.format, args.out, cases, {
          ...options,
          card: args.card,
        })
        terminal.result(result)
        if (terminal.json) return undefined
        const images = result.images > 0 ? ` and ${result.images} pictures` : ''
        terminal.print(`${result.exported} cases${images} written to ${result.files.join(', ')}`)
        printLeftOut(terminal, result.leftOut, args.card ? options.publication : null)
        return undefined
      })
    })
  },
})
