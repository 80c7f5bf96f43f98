import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { CaseState } from '../data/records/case.ts'
import { openTerminal, runVerb } from './terminal.ts'

export default defineCommand({
  meta: {
    name: 'duplicates',
    description:
      'Find pictures that show the same slice (cropped, rescaled, encoded again, with arrows) and link them; linked ones stay on one side of a split',
  },
  args: {
    workspace: { type: 'string', default: './workspace', description: 'folder of the workspace' },
    unlink: { type: 'string', description: 'a case or picture whose link to --from is wrong' },
    link: { type: 'string', description: 'a case or picture whose link to --from was taken apart in error' },
    from: { type: 'string', description: 'the other of the two' },
    why: { type: 'string', description: 'the reason, kept in duplicates.json' },
    json: { type: 'boolean', description: 'print the links as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const named = args.unlink ?? args.link
      if (named !== undefined && !(args.from && args.why))
        throw new LesionloopError('usage', 'duplicates: --unlink and --link want --from and --why')
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const { openStore } = await import('../data/stores/open.ts')
      const { readSplit } = await import('../data/splits/keep.ts')
      const { readDuplicates } = await import('../data/duplicates/record.ts')
      const { decidePair, renewSides } = await import('../data/duplicates/renew-sides.ts')
      const workspace = await openWorkspace(args.workspace)
      const store = await openStore(workspace, { write: ['cases'] })
      try {
        const cases: CaseState[] = []
        for await (const row of store.cases.all()) cases.push(row)
        if (named === undefined)
          await renewSides(workspace, () => store.cases.all(), {
            signal: terminal.signal,
            onProgress: terminal.progress,
          })
        else
          await decidePair(
            workspace,
            () => store.cases.all(),
            {
              one: named,
              other: args.from!,
              is: args.unlink === undefined ? 'linked' : 'apart',
              why: args.why!,
            },
            new Date(),
          )
        const record = await readDuplicates(workspace)
        const split = await readSplit(workspace)
        const idsOf = (image: string) => cases.filter(row => row.image === image).map(row => row.id)
        const links = record.links.map(link => ({
          ...link,
          cases: [...idsOf(link.one), ...idsOf(link.other)].map(id => ({ id, side: split?.cases[id]?.side })),
        }))
        if (terminal.json) terminal.result({ links, apart: record.apart, decisions: record.decisions })
        else {
          terminal.print(
            `${links.length} pairs of pictures show the same slice, of ${record.compared.length} pictures compared`,
          )
          for (const { cases: both, evidence } of links)
            terminal.print(
              `  ${both.map(({ id, side }) => (side ? `${id} (${side})` : id)).join('  =  ')}  detail ${evidence.detail}`,
            )
        }
        return undefined
      } finally {
        await store.close()
      }
    })
  },
})
