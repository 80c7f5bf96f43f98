import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CaseState, MinedCase } from '../../records/case.ts'
import type { Workspace } from '../../workspace/open.ts'
import { readCase, scanCases } from '../cases-file.ts'
import { LineFile } from '../line-file.ts'
import { passwordPath } from '../passwords.ts'
import { sessionFile } from '../sessions.ts'
import type { Store } from '../store.ts'

/** The documents of cases.jsonl as they stand, in order, and what earlier puts of them cut along drawn lines. */
export async function* putsOf(
  workspace: Workspace,
): AsyncGenerator<{ document: string; cases: MinedCase[]; cut: MinedCase[] }> {
  const file = new LineFile(workspace.paths.cases)
  try {
    const last = new Map<string, number>()
    const cut = new Map<string, MinedCase[]>()
    let number = 0
    const { end } = await scanCases(file, 0, ({ document }) => void last.set(document, number++))
    number = 0
    // Places only: the cases are read when their document's turn comes.
    const standing: { document: string; places: { offset: number; length: number }[] }[] = []
    await scanCases(file, 0, put => {
      if (last.get(put.document) === number++) {
        const places = put.cases.map(({ offset, length }) => ({ offset, length }))
        standing.push({ document: put.document, places })
        return
      }
      const drawn = put.cases.map(({ mined }) => mined).filter(mined => mined.drawn)
      if (drawn.length > 0) cut.set(put.document, [...(cut.get(put.document) ?? []), ...drawn])
    })
    for (const { document, places } of standing)
      yield {
        document,
        cases: places.map(place => readCase(file, place, end)),
        cut: cut.get(document) ?? [],
      }
  } finally {
    file.close()
  }
}

/** All cases as they stand, those that are in no list too. */
export async function* statesOfFolder(store: Store): AsyncGenerator<CaseState> {
  const limit = 1000
  for (let offset = 0; ; offset += limit) {
    const { rows } = await store.cases.list({ kind: 'all', sort: 'document', offset, limit })
    yield* rows
    if (rows.length < limit) return
  }
}

/** Files whose content the database takes over, those that are there. */
export function movedFiles(workspace: Workspace): string[] {
  const { paths } = workspace
  return [
    paths.journal,
    paths.snapshot,
    paths.cases,
    paths.accounts,
    passwordPath(workspace),
    sessionFile(workspace),
  ].filter(path => existsSync(path))
}

/** Puts those files aside, as they are: the folder is empty of them then, and nothing is lost. @returns the folder. */
export async function putAside(workspace: Workspace, now: Date): Promise<string> {
  const { files, paths } = workspace
  const aside = join('put-aside', `before-database-${now.toISOString().replace(/[:.]/g, '-')}`)
  const folder = join(paths.root, aside)
  await files.makeFolder(folder)
  for (const path of movedFiles(workspace)) await files.rename(path, join(folder, basename(path)))
  for (const id of await jobsOf(workspace)) {
    await files.makeFolder(join(folder, 'jobs', id))
    await files.rename(join(paths.jobs, id, 'job.json'), join(folder, 'jobs', id, 'job.json'))
  }
  await files.syncFolder(folder)
  return aside
}

/** Names of what is there already where a workspace is to be moved to. */
export async function whatIsThere(workspace: Workspace): Promise<string[]> {
  const found: string[] = []
  for (const path of movedFiles(workspace)) if ((await stat(path)).size > 0) found.push(basename(path))
  for (const id of await jobsOf(workspace)) found.push(`jobs/${id}`)
  return found
}

/** Folders under jobs/ that hold a job's record. */
async function jobsOf({ paths }: Workspace): Promise<string[]> {
  const names = await readdir(paths.jobs).catch(() => [] as string[])
  return names.filter(name => existsSync(join(paths.jobs, name, 'job.json')))
}
