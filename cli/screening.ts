import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { csvCell } from '../data/formats/csv-export.ts'
import { OUTCOME_NAMES } from '../data/records/screening.ts'
import { openTerminal, runVerb } from './terminal.ts'

const COLUMNS = ['document', 'title', 'source', 'outcome', 'reason', 'cases', 'at'] as const

export default defineCommand({
  meta: {
    name: 'screening',
    description: 'Why each document is in or out, and the count from the search to the cases',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    csv: { type: 'string', description: 'write the log as a table to this file, a document a line' },
    json: { type: 'boolean', description: 'print the count and every document as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { lastScreened, screeningFlow } = await import('../data/workspace/screening.ts')
      const { writeFileAtomically } = await import('../data/workspace/files.ts')
      const workspace = await openWorkspace(args.workspace)
      const documents = await lastScreened(workspace)
      const flow = screeningFlow(documents)
      if (args.csv !== undefined) {
        if (args.csv === '') throw new LesionloopError('usage', 'screening: --csv: expected a file to write')
        const lines = [
          COLUMNS.join(','),
          ...documents.map(entry => COLUMNS.map(name => csvCell(entry[name] ?? null)).join(',')),
        ]
        await writeFileAtomically(workspace.files, args.csv, `${lines.join('\r\n')}\r\n`)
      }
      terminal.result({ flow, documents })
      if (terminal.json) return true
      const line = (name: string, count: number, indent = '') =>
        terminal.print(`${indent}${name.padEnd(44 - indent.length)}${String(count).padStart(7)}`)
      line('Identified', flow.identified)
      for (const [source, count] of Object.entries(flow.sources)) line(source, count, '  ')
      line('Duplicates removed', flow.duplicates)
      line('Screened by title and abstract', flow.screened)
      line(OUTCOME_NAMES['query-no-match'], flow.queryNoMatch, '  out: ')
      line('Sought as full text', flow.sought)
      line(OUTCOME_NAMES['not-retrieved'], flow.notRetrieved, '  out: ')
      if (flow.waiting > 0) line(OUTCOME_NAMES.fetched, flow.waiting, '  waiting: ')
      line('Read in full', flow.assessed)
      for (const { outcome, count } of flow.excluded) line(OUTCOME_NAMES[outcome], count, '  out: ')
      line('Included documents', flow.included)
      line('Cases', flow.cases)
      if (args.csv !== undefined) terminal.print(`${documents.length} documents written to ${args.csv}`)
      return true
    })
  },
})
