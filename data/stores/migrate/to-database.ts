import { LesionloopError } from '../../errors.ts'
import { figureOfId } from '../../journal/reach.ts'
import type { Act } from '../../records/act.ts'
import type { RunOptions } from '../../records/job.ts'
import { changeSettings, type Workspace } from '../../workspace/open.ts'
import { DATABASE_VARIABLE, databaseAddress, databaseOf } from '../database-address.ts'
import { openFileStore } from '../file-store.ts'
import { passwordFile } from '../passwords.ts'
import { plain } from '../postgres/case-rows.ts'
import { putCases } from '../postgres/cases.ts'
import { type Ask, openDatabase } from '../postgres/connection.ts'
import { contentOf, isEmpty } from '../postgres/content.ts'
import { openPostgresStore } from '../postgres/open.ts'
import { insertAccount } from '../postgres/people.ts'
import { bringUp } from '../postgres/schema.ts'
import { readSessions } from '../sessions.ts'
import type { Store } from '../store.ts'
import { type Fingerprint, fingerprint } from './fingerprint.ts'
import { putAside, putsOf, statesOfFolder } from './folder-content.ts'

const TOGETHER = 1000

export interface Migrated extends Fingerprint {
  /** For people: without a password. */
  to: string
  /** Where the folder's own files were put; null where it was the database that was left. */
  aside: string | null
}

/**
 * Moves acts, cases, people, jobs and sessions of a workspace from its folder into a database, in one transaction: all of
 * it or nothing. Before that is made final, both are read again and must be the same, act by act and case by case. Then
 * the settings name the database (without a password), and the folder's files are put aside.
 * @throws LesionloopError `migrate-source`, `migrate-target`, `migrate-differs`, `lock-held`, `cancelled`, `database-…`.
 */
export async function migrateToDatabase(
  workspace: Workspace,
  to: string,
  { signal, onProgress, now = () => new Date() }: RunOptions & { now?: () => Date } = {},
): Promise<Migrated> {
  const address = databaseAddress(to)
  const already = databaseOf(workspace)
  if (already)
    throw new LesionloopError(
      'migrate-source',
      `workspace: ${workspace.dir}: is on ${already.shown} already; move it to the folder first with \`lesionloop migrate --to folder\`, or unset ${DATABASE_VARIABLE}`,
    )
  const folder = await openFileStore(workspace, { write: ['labels', 'cases', 'accounts', 'jobs'] })
  try {
    const database = openDatabase(address)
    let found: Fingerprint
    try {
      await bringUp(database)
      found = await database.inTransaction(async ask => {
        const id = await emptyWorkspace(ask, address.workspace, address.shown)
        const seen = (step: string) => (done: number) => {
          signal?.throwIfAborted()
          onProgress?.({ step, done, total: null })
        }
        await copyActs(ask, id, folder, seen('acts copied'))
        await copyCases(ask, id, workspace, seen('documents copied'))
        await copyPeople(ask, id, workspace, folder)
        const here = await fingerprint(folder.acts.read(), statesOfFolder(folder), read =>
          seen('read in the folder')(read.acts + read.cases),
        )
        const there = await contentOf(ask, id, read => seen('read in the database')(read.acts + read.cases))
        needSame(here, there)
        return here
      })
    } finally {
      await database.close()
    }
    await changeSettings(workspace, { database: address.shown })
    const aside = await putAside(workspace, now())
    // The queue is taken in from the sealed cycles, as when a new one is sealed.
    const store = await openPostgresStore(workspace, address)
    await store.refresh().finally(() => store.close())
    return { ...found, to: address.shown, aside }
  } finally {
    await folder.close()
  }
}

/** @throws LesionloopError `migrate-differs`: what was copied is not the same, and is given up. */
export function needSame(here: Fingerprint, there: Fingerprint): void {
  if (here.hash === there.hash) return
  throw new LesionloopError(
    'migrate-differs',
    `migrate: ${here.acts} acts and ${here.cases} cases on one side, ${there.acts} and ${there.cases} on the other, and not the same; nothing was moved: run \`lesionloop doctor\` and tell the makers`,
    { here, there },
  )
}

async function emptyWorkspace(ask: Ask, name: string, shown: string): Promise<number> {
  await ask('insert into lesionloop.workspaces (name) values ($1) on conflict do nothing', [name])
  const [row] = await ask<{ id: number }>('select id from lesionloop.workspaces where name = $1 for update', [
    name,
  ])
  if (!(await isEmpty(ask, row!.id)))
    throw new LesionloopError(
      'migrate-target',
      `database: ${shown}: holds a workspace already; give this one another name with ?workspace=NAME`,
    )
  return row!.id
}

async function copyActs(
  ask: Ask,
  workspace: number,
  from: Store,
  seen: (done: number) => void,
): Promise<void> {
  let some: Act[] = []
  let copied = 0
  let lastAt = ''
  const write = async () => {
    if (some.length === 0) return
    await ask(
      `insert into lesionloop.acts (workspace, seq, op, at, who, case_id, base, act, figure)
       select $1, seq, op, at, who, case_id, base, act::json, figure
       from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::text[], $9::text[])
         as given (seq, op, at, who, case_id, base, act, figure)`,
      [
        workspace,
        some.map(act => act.seq),
        some.map(act => act.op),
        some.map(act => act.at),
        some.map(act => act.who),
        some.map(act => act.case),
        some.map(act => act.base),
        some.map(({ act }) => JSON.stringify(act)),
        some.map(act => plain(figureOfId(act.case))),
      ],
    )
    copied += some.length
    some = []
    seen(copied)
  }
  for await (const act of from.acts.read()) {
    some.push(act)
    lastAt = act.at
    if (some.length >= TOGETHER) await write()
  }
  await write()
  await ask('update lesionloop.workspaces set last_seq = $2, last_at = $3 where id = $1', [
    workspace,
    await from.acts.lastSeq(),
    lastAt,
  ])
}

async function copyCases(
  ask: Ask,
  workspace: number,
  from: Workspace,
  seen: (done: number) => void,
): Promise<void> {
  let copied = 0
  for await (const { document, cases, cut } of putsOf(from)) {
    await putCases(ask, workspace, document, cases)
    if (cut.length > 0)
      await ask(
        `insert into lesionloop.cut_cases (workspace, put, mined)
         select $1, $2, mined::json from unnest($3::text[]) mined`,
        [workspace, plain(document), cut.map(mined => JSON.stringify(mined))],
      )
    seen(++copied)
  }
}

async function copyPeople(ask: Ask, workspace: number, from: Workspace, store: Store): Promise<void> {
  for (const account of await store.accounts.list()) await insertAccount(ask, workspace, account)
  for (const [account, kept] of Object.entries(await passwordFile(from).all()))
    await ask(
      'insert into lesionloop.passwords (workspace, account, hash, changed_at) values ($1, $2, $3, $4)',
      [workspace, account, kept.hash, kept.changedAt],
    )
  const { sessions = {}, links = {} } = (await readSessions(from)) ?? {}
  for (const [hash, session] of Object.entries(sessions))
    await ask('insert into lesionloop.sessions values ($1, $2, $3, $4, $5, $6)', [
      workspace,
      hash,
      session.account,
      session.owner,
      session.createdAt,
      session.expiresAt,
    ])
  for (const [hash, link] of Object.entries(links))
    await ask('insert into lesionloop.links (workspace, hash, account, expires_at) values ($1, $2, $3, $4)', [
      workspace,
      hash,
      link.account,
      link.expiresAt,
    ])
  for (const job of await store.jobs.list())
    await ask('insert into lesionloop.jobs (workspace, id, started_at, job) values ($1, $2, $3, $4)', [
      workspace,
      job.id,
      job.startedAt,
      JSON.stringify(job),
    ])
}
