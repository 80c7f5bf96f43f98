import type { Publication } from '../data/datasets/publication.ts'
import type { ExportOptions } from '../data/formats/export-cases.ts'
import type { CaseState } from '../data/records/case.ts'
import type { Workspace } from '../data/workspace/open.ts'
import { choiceOf, leftOutLines, publicationGiven, unsaidLine } from './export-arguments.ts'
import type { Terminal } from './terminal.ts'

/** What a verb that hands labels on works with. */
export interface ChosenCases {
  workspace: Workspace
  cases: AsyncIterable<CaseState>
  options: ExportOptions & { publication: Publication }
}

/**
 * Opens a workspace for `export` and `dataset freeze`: its cases, with what the arguments choose of them, and what the
 * check found where it was asked for. It is closed once the work is done.
 * @param args.first is asked before the check, which takes its time.
 */
export async function withChosenCases<T>(
  terminal: Terminal,
  args: Parameters<typeof choiceOf>[0] & { workspace: string; check?: boolean | undefined },
  work: (chosen: ChosenCases) => Promise<T>,
  first: (workspace: Workspace) => void = () => undefined,
): Promise<T> {
  const choice = choiceOf(args)
  const { openWorkspace } = await import('../data/workspace/open.ts')
  const { openStore } = await import('../data/stores/open.ts')
  const { readExportContext } = await import('../data/formats/export-context.ts')
  const { publicationOf } = await import('../data/datasets/publication.ts')
  const { checkChosen } = await import('../data/datasets/check-chosen.ts')
  const workspace = await openWorkspace(args.workspace)
  first(workspace)
  const publication = publicationOf(workspace, publicationGiven(args))
  const store = await openStore(workspace)
  try {
    const options = {
      ...(await readExportContext(workspace)),
      publication,
      ...choice,
      signal: terminal.signal,
      onProgress: terminal.progress,
    }
    const check = args.check ? await checkChosen(workspace, store.cases.all(), options) : undefined
    const total = await store.cases.count({ kind: 'all' })
    return await work({
      workspace,
      cases: store.cases.all(),
      options: { ...options, ...(check ? { check } : {}), total },
    })
  } finally {
    await store.close()
  }
}

/** The last lines: what was left out and why, and what a card still lacks. @param publication null: no card was written. */
export function printLeftOut(
  terminal: Terminal,
  leftOut: Partial<Record<string, number>>,
  publication: Publication | null,
): void {
  for (const line of leftOutLines(leftOut)) terminal.print(line)
  const wanting = publication && unsaidLine(publication)
  if (wanting) terminal.print(wanting)
}
