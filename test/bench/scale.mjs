/**
 * What a million cases cost, over a PostgreSQL of the bench's own and in a folder beside it:
 * `npm run bench:scale [-- --cases N] [--seconds N] [--documents N] [--seed N] [--dir DIR] [--no-folder] [--no-mining] [--no-pictures]
 * [--json] [--keep]`.
 * Prints the tables of docs/scale.md. Everything is on this machine: PostgreSQL, servers, workers and who asks them share
 * its processors, so that times are upper bounds; a plain insert with its commit, and a plain append with fsync, measured
 * in the same run, say what the machine gave.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { percentiles, round } from './annotator-server-process.mjs'
import { leasesByRoute, leasesInSql, leasesInStore } from './scale-leases.mjs'
import { makeDocuments, mineWith } from './scale-mining.mjs'
import { makeModel, makePictures, scoreWith } from './scale-pictures.mjs'
import { SETTINGS, startPostgres } from './scale-postgres.mjs'
import { printTables } from './scale-report.mjs'
import { saveTogether } from './scale-saves.mjs'
import { curatorOf, pagesOf, startServer } from './scale-server.mjs'
import {
  copyInDatabase,
  originals,
  PER_DOCUMENT,
  putAll,
  writeCasesFile,
  writeCycle,
  writeDocuments,
} from './scale-workspace.mjs'

const flag = name => process.argv.includes(`--${name}`)
const given = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`)
  const value = at > 0 ? Number(process.argv[at + 1]) : otherwise
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`bench: --${name}: expected a whole number`)
  process.exit(2)
}
const dirAt = process.argv.indexOf('--dir')
const within = dirAt > 0 ? process.argv[dirAt + 1] : tmpdir()
const ORIGINALS = 250
const seed = given('seed', 1)
const copies = Math.max(0, Math.round(given('cases', 1_000_000) / (ORIGINALS * PER_DOCUMENT)) - 1)
const cases = ORIGINALS * PER_DOCUMENT * (copies + 1)
const seconds = given('seconds', 10)
const documentCount = given('documents', 36)
const PEOPLE = 50
const WRITERS = 32
const began = performance.now()
const say = text =>
  flag('json') || console.error(`${((performance.now() - began) / 1000).toFixed(0)} s: ${text}`)
const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))

async function timed(work) {
  const from = performance.now()
  const result = await work()
  return { seconds: round((performance.now() - from) / 1000), result }
}

/** One insert of a kilobyte and its commit, one after the other; and an append with fsync. */
async function plain(postgres, dir) {
  const client = await postgres.connect()
  await client.query('create table plain (n bigint generated always as identity primary key, content text)')
  const inserts = []
  const appends = []
  const file = openSync(join(dir, 'plain'), 'a')
  const content = 'x'.repeat(1000)
  for (let from = performance.now(); performance.now() - from < 3000; ) {
    let at = performance.now()
    await client.query('insert into plain (content) values ($1)', [content])
    inserts.push(performance.now() - at)
    at = performance.now()
    writeSync(file, content)
    fsyncSync(file)
    appends.push(performance.now() - at)
  }
  closeSync(file)
  await client.query('drop table plain')
  await client.end()
  return { insert: percentiles(inserts), append: percentiles(appends) }
}

const sizesOf = ask =>
  ask(
    `select c.relname as name, c.relkind = 'i' as is_index,
       pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) as bytes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'lesionloop' and c.relkind in ('r', 'i') order by 3 desc`,
  ).then(rows => rows.map(row => ({ ...row, bytes: Number(row.bytes) })))

async function overDatabase(dir, postgres, documents) {
  const { openWorkspace } = await dist('data/workspace/open.js')
  const { openStore } = await dist('data/stores/open.js')
  const { LEND } = await dist('data/stores/postgres/queue.js')
  const folder = join(dir, 'database')
  const workspace = await openWorkspace(folder, { create: true })
  const store = await openStore(workspace, { write: ['cases', 'labels'], database: postgres.address })
  try {
    say(`${documents.length} documents are put`)
    const puts = percentiles(await putAll(store, documents))
    say(`they are copied to ${cases} cases`)
    const load = await copyInDatabase(postgres, copies)
    say('a cycle that ranks all of them')
    const files = await writeCycle(workspace, documents, copies, seed)
    await writeDocuments(workspace, documents, copies)
    const takeIn = await timed(async () => {
      while ((await store.queue.cycle()) === null) await new Promise(resolve => setTimeout(resolve, 100))
    })
    const sizes = await sizesOf(postgres.ask)
    say('the server starts')
    let server = await startServer(folder, postgres.address)
    let start
    try {
      start = { listening: server.listening, ready: server.ready, memory: server.memory().memory }
      const own = await curatorOf(server)
      start.pages = await pagesOf(own, cases)
      start.after = server.memory()
      start.postgres = postgres.memory()
    } finally {
      await server.stop()
    }
    say('leases')
    const [{ id }] = await postgres.ask('select id from lesionloop.workspaces')
    const client = await postgres.connect()
    const values = who => [id, '0001', -1, '', who, 600]
    const sql = await leasesInSql(client, { text: LEND, values }, 1000)
    await client.end()
    const inStore = await leasesInStore(store, { people: PEOPLE, each: 20 })
    const ids = documents.flatMap(document => document.cases.map(each => each.id))
    let taken = 0
    const take = () => {
      const at = taken++
      return copyOf(ids[at % ids.length], Math.floor(at / ids.length))
    }
    const saves = []
    const servers = []
    let byRoute
    try {
      for (const count of [1, 2, 4]) {
        while (servers.length < count) {
          const one = await startServer(folder, postgres.address)
          servers.push(one)
          // What it counts in the background after its start is done when this is answered.
          await (await curatorOf(one)).send('GET', '/api/stats')
        }
        say(`saves with ${count} servers`)
        const base = await plain(postgres, dir)
        const found = await saveTogether(servers, {
          writers: WRITERS,
          seconds,
          take,
          name: `Writer ${count}`,
        })
        saves.push({ ...found, plain: base })
        if (count === 2) byRoute = await leasesByRoute(servers, { people: PEOPLE, each: 10, name: 'Asker' })
      }
    } finally {
      for (server of servers) await server.stop()
    }
    const acts = Number((await postgres.ask('select count(*) as n from lesionloop.acts'))[0].n)
    return {
      puts,
      load,
      files,
      takeIn: takeIn.seconds,
      sizes,
      start,
      leases: { sql, inStore, byRoute },
      saves,
      acts,
    }
  } finally {
    await store.close()
  }
}

const copyOf = (id, copy) => (copy === 0 ? id : id.replace('/2020.', `/${2100 + copy}.`))

async function mining(dir, postgres) {
  const files = await makeDocuments(join(dir, 'pdf'), documentCount)
  const found = []
  for (const workers of [1, 2]) {
    say(`mining with ${workers} workers`)
    const database = `${postgres.address}&workspace=mining${workers}`
    found.push(await mineWith({ workers, folder: join(dir, `mining${workers}`), files, database }))
  }
  return found
}

const PICTURES = 200

async function scoring(dir, postgres) {
  const model = await makeModel(join(dir, 'model'))
  const found = []
  for (const workers of [1, 2]) {
    say(`pictures scored with ${workers} workers`)
    const database = `${postgres.address}&workspace=pictures${workers}`
    const folder = join(dir, `pictures${workers}`)
    await makePictures(folder, PICTURES, { database })
    found.push(await scoreWith({ workers, folder, database, pictures: PICTURES, model }))
  }
  return found
}

async function inFolder(dir, documents) {
  const { openWorkspace } = await dist('data/workspace/open.js')
  const folder = join(dir, 'folder')
  const workspace = await openWorkspace(folder, { create: true })
  say('the same in a folder')
  const write = await timed(() => writeCasesFile(workspace.paths.cases, documents, copies))
  await writeCycle(workspace, documents, copies, seed)
  const bytes = (await stat(workspace.paths.cases)).size
  const server = await startServer(folder)
  try {
    const start = { listening: server.listening, ready: server.ready, memory: server.memory().memory }
    const own = await curatorOf(server)
    start.pages = await pagesOf(own, cases)
    start.after = server.memory()
    const leases = await leasesByRoute([server], { people: PEOPLE, each: 10, name: 'Asker' })
    return { write: write.seconds, bytes, start, leases }
  } finally {
    await server.stop()
  }
}

const dir = await mkdtemp(join(within, 'lesionloop-scale-'))
const postgres = await startPostgres(within)
try {
  await mkdir(dir, { recursive: true })
  const report = {
    ...{
      cases,
      seed,
      seconds,
      people: PEOPLE,
      writers: WRITERS,
      settings: SETTINGS,
      postgres: postgres.version,
    },
    machine: {
      cores: availableParallelism(),
      model: cpus()[0]?.model,
      memoryGB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      load: round(loadavg()[0]),
    },
    plain: await plain(postgres, dir),
  }
  const documents = await originals(ORIGINALS, seed)
  report.database = await overDatabase(dir, postgres, documents)
  if (!flag('no-mining')) report.mining = await mining(dir, postgres)
  if (!flag('no-pictures')) report.scoring = await scoring(dir, postgres)
  if (!flag('no-folder'))
    report.folder = await inFolder(dir, documents).catch(error => ({ stopped: error.message }))
  report.took = Math.round((performance.now() - began) / 1000)
  if (flag('json')) console.log(JSON.stringify(report))
  else printTables(report)
  const { leases, saves } = report.database
  const doubled = leases.inStore.doubled + leases.byRoute.alone.doubled + leases.byRoute.together.doubled
  if (doubled > 0 || saves.some(({ errors }) => errors.length > 0)) process.exitCode = 1
} finally {
  await postgres.close()
  if (flag('keep')) console.error(`kept: ${dir}`)
  else await rm(dir, { recursive: true, force: true })
}
