import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'report',
    description: 'Give out the report of a sealed cycle: HTML, JSON, every plot as SVG and PNG',
  },
  args: {
    cycle: {
      type: 'positional',
      required: false,
      description: 'number of the cycle ("0003"); by default the promoted, else the newest',
    },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    out: { type: 'string', description: 'folder to write to; without it the figures are only printed' },
    theme: { type: 'string', default: 'light', description: 'colours of the plots: light or dark' },
    json: { type: 'boolean', description: 'print the report as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { theme } = args
      if (theme !== 'light' && theme !== 'dark')
        throw new LesionloopError('usage', `--theme: ${theme}: expected light or dark`)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { readReport, reportJson, writeReport } = await import('../trainer/report/write-report.ts')
      const workspace = await openWorkspace(args.workspace)
      const view = await readReport(workspace, args.cycle)
      const { record, metrics } = view
      if (args.out !== undefined) {
        const written = await writeReport(workspace.files, view, args.out, {
          theme,
          signal: terminal.signal,
          onProgress: terminal.progress,
        })
        if (!terminal.json) terminal.print(`cycle ${record.id}: ${written.length} files written: ${args.out}`)
      } else if (!terminal.json) {
        const { sayTrained } = await import('./training-summary.ts')
        sayTrained(terminal, { ...record, metrics })
        terminal.print(`report: ${workspace.paths.cycle(record.id)}/report.html`)
      }
      terminal.result(reportJson(view))
      return true
    })
  },
})
