/**
 * Pictures a second with 1 and 2 workers on the queue: phantoms of 512 × 512, scored by heads on frozen features, which
 * is what a cycle's time goes into. Each worker has a processor to itself, so that two are compared with one and not with
 * more threads. Alone: `node test/bench/scale-pictures.mjs [--pictures N] [--workers N] [--backend NAME] [--json]` (a
 * PostgreSQL of its own; after npm run build).
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')
const cli = join(root, 'dist', 'cli.js')
const dist = path => import(join(root, 'dist', path))
const START_MS = 4000
const SIDE = 512
const A_DOCUMENT = 4
/** Cases enough for a checkpoint that answers; how well it does is not asked here. */
const OF_THE_MODEL = 40

/**
 * A workspace of phantoms in `folder`, its cases in the database where one is named.
 * @returns nothing; made again from the same numbers it has the same pictures.
 */
export async function makePictures(folder, count, { side = SIDE, database } = {}) {
  const { openWorkspace } = await dist('data/workspace/open.js')
  const { openStore } = await dist('data/stores/open.js')
  const { phantomSlice } = await dist('data/demo/phantom/slice.js')
  const { encodePng, storeImage } = await dist('data/workspace/images.js')
  const { perLesion } = await dist('data/records/vocabulary.js')
  const workspace = await openWorkspace(folder, { create: true })
  const store = await openStore(workspace, { write: ['cases'], ...(database ? { database } : {}) })
  for (let from = 0; from < count; from += A_DOCUMENT) {
    const document = `10.0/pictures.${from / A_DOCUMENT}`
    const cases = []
    for (let at = 0; at < Math.min(A_DOCUMENT, count - from); at++) {
      const covid = (from / A_DOCUMENT) % 2 === 0
      const slice = phantomSlice(`scale/${from + at}`, { covid, width: side, height: side })
      const rgb = new Uint8Array(3 * slice.pixels.length)
      slice.pixels.forEach((grey, place) => {
        rgb.fill(grey, 3 * place, 3 * place + 3)
      })
      const image = await storeImage(workspace, await encodePng({ data: rgb, width: side, height: side }))
      cases.push({
        id: `${document}#1#${at}`,
        ...{ document, figure: '1', panel: String(at), order: at, page: 1, width: side, height: side },
        ...{ image: image.id, imageFile: image.file, kind: { kind: 'ct', score: 1 }, caption: 'Phantom' },
        ...{ mentions: [], skipped: [], patient: document, minedBy: 'bench' },
        mined: {
          flag: covid ? 'positive' : 'negative',
          evidence: [],
          findings: perLesion(lesion => (slice.lesions.includes(lesion) ? 'present' : 'absent')),
        },
        source: { name: 'phantoms', file: `${document}.pdf`, format: 'pdf' },
      })
    }
    await store.cases.put(document, cases)
  }
  await store.close()
}

/** A checkpoint of heads on `starter`, from a workspace of its own. @returns its path. */
export async function makeModel(folder) {
  await makePictures(folder, OF_THE_MODEL, { side: 96 })
  const args = ['cycle', '--samples', '50', '--epochs', '30', '--penalties', '100', '--lambdas', '0.3']
  await promisify(execFile)(process.execPath, [cli, ...args, '--workspace', folder], {
    env: { ...process.env, LESIONLOOP_DATABASE: '' },
  })
  return join(folder, 'cycles', '0001', 'checkpoint.safetensors')
}

const hasTaskset = spawnSync('taskset', ['--version']).status === 0
/** A worker on a processor of its own, where the system can do that. */
function startWorker(at, folder, database) {
  const args = [cli, 'worker', '--workspace', folder, '--kinds', 'predict', '--no-gpu', '--quiet']
  const pinned = hasTaskset
    ? ['taskset', ['-c', String(at % availableParallelism()), process.execPath, ...args]]
    : [process.execPath, args]
  return spawn(pinned[0], pinned[1], {
    env: { ...process.env, LESIONLOOP_DATABASE: database },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/**
 * Scores all pictures of a workspace by so many workers. Workers wait already when the job is put in; the time is that
 * of the job, from putting it in to its end.
 * @param of.folder filled by `makePictures` with `database`, nothing computed of it yet.
 */
export async function scoreWith({ workers, folder, database, pictures, model, backend = 'wasm' }) {
  const { openStore } = await dist('data/stores/open.js')
  const { openWorkspace } = await dist('data/workspace/open.js')
  const running = Array.from({ length: workers }, (_, at) => startWorker(at, folder, database))
  let said = ''
  for (const each of running) each.stderr.on('data', part => (said += part))
  const store = await openStore(await openWorkspace(folder), { database })
  try {
    await new Promise(resolve => setTimeout(resolve, START_MS))
    const args = ['predict', '--queue', '--detach', '--model', model, '--backend', backend]
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [cli, ...args, '--shards', String(4 * workers), '--workspace', folder, '--json'],
      { env: { ...process.env, LESIONLOOP_DATABASE: database } },
    )
    const { job: id } = JSON.parse(stdout)
    for (;;) {
      const job = await store.jobs.get(id)
      if (job?.endedAt) {
        if (job.state !== 'done') throw new Error(`bench: ${JSON.stringify(job.error)} ${said.slice(-500)}`)
        const seconds = (Date.parse(job.endedAt) - Date.parse(job.startedAt)) / 1000
        return { workers, pictures, backend, seconds, perSecond: pictures / seconds }
      }
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  } finally {
    await store.close()
    for (const each of running) each.kill('SIGTERM')
    await Promise.all(
      running.map(each => each.exitCode ?? new Promise(resolve => each.once('exit', resolve))),
    )
  }
}

if (process.argv[1] === import.meta.filename) {
  const given = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`)
    return at > 0 ? process.argv[at + 1] : otherwise
  }
  const [pictures, most] = [Number(given('pictures', 400)), Number(given('workers', 2))]
  const { startPostgres } = await import('./scale-postgres.mjs')
  const dir = await mkdtemp(join(tmpdir(), 'lesionloop-scale-pictures-'))
  const postgres = await startPostgres()
  const table = []
  try {
    const model = await makeModel(join(dir, 'model'))
    for (let workers = 1; workers <= most; workers++) {
      const database = `${postgres.address}&workspace=with${workers}`
      const folder = join(dir, `with-${workers}`)
      // The same pictures; the cases in a workspace of the database for each.
      if (workers > 1) await cp(join(dir, 'with-1', 'images'), join(folder, 'images'), { recursive: true })
      await makePictures(folder, pictures, { database })
      table.push(
        await scoreWith({ workers, folder, database, pictures, model, backend: given('backend', 'wasm') }),
      )
    }
  } finally {
    await postgres.close()
    await rm(dir, { recursive: true, force: true })
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify(table))
  else
    for (const { workers, seconds, perSecond, backend } of table)
      console.log(
        `${workers} ${workers === 1 ? 'worker' : 'workers'} (${backend}): ${pictures} pictures in ${seconds.toFixed(1)} s, ${perSecond.toFixed(1)} pictures/s, ${(perSecond / table[0].perSecond).toFixed(2)} times one`,
      )
}
