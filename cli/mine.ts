import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import { IMAGE_KINDS, type ImageKind } from '../data/records/vocabulary.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { MineResult } from '../extractor/mine/mine-documents.ts'
import type { PoolLimits } from '../extractor/pool/task.ts'
import { limitsOf, POOL_ARGS } from './pool-arguments.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

export default defineCommand({
  meta: { name: 'mine', description: 'Mine figures, captions and labels from documents into the workspace' },
  args: {
    path: {
      type: 'positional',
      description: 'PDFs, tables of pictures with captions (.jsonl, .csv), or folders of them',
      required: true,
    },
    workspace: {
      type: 'string',
      default: './workspace',
      description: 'folder of the workspace; made where it is missing',
    },
    kinds: {
      type: 'string',
      default: 'ct',
      description: `kinds of pictures that become cases, comma-separated, or all (${IMAGE_KINDS.join(', ')})`,
    },
    again: { type: 'boolean', description: 'mine again what this version has mined' },
    ...POOL_ARGS,
    json: { type: 'boolean', description: 'print the result as JSON' },
  },
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const kinds = kindsOf(args.kinds)
      const limits = limitsOf('mine', args)
      const paths = args._.map(String)
      // Asked first, so that a mistyped path makes no workspace.
      if (paths.every(path => !existsSync(path)))
        throw new LesionloopError('file-missing', `mine: ${paths.join(', ')}: not found; check the path`)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const workspace = await openWorkspace(args.workspace, { create: true })
      const result = await mineInto(workspace, paths, { kinds, again: args.again ?? false, limits }, terminal)
      terminal.result(result)
      if (!terminal.json) {
        const unchanged = result.unchanged > 0 ? `, ${result.unchanged} already mined` : ''
        terminal.print(
          `${result.mined} documents mined${unchanged}: ${result.figures} figures, ${result.cases} cases`,
        )
        if (result.rejected.length > 0)
          terminal.print(
            `${result.rejected.length} left out; listed above and in ${workspace.paths.rejectedList}`,
          )
      }
      return result.rejected.length === 0
    })
  },
})

/** Mines paths into an open workspace under its locks, and brings the split up to date with the new cases. */
export async function mineInto(
  workspace: Workspace,
  paths: string[],
  options: { kinds?: ImageKind[]; again?: boolean; limits?: Partial<PoolLimits> },
  terminal: Pick<Terminal, 'signal' | 'progress'>,
): Promise<MineResult> {
  const { openStore } = await import('../data/stores/open.ts')
  const { renewSplit } = await import('../data/splits/keep.ts')
  const { createMiner } = await import('../extractor/text/miner.ts')
  const { mineDocuments } = await import('../extractor/mine/mine-documents.ts')
  const store = await openStore(workspace, {
    write: ['documents', 'cases'],
    onProblem: problem => terminal.progress({ step: 'opening', done: 0, total: null, problem }),
  })
  try {
    const result = await mineDocuments(workspace, paths, {
      ...options,
      cases: store.cases,
      miner: createMiner(),
      signal: terminal.signal,
      onProgress: terminal.progress,
    })
    const { amendNow } = await import('./amend.ts')
    await amendNow(workspace, store, terminal)
    await renewSplit(workspace, store.cases.all())
    return result
  } finally {
    await store.close()
  }
}

function kindsOf(list: string): ImageKind[] {
  if (list === 'all') return [...IMAGE_KINDS]
  return list.split(',').map(name => {
    const kind = IMAGE_KINDS.find(known => known === name.trim())
    if (!kind)
      throw new LesionloopError(
        'usage',
        `mine: --kinds ${name}: expected all or some of ${IMAGE_KINDS.join(', ')}`,
      )
    return kind
  })
}
