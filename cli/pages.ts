import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'pages',
    description: 'Draw the pages that the figures of a document stand on, for the annotator',
  },
  args: {
    document: { type: 'positional', required: true, description: 'id of a document (its DOI and version)' },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { drawPages } = await import('../extractor/pdf/page-pictures.ts')
      const workspace = await openWorkspace(args.workspace)
      const { signal, progress } = terminal
      const pages = await drawPages(workspace, args.document, { signal, onProgress: progress })
      terminal.result({ document: args.document, pages })
      if (!terminal.json) terminal.print(`${pages.length} pages drawn`)
      return true
    })
  },
})
