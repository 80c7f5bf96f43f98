import { defineCommand } from 'citty'
import { sayGates } from './compare.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'promote',
    description:
      'Let a sealed cycle speak for the model, unless a gate refuses it against the one that speaks now',
  },
  args: {
    cycle: { type: 'positional', required: false, description: 'number of the cycle; by default the newest' },
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    force: { type: 'boolean', description: 'promote although a gate refuses; needs --why' },
    why: { type: 'string', description: 'reason, kept in the history' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { promoteCycle } = await import('../trainer/compare/promote.ts')
      const workspace = await openWorkspace(args.workspace)
      const { comparison, ...outcome } = await promoteCycle(workspace, args.cycle, {
        force: args.force ?? false,
        ...(args.why === undefined ? {} : { why: args.why }),
        signal: terminal.signal,
        onProgress: terminal.progress,
      })
      if (!terminal.json) {
        sayGates(terminal, outcome.gates)
        for (const warning of comparison?.warnings ?? []) terminal.say(`warning: ${warning}`)
        terminal.print(outcome.message)
      }
      terminal.result(outcome)
      return true
    })
  },
})
