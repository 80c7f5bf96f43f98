import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'
import { wholeNumber } from './whole-number.ts'

export default defineCommand({
  meta: { name: 'rank', description: 'Put the pool in order of review, a line of JSON each' },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    out: { type: 'string', required: true, description: 'file for the queue (JSONL)' },
    predictions: {
      type: 'string',
      description:
        'predictions.jsonl; by default of the promoted or newest cycle; before any cycle, the texts decide',
    },
    strategy: {
      type: 'string',
      default: 'balanced',
      description:
        'balanced, random, entropy, margin or least-confidence; bald, core-set, badge and typiclust need features: give them to `lesionloop cycle`',
    },
    seed: { type: 'string', default: '1', description: 'seed of an order of chance' },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const seed = wholeNumber('seed', args.seed)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { writeFileAtomically } = await import('../data/workspace/files.ts')
      const { rankWorkspace } = await import('../trainer/cycle/score-workspace.ts')
      const workspace = await openWorkspace(args.workspace)
      const queue = await rankWorkspace(workspace, {
        strategy: args.strategy,
        seed,
        ...(args.predictions === undefined ? {} : { predictions: args.predictions }),
      })
      await writeFileAtomically(
        workspace.files,
        args.out,
        queue.map(row => `${JSON.stringify(row)}\n`).join(''),
      )
      if (!terminal.json)
        terminal.print(
          queue.length === 0
            ? `the pool is empty: every case has been read; ${args.out} is empty`
            : `${queue.length} cases in order: ${args.out}; first ${queue[0]!.case}: ${queue[0]!.why}`,
        )
      terminal.result({ out: args.out, cases: queue.length, first: queue[0] ?? null })
      return true
    })
  },
})
