import { readdirSync, readFileSync } from 'node:fs'
import { LesionloopError } from '../../errors.ts'
import { packagePath } from '../../workspace/package-root.ts'
import type { Ask, Database } from './connection.ts'

interface Step {
  number: number
  name: string
  sql: string
}

/** The migrations that come with this version, in order. */
function steps(): Step[] {
  const folder = ['data', 'stores', 'postgres', 'migrations']
  return readdirSync(packagePath(...folder))
    .flatMap(file => {
      const [, number, name] = /^(\d{3})-(.+)\.sql$/.exec(file) ?? []
      if (number === undefined) return []
      return [
        { number: Number(number), name: name!, sql: readFileSync(packagePath(...folder, file), 'utf8') },
      ]
    })
    .sort((a, b) => a.number - b.number)
}

/** Held while the schema is brought up: of two processes that start at once one does it. */
const SCHEMA_LOCK = 7_136_201

/**
 * Brings the database's schema up to this version; all steps in one transaction.
 * @throws LesionloopError `database-newer` where a newer lesionloop has been at it, `database-old` where the server is
 *   older than PostgreSQL 15.
 */
export async function bringUp(database: Database): Promise<void> {
  const known = steps()
  const newest = known.at(-1)!.number
  // Most starts find it done: one question, and no lock.
  const there = await database.ask<{ schema: string | null }>(
    `select to_regclass('lesionloop.migrations')::text as schema`,
  )
  if (there[0]?.schema && (await reached(database.ask, database)) === newest) return
  await database.inTransaction(async ask => {
    const [server] = await ask<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    if (server!.version < 150_000)
      throw new LesionloopError(
        'database-old',
        `database: ${database.address.shown}: PostgreSQL ${Math.floor(server!.version / 10_000)}: 15 or later is needed`,
      )
    await ask('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK])
    await ask('create schema if not exists lesionloop')
    await ask(
      'create table if not exists lesionloop.migrations (number integer primary key, name text not null, applied_at timestamptz not null default now())',
    )
    const done = await reached(ask, database)
    for (const { number, name, sql } of known) {
      if (number <= done) continue
      await ask(sql)
      await ask('insert into lesionloop.migrations (number, name) values ($1, $2)', [number, name])
    }
  })

  async function reached(ask: Ask, { address }: Database): Promise<number> {
    const [row] = await ask<{ number: number | null }>(
      'select max(number) as number from lesionloop.migrations',
    )
    const number = row?.number ?? 0
    if (number > newest)
      throw new LesionloopError(
        'database-newer',
        `database: ${address.shown}: its schema is of step ${number}: this lesionloop knows up to ${newest}; install a newer lesionloop`,
      )
    return number
  }
}

/** The number of a workspace in the database, made where it is new. */
export async function workspaceNumber(database: Database): Promise<number> {
  const name = database.address.workspace
  const find = () =>
    database.ask<{ id: number }>('select id from lesionloop.workspaces where name = $1', [name])
  const found = await find()
  if (found[0]) return found[0].id
  await database.ask('insert into lesionloop.workspaces (name) values ($1) on conflict do nothing', [name])
  return (await find())[0]!.id
}
