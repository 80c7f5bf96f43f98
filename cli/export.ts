import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'export', description: 'Hand the labels on with evidence and provenance' },
  args: {
    format: { type: 'positional', description: 'jsonl, csv or label-studio', required: true },
    out: {
      type: 'positional',
      description: 'a file (.jsonl, .csv, .json), or a folder, which gets the pictures too',
      required: true,
    },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    'only-expert': { type: 'boolean', description: "leave out cases without an expert's label" },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { exportFormat } = await import('../data/formats/registry.ts')
      exportFormat(args.format)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { readSplit } = await import('../data/splits/keep.ts')
      const { newestPredictions } = await import('../data/formats/cycle-predictions.ts')
      const { exportCases } = await import('../data/formats/export-cases.ts')
      const { listDocuments } = await import('../data/workspace/documents.ts')
      const workspace = await openWorkspace(args.workspace)
      const store = await openStore(workspace)
      try {
        const documents = new Map<string, import('../data/records/document.ts').DocumentRecord>()
        for await (const record of listDocuments(workspace)) documents.set(record.id, record)
        const split = await readSplit(workspace)
        const predictions = await newestPredictions(workspace)
        const result = await exportCases(workspace, args.format, args.out, store.cases.all(), {
          document: id => documents.get(id),
          ...(split ? { split: split.cases } : {}),
          ...(predictions ? { predictions } : {}),
          onlyExpert: args['only-expert'] ?? false,
          total: await store.cases.count({ kind: 'all' }),
          signal: terminal.signal,
          onProgress: terminal.progress,
        })
        terminal.result(result)
        if (!terminal.json) {
          const left = result.left > 0 ? `, ${result.left} left out` : ''
          const images = result.images > 0 ? ` and ${result.images} pictures` : ''
          terminal.print(`${result.exported} cases${images} written to ${result.files.join(', ')}${left}`)
        }
        return undefined
      } finally {
        await store.close()
      }
    })
  },
})
