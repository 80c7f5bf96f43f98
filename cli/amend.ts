import { defineCommand } from 'citty'
import type { Store } from '../data/stores/store.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { AmendResult } from '../extractor/mine/amend.ts'
import { sidesAfter } from './sides.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'amend',
    description:
      'Mine the captions that people corrected, and cut the panels they drew (the annotator does it itself)',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    figure: {
      type: 'string',
      description:
        'a figure whose pictures shall all become cases, whatever they were taken for: DOCUMENT#LABEL',
    },
    sides: {
      type: 'boolean',
      description: 'link doubles and give every case its side, also where no correction waits',
    },
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const workspace = await openWorkspace(args.workspace)
      const store = await openStore(workspace, { write: ['cases'] })
      try {
        const result = await amendNow(workspace, store, terminal, args.figure)
        if (result.documents.length > 0 || args.sides) await sidesAfter(workspace, store, terminal)
        terminal.result(result)
        if (!terminal.json)
          terminal.print(
            `${result.figures} corrected figures: ${result.captions} captions mined, ${result.panels} panels cut; the cases of ${result.documents.length} documents changed`,
          )
        return true
      } finally {
        await store.close()
      }
    })
  },
})

/** Lays what people corrected over freshly mined cases. Cases may come or go: `sidesAfter` is the caller's. */
export async function amendNow(
  workspace: Workspace,
  store: Store,
  terminal: Pick<Terminal, 'signal' | 'progress'>,
  figure?: string,
): Promise<AmendResult> {
  const { createMiner } = await import('../extractor/text/miner.ts')
  const { amendCases } = await import('../extractor/mine/amend.ts')
  const result = await amendCases(workspace, {
    acts: store.acts,
    cases: store.cases,
    miner: createMiner(),
    ...(figure === undefined ? {} : { figure }),
    signal: terminal.signal,
    onProgress: terminal.progress,
  })
  return result
}
