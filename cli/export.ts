import { defineCommand } from 'citty'
import {
  CHOICE_ARGUMENTS,
  choiceOf,
  leftOutLines,
  PUBLICATION_ARGUMENTS,
  publicationGiven,
  unsaidLine,
} from './export-arguments.ts'
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
      const choice = choiceOf(args)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { readExportContext } = await import('../data/formats/export-context.ts')
      const { exportCases } = await import('../data/formats/export-cases.ts')
      const { publicationOf } = await import('../data/datasets/publication.ts')
      const { checkChosen } = await import('../data/datasets/check-chosen.ts')
      const workspace = await openWorkspace(args.workspace)
      const publication = publicationOf(workspace, publicationGiven(args))
      const store = await openStore(workspace)
      try {
        const options = {
          ...(await readExportContext(workspace)),
          publication,
          ...choice,
          signal: terminal.signal,
          onProgress: terminal.progress,
        }
        const check = args.check ? await checkChosen(workspace, store.cases.all(), options) : undefined
        const result = await exportCases(workspace, args.format, args.out, store.cases.all(), {
          ...options,
          ...(check ? { check } : {}),
          card: args.card,
          total: await store.cases.count({ kind: 'all' }),
        })
        terminal.result(result)
        if (!terminal.json) {
          const images = result.images > 0 ? ` and ${result.images} pictures` : ''
          terminal.print(`${result.exported} cases${images} written to ${result.files.join(', ')}`)
          for (const line of leftOutLines(result.leftOut)) terminal.print(line)
          const wanting = args.card ? unsaidLine(publication) : undefined
          if (wanting) terminal.print(wanting)
        }
        return undefined
      } finally {
        await store.close()
      }
    })
  },
})
