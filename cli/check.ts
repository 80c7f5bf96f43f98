import { defineCommand } from 'citty'
import type { CaseState } from '../data/records/case.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'check',
    description:
      'Judge the dataset as a reviewer would: leaks, doubles, label conflicts, balance, shortcuts, personal data; status 1 where something is severe',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    seed: { type: 'string', default: '1', description: 'seed of the intervals' },
    json: { type: 'boolean', description: 'print the findings as JSON, with every id' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { checkWorkspace } = await import('../data/checks/check.ts')
      const { LesionloopError } = await import('../data/errors.ts')
      const seed = Number(args.seed)
      if (!Number.isSafeInteger(seed))
        throw new LesionloopError('usage', `--seed: ${args.seed}: expected a whole number`)
      const workspace = await openWorkspace(args.workspace)
      const store = await openStore(workspace)
      try {
        const cases: CaseState[] = []
        for await (const row of store.cases.all()) cases.push(row)
        const report = await checkWorkspace(workspace, cases, {
          seed,
          signal: terminal.signal,
          onProgress: terminal.progress,
        })
        if (terminal.json) terminal.result(report)
        else {
          for (const { severity, code, message, todo } of report.findings) {
            terminal.print(`${severity.padEnd(8)} ${code}: ${message}`)
            terminal.print(`         ${todo}`)
          }
          const { severe, warning, note } = report.counts
          terminal.print(`${report.cases} cases: ${severe} severe, ${warning} warnings, ${note} notes`)
        }
        return report.counts.severe === 0
      } finally {
        await store.close()
      }
    })
  },
})
