import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LesionloopError } from '../../errors.ts'
import { encodeLine, type Gap } from '../../journal/line.ts'
import type { Act } from '../../records/act.ts'
import type { MinedCase } from '../../records/case.ts'
import type { Job, RunOptions } from '../../records/job.ts'
import { writeAll, writeJson } from '../../workspace/files.ts'
import { acquireLocks } from '../../workspace/locks.ts'
import { changeSettings, type Workspace } from '../../workspace/open.ts'
import { appendPut } from '../cases-file.ts'
import { databaseOf } from '../database-address.ts'
import { openFileStore } from '../file-store.ts'
import { passwordPath } from '../passwords.ts'
import { type Ask, openDatabase } from '../postgres/connection.ts'
import { actsFrom, contentOf } from '../postgres/content.ts'
import { lockCases } from '../postgres/locks.ts'
import { readAccounts } from '../postgres/people.ts'
import { bringUp } from '../postgres/schema.ts'
import { readPasswords, readSessionRows } from '../postgres/ways-in.ts'
import { sessionFile } from '../sessions.ts'
import { type Fingerprint, fingerprint } from './fingerprint.ts'
import { movedFiles, statesOfFolder, whatIsThere } from './folder-content.ts'
import { type Migrated, needSame } from './to-database.ts'

/** Bytes of the journal written at a time. */
const CHUNK = 1 << 20

/**
 * Moves a workspace from its database back into its folder. The database lets nobody write meanwhile, and is left as it
 * is under another name, marked as moved: servers that still run on it are refused. Both are read again and must be the
 * same before that; where they are not, the folder is emptied again.
 * @throws LesionloopError `migrate-source`, `migrate-target`, `migrate-differs`, `lock-held`, `cancelled`, `database-…`.
 */
export async function migrateToFolder(
  workspace: Workspace,
  { signal, onProgress, now = () => new Date() }: RunOptions & { now?: () => Date } = {},
): Promise<Migrated> {
  const address = databaseOf(workspace)
  if (!address)
    throw new LesionloopError(
      'migrate-source',
      `workspace: ${workspace.dir}: is in its folder already; name the database it is on with --database`,
    )
  const there = await whatIsThere(workspace)
  if (there.length > 0)
    throw new LesionloopError(
      'migrate-target',
      `workspace: ${workspace.dir}: holds ${there.slice(0, 3).join(', ')}${there.length > 3 ? ' …' : ''} already; move that elsewhere first`,
    )
  const locks = await acquireLocks(workspace, ['labels', 'cases', 'accounts', 'jobs'])
  const database = openDatabase(address)
  const jobs: string[] = []
  try {
    await bringUp(database)
    const found = await database.inTransaction(async ask => {
      const id = await lockWorkspace(ask, address.workspace, address.shown)
      const seen = (step: string) => (done: number) => {
        signal?.throwIfAborted()
        onProgress?.({ step, done, total: null })
      }
      await writeJournal(workspace, actsFrom(ask, id), seen('acts copied'))
      await writeCases(ask, id, workspace, seen('documents copied'))
      jobs.push(...(await writePeople(ask, id, workspace)))
      const before = await contentOf(ask, id, read => seen('read in the database')(read.acts + read.cases))
      needSame(before, await readFolder(workspace, seen('read in the folder')))
      await ask('update lesionloop.workspaces set name = $2, moved_at = now() where id = $1', [
        id,
        `${address.workspace} (moved ${now().toISOString()})`,
      ])
      return before
    })
    await changeSettings(workspace, { database: undefined })
    return { ...found, to: workspace.dir, aside: null }
  } catch (error) {
    for (const path of movedFiles(workspace)) await workspace.files.remove(path)
    for (const id of jobs) await workspace.files.remove(workspace.paths.jobFile(id))
    throw error
  } finally {
    await database.close()
    for (const lock of locks) await lock.release()
  }
}

async function lockWorkspace(ask: Ask, name: string, shown: string): Promise<number> {
  const [row] = await ask<{ id: number }>('select id from lesionloop.workspaces where name = $1', [name])
  if (!row)
    throw new LesionloopError('migrate-source', `database: ${shown}: no workspace of this name is in it`)
  // In the order in which everybody takes them.
  await lockCases(ask, row.id, 'alone')
  await ask('select from lesionloop.workspaces where id = $1 for update', [row.id])
  return row.id
}

async function readFolder(workspace: Workspace, seen: (done: number) => void): Promise<Fingerprint> {
  const store = await openFileStore(workspace)
  try {
    return await fingerprint(store.acts.read(), statesOfFolder(store), read => seen(read.acts + read.cases))
  } finally {
    await store.close()
  }
}

async function writeJournal(
  { paths, files }: Workspace,
  acts: AsyncIterable<Act>,
  seen: (done: number) => void,
): Promise<void> {
  await files.makeFolder(dirname(paths.journal))
  const file = await files.open(paths.journal, 'wx')
  let lines: Buffer[] = []
  let bytes = 0
  let last = 0
  const add = async (record: Act | Gap) => {
    const line = encodeLine(record)
    lines.push(line)
    bytes += line.length
    if (bytes < CHUNK) return
    await writeAll(file, Buffer.concat(lines))
    lines = []
    bytes = 0
    seen(last)
  }
  try {
    for await (const act of acts) {
      // Numbers that the journal had lost before stay lost, and on record.
      if (act.seq > last + 1) await add({ gap: { from: last + 1, to: act.seq - 1, aside: '', at: act.at } })
      last = act.seq
      await add(act)
    }
    await writeAll(file, Buffer.concat(lines))
    await file.sync()
  } finally {
    await file.close()
  }
  await files.syncFolder(dirname(paths.journal))
}

async function writeCases(
  ask: Ask,
  workspace: number,
  { paths, files }: Workspace,
  seen: (done: number) => void,
): Promise<void> {
  await files.makeFolder(dirname(paths.cases))
  const puts = await ask<{ put: string }>(
    'select put from lesionloop.cases where workspace = $1 group by put order by min(number)',
    [workspace],
  )
  let written = 0
  for (const { put } of puts) {
    const mined = async (sql: string) =>
      (await ask<{ mined: MinedCase }>(sql, [workspace, put])).map(row => row.mined)
    const cut = await mined(
      'select mined from lesionloop.cut_cases where workspace = $1 and put = $2 order by number',
    )
    // What was cut once is found in the document's earlier put.
    if (cut.length > 0) await appendPut(files, paths.cases, put, cut)
    const cases = await mined(
      `select mined from lesionloop.cases where workspace = $1 and put = $2 order by number`,
    )
    await appendPut(files, paths.cases, put, cases)
    seen(++written)
  }
}

/** @returns ids of the jobs. */
async function writePeople(ask: Ask, workspace: number, folder: Workspace): Promise<string[]> {
  const { files, paths } = folder
  await writeJson(files, paths.accounts, { accounts: await readAccounts(ask, workspace) })
  const passwords = await readPasswords(ask, workspace)
  if (Object.keys(passwords).length > 0) {
    const path = passwordPath(folder)
    await files.makeFolder(dirname(path))
    await chmod(dirname(path), 0o700)
    await writeJson(files, path, { passwords })
  }
  await writeJson(files, sessionFile(folder), await readSessionRows(ask, workspace))
  const rows = await ask<{ job: Job }>('select job from lesionloop.jobs where workspace = $1', [workspace])
  for (const { job } of rows) {
    await files.makeFolder(paths.job(job.id))
    await writeJson(files, paths.jobFile(job.id), job)
  }
  return rows.map(({ job }) => job.id)
}
