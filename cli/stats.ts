import { defineCommand } from 'citty'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: { name: 'stats', description: 'Counts by lesion, source, side, state and source of the truth' },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    json: { type: 'boolean', description: 'print the counts as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { readSplit } = await import('../data/splits/keep.ts')
      const { countCases, countLines } = await import('../data/formats/counts.ts')
      const workspace = await openWorkspace(args.workspace)
      const store = await openStore(workspace)
      try {
        const split = await readSplit(workspace)
        let withdrawn = 0
        async function* cases() {
          for await (const state of store.cases.all()) {
            if (state.withdrawn) withdrawn++
            yield state
          }
        }
        const counts = await countCases(cases(), id => split?.cases[id]?.side)
        if (terminal.json) terminal.result({ ...counts, withdrawn, warnings: split?.warnings ?? [] })
        else {
          for (const line of countLines(counts)) terminal.print(line)
          if (withdrawn > 0)
            terminal.print(`note: ${withdrawn} cases of documents that were withdrawn or retracted`)
          for (const warning of split?.warnings ?? []) terminal.print(`note: ${warning.message}`)
        }
        return undefined
      } finally {
        await store.close()
      }
    })
  },
})
