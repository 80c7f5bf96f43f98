import { defineCommand } from 'citty'
import type { CaseState } from '../data/records/case.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'split',
    description:
      'Make a new split by patient, paper and linked doubles, stratified over the flag and the lesions; replaces splits.json, so that earlier cycles are no longer comparable',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    ratios: { type: 'string', default: '60/15/25', description: 'train/val/test; the paper’s by default' },
    seed: { type: 'string', default: '1', description: 'the same seed and cases give the same split' },
    json: { type: 'boolean', description: 'print the counts as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { LesionloopError } = await import('../data/errors.ts')
      const [train = Number.NaN, val = Number.NaN, test = Number.NaN, ...more] = args.ratios
        .split('/')
        .map(Number)
      const sum = train + val + test
      if (!(train >= 0 && val >= 0 && test >= 0 && sum > 0) || more.length > 0)
        throw new LesionloopError('usage', `--ratios: ${args.ratios}: expected three numbers as in 60/15/25`)
      const seed = Number(args.seed)
      if (!Number.isSafeInteger(seed))
        throw new LesionloopError('usage', `--seed: ${args.seed}: expected a whole number`)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { writeJson } = await import('../data/workspace/files.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { readDoubles } = await import('../data/splits/keep.ts')
      const { splitCounts, stratifiedSplit } = await import('../data/splits/split.ts')
      const workspace = await openWorkspace(args.workspace)
      const store = await openStore(workspace, { write: ['cases'] })
      try {
        const cases: CaseState[] = []
        for await (const row of store.cases.all()) cases.push(row)
        const split = stratifiedSplit(cases, {
          ratios: { train: train / sum, val: val / sum, test: test / sum },
          seed,
          doubles: await readDoubles(workspace),
        })
        await writeJson(workspace.files, workspace.paths.splits, split)
        const counts = splitCounts(split, cases)
        if (terminal.json) terminal.result({ counts, warnings: split.warnings })
        else {
          for (const [side, { cases: n, positives }] of Object.entries(counts))
            terminal.print(
              `${side.padEnd(5)} ${n} cases; positive: ${Object.entries(positives)
                .map(([head, count]) => `${head} ${count}`)
                .join(', ')}`,
            )
          for (const { message } of split.warnings) terminal.print(`note: ${message}`)
        }
        return undefined
      } finally {
        await store.close()
      }
    })
  },
})
