import { existsSync } from 'node:fs'
import { defineCommand } from 'citty'
import { LesionloopError } from '../data/errors.ts'
import type { PoolLimits } from '../data/pool/task.ts'
import { IMAGE_KINDS, type ImageKind } from '../data/records/vocabulary.ts'
import type { Store } from '../data/stores/store.ts'
import type { Workspace } from '../data/workspace/open.ts'
import type { MineResult } from '../extractor/mine/mine-run.ts'
import type { SettleResult } from '../extractor/mine/settle-versions.ts'
import { limitsOf, POOL_ARGS } from './pool-arguments.ts'
import { DUPLICATES_ARG, printSides, type SidesResult, sidesAfter } from './sides.ts'
import { openTerminal, runVerb, type Terminal } from './terminal.ts'

export const MINE_ARGS = {
  path: {
    type: 'positional',
    description:
      'PDFs, articles (JATS .xml, .nxml, .tar.gz), tables of pictures with captions (.jsonl, .csv), texts beside their pictures (.txt), DICOM slices (.dcm), or folders of them',
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
  ...DUPLICATES_ARG,
  queue: {
    type: 'boolean',
    description: 'over a database: leave the work to the workers, a document each, and show how it goes',
  },
  detach: { type: 'boolean', description: 'with --queue: do not wait for the end' },
  json: { type: 'boolean', description: 'print the result as JSON' },
} as const

/** What the arguments ask of the miner. @throws LesionloopError `usage`. */
export const mineChoices = (args: { kinds: string; again?: boolean | undefined }) => ({
  kinds: kindsOf(args.kinds),
  again: args.again ?? false,
})

export default defineCommand({
  meta: { name: 'mine', description: 'Mine figures, captions and labels from documents into the workspace' },
  args: MINE_ARGS,
  run: ({ args }) => {
    const terminal = openTerminal({ json: args.json ?? false })
    return runVerb(terminal, async () => {
      const choices = mineChoices(args)
      const limits = limitsOf('mine', args)
      const paths = args._.map(String)
      // Asked first, so that a mistyped path makes no workspace.
      if (paths.every(path => !existsSync(path)))
        throw new LesionloopError('file-missing', `mine: ${paths.join(', ')}: not found; check the path`)
      const { openWorkspace } = await import('../data/workspace/open.ts')
      const workspace = await openWorkspace(args.workspace, { create: true })
      if (args.queue || args.detach) {
        const { mineByWorkers } = await import('./mine-queue.ts')
        const result = await mineByWorkers(workspace, paths, args, terminal)
        if (result && !terminal.json) printMined(workspace, result, terminal)
        return result === undefined || result.rejected.length === 0
      }
      const result = await mineInto(
        workspace,
        paths,
        { ...choices, limits, duplicates: args.duplicates },
        terminal,
      )
      terminal.result(result)
      if (!terminal.json) printMined(workspace, result, terminal)
      return result.rejected.length === 0
    })
  },
})

/** What a run of mining gives: documents, versions, doubles and sides. */
export type Mined = MineResult & SettleResult & SidesResult

function printMined(workspace: Workspace, result: Mined, terminal: Pick<Terminal, 'print'>): void {
  const unchanged = result.unchanged > 0 ? `, ${result.unchanged} already mined` : ''
  terminal.print(
    `${result.mined} documents mined${unchanged}: ${result.figures} figures, ${result.cases} cases`,
  )
  printSettled(result, terminal)
  printSides(result, terminal)
  if (result.rejected.length > 0)
    terminal.print(`${result.rejected.length} left out; listed above and in ${workspace.paths.rejectedList}`)
}

/** Mines paths into an open workspace under its locks, and brings the split up to date with the new cases. */
export async function mineInto(
  workspace: Workspace,
  paths: string[],
  {
    duplicates,
    ...options
  }: { kinds?: ImageKind[]; again?: boolean; limits?: Partial<PoolLimits>; duplicates?: boolean },
  terminal: Pick<Terminal, 'signal' | 'progress'>,
): Promise<Mined> {
  const { openStore } = await import('../data/stores/open.ts')
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
    return { ...result, ...(await closeMining(workspace, store, terminal, duplicates)) }
  } finally {
    await store.close()
  }
}

/** What is done once when documents came in: corrections laid over them, versions settled, doubles linked, sides given. */
export async function closeMining(
  workspace: Workspace,
  store: Store,
  terminal: Pick<Terminal, 'signal' | 'progress'>,
  duplicates?: boolean,
): Promise<SettleResult & SidesResult> {
  const { amendNow } = await import('./amend.ts')
  const { settleVersions } = await import('../extractor/mine/settle-versions.ts')
  await amendNow(workspace, store, terminal)
  const settled = await settleVersions(workspace, {
    cases: store.cases,
    acts: store.acts,
    signal: terminal.signal,
    onProgress: terminal.progress,
  })
  return { ...settled, ...(await sidesAfter(workspace, store, terminal, duplicates)) }
}

/** Says what newer versions changed, and what was taken back. */
export function printSettled({ versions, marked }: SettleResult, terminal: Pick<Terminal, 'print'>): void {
  for (const { document, replaces, carried, added, gone, notCarried } of versions) {
    const labelled = carried.filter(({ labels }) => labels > 0).length
    const captions = carried.filter(({ isCaptionChanged }) => isCaptionChanged).length
    terminal.print(
      `${document} takes the place of ${replaces.join(', ')}: ${carried.length} cases the same (${labelled} with labels, ${captions} with another caption), ${added.length} new, ${gone.length} gone`,
    )
    for (const id of added) terminal.print(`  new: ${id}`)
    for (const id of gone) terminal.print(`  gone: ${id}`)
    for (const { from, to, isCaptionChanged } of carried)
      if (isCaptionChanged) terminal.print(`  caption changed: ${to} (was ${from})`)
    for (const { case: id, labels, reason } of notCarried)
      terminal.print(`  not carried over: ${id}: ${labels} labels: ${reason}`)
  }
  for (const id of marked)
    terminal.print(`${id}: its cases are marked as withdrawn or retracted, or are so no more`)
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
