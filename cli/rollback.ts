import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'rollback',
    description:
      'Let the cycle speak for the model that did before the promoted one, or an earlier one by its number',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    to: { type: 'string', description: 'number of a cycle that once was promoted' },
    why: { type: 'string', description: 'reason, kept in the history' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { rollbackPromotion } = await import('../trainer/compare/promote.ts')
      const outcome = await rollbackPromotion(await openWorkspace(args.workspace), {
        ...(args.to === undefined ? {} : { to: args.to }),
        ...(args.why === undefined ? {} : { why: args.why }),
      })
      if (!terminal.json) terminal.print(outcome.message)
      terminal.result(outcome)
      return true
    })
  },
})
