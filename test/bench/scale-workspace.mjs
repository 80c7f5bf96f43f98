/**
 * A million cases for `npm run bench:scale`. Some hundred documents are put one by one through the store, as mining puts
 * them; the others are copies of these under other names, made inside the database (or line by line in the folder): of
 * the same size, each with its own id, document, picture and places in all indexes. A sealed cycle ranks all of them.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { documentCases } from './annotator-workspace.mjs'

const dist = path => import(join(import.meta.dirname, '..', '..', 'dist', path))
export const PER_DOCUMENT = 20
const YEAR = '/2020.'
const PICTURE = '0'.repeat(8)
/** What a copy is called in the place of the first one's year, and of its pictures' first digits. */
const yearOf = copy => `/${2100 + copy}.`
const pictureOf = copy => String(copy).padStart(8, '0')

/** The documents that are put one by one, each with its cases. */
export async function originals(count, seed) {
  const { seededRandom } = await dist('data/statistics/random.js')
  const random = seededRandom(seed)
  const documents = []
  for (let number = 0; number < count; number++) {
    const cases = await documentCases(number, random, [], number % 5 === 0 ? 'negative' : 'positive')
    documents.push({ name: cases[0].document, cases })
  }
  return documents
}

/** @returns milliseconds of each put. */
export async function putAll(store, documents) {
  const times = []
  for (const { name, cases } of documents) {
    const began = performance.now()
    await store.cases.put(name, cases)
    times.push(performance.now() - began)
  }
  return times
}

/**
 * Copies what is there inside the database. Indexes are left out meanwhile and made when all rows stand, as a bulk load
 * does. @returns seconds of both.
 */
export async function copyInDatabase(postgres, copies) {
  const { ask } = postgres
  const columns = (
    await ask(
      `select column_name as name from information_schema.columns
       where table_schema = 'lesionloop' and table_name = 'cases' and is_identity = 'NO' order by ordinal_position`,
    )
  ).map(({ name }) => name)
  const indexes = await ask(
    `select indexname as name, indexdef as made from pg_indexes
     where schemaname = 'lesionloop' and tablename = 'cases' and indexname <> 'cases_pkey'`,
  )
  let began = performance.now()
  for (const { name } of indexes) await ask(`drop index lesionloop.${name}`)
  const renamed = name => `replace(${name}, '${YEAR}', '/' || 2100 + k || '.')`
  const given = name => {
    if (['id', 'put', 'document', 'figure', 'sort_key', 'search'].includes(name)) return renamed(name)
    if (name === 'image') return `lpad(k::text, 8, '0') || substr(image, 9)`
    if (name !== 'mined') return name
    const picture = field => [`"${field}":"${PICTURE}`, `'"${field}":"' || lpad(k::text, 8, '0')`]
    return `${['image', 'imageFile'].reduce((text, field) => {
      const [from, to] = picture(field)
      return `replace(${text}, '${from}', ${to})`
    }, renamed('mined::text'))}::json`
  }
  const TOGETHER = 10
  for (let from = 1; from <= copies; from += TOGETHER)
    await ask(
      `insert into lesionloop.cases (${columns.join(', ')})
       select ${columns.map(given).join(', ')}
       from lesionloop.cases, generate_series(${from}, ${Math.min(copies, from + TOGETHER - 1)}) k
       where put like '%${YEAR}%'`,
    )
  const rows = (performance.now() - began) / 1000
  began = performance.now()
  // The one of the words takes as long as all others together.
  const words = indexes.filter(({ made }) => made.includes('gin_trgm'))
  const other = await postgres.connect()
  const beside = (async () => {
    await other.query("set maintenance_work_mem = '512MB'")
    for (const { made } of words) await other.query(made)
  })()
  for (const each of indexes) if (!words.includes(each)) await ask(each.made)
  await beside
  await other.end()
  await ask('vacuum analyze lesionloop.cases')
  return { rows, indexes: (performance.now() - began) / 1000 }
}

/** The same in a folder: the put documents and their copies, a line a case. */
export async function writeCasesFile(path, documents, copies) {
  await mkdir(join(path, '..'), { recursive: true })
  const out = createWriteStream(path)
  for (let copy = 0; copy <= copies; copy++)
    for (const { name, cases } of documents) {
      const lines = [{ put: name, count: cases.length }, ...cases].map(row => JSON.stringify(row)).join('\n')
      const text =
        copy === 0
          ? lines
          : lines
              .replaceAll(YEAR, yearOf(copy))
              .replaceAll(`"image":"${PICTURE}`, `"image":"${pictureOf(copy)}`)
              .replaceAll(`"imageFile":"${PICTURE}`, `"imageFile":"${pictureOf(copy)}`)
      await written(out, `${text}\n`)
    }
  await ended(out)
}

const written = (out, text) =>
  out.write(text) ? undefined : new Promise(resolve => out.once('drain', resolve))
const ended = out => new Promise((resolve, reject) => out.end(error => (error ? reject(error) : resolve())))

/** Records of all documents. */
export async function writeDocuments(workspace, documents, copies) {
  for (let copy = 0; copy <= copies; copy++)
    for (const { name } of documents) {
      const id = copy === 0 ? name : name.replace(YEAR, yearOf(copy))
      const path = workspace.paths.documentFile(id)
      await mkdir(join(path, '..'), { recursive: true })
      const file = { name: `${id}.pdf`, sha256: '0'.repeat(64), bytes: 1 }
      const record = {
        ...{ id, format: 'pdf', file, doi: id.slice(0, -2), version: 1, pages: 5, figures: [], skipped: [] },
        title: `CT findings of COVID-19 pneumonia, report ${id}`,
        miner: { version: 'bench' },
        minedAt: '2026-11-20T09:00:00.000Z',
      }
      await writeFile(path, JSON.stringify(record))
    }
}

/** A sealed cycle whose predictions and queue hold every case, in an order by the seed. @returns bytes of both. */
export async function writeCycle(workspace, documents, copies, seed) {
  const { LESIONS } = await dist('data/records/vocabulary.js')
  const { seededRandom } = await dist('data/statistics/random.js')
  const random = seededRandom(seed)
  const folder = workspace.paths.cycle('0001')
  await mkdir(folder, { recursive: true })
  const ids = documents.flatMap(({ cases }) => cases.map(({ id, image }) => ({ id, image })))
  const total = ids.length * (copies + 1)
  const order = Uint32Array.from({ length: total }, (_, at) => at)
  for (let at = total - 1; at > 0; at--) {
    const other = random.integer(at + 1)
    const kept = order[at]
    order[at] = order[other]
    order[other] = kept
  }
  const share = () => Math.round(random.next() * 1e6) / 1e6
  const queue = createWriteStream(join(folder, 'queue.jsonl'))
  const predictions = createWriteStream(join(folder, 'predictions.jsonl'))
  for (const [rank, at] of order.entries()) {
    const copy = Math.floor(at / ids.length)
    const first = ids[at % ids.length]
    const id = copy === 0 ? first.id : first.id.replace(YEAR, yearOf(copy))
    const image = copy === 0 ? first.image : pictureOf(copy) + first.image.slice(8)
    const head = LESIONS[random.integer(LESIONS.length)]
    const score = share()
    const entry = { case: id, rank: rank + 1, score, strategy: 'balanced', head }
    const why = `the image says ${head} ${score.toFixed(2)}; the caption says nothing of it`
    const lesions = Object.fromEntries(LESIONS.map(lesion => [lesion, share()]))
    const prediction = { case: id, image, side: 'pool', fold: rank % 5, flag: share(), lesions }
    await written(queue, `${JSON.stringify({ ...entry, why })}\n`)
    await written(predictions, `${JSON.stringify(prediction)}\n`)
  }
  await Promise.all([ended(queue), ended(predictions)])
  const heads = { flag: {}, lesions: {}, curves: { roc: [], precisionRecall: [], loss: [] } }
  await writeFile(join(folder, 'metrics.json'), JSON.stringify({ ...heads, threshold: 0.5, warnings: [] }))
  const cycle = {
    ...{ id: '0001', startedAt: '2026-11-20T09:00:00.000Z', sealedAt: '2026-11-20T10:00:00.000Z' },
    ...{ by: 'bench', code: 'bench', seed: 1, config: {}, files: {} },
    backend: { name: 'wasm', reason: 'bench' },
    backbone: { name: 'bench', weights: '', weightsSha256: '' },
    learnedFrom: {
      labels: '',
      cases: { train: 0, val: 0, test: 0, pool: total },
      sources: {},
      journalSeq: 0,
    },
  }
  await writeFile(join(folder, 'cycle.json'), JSON.stringify(cycle))
  return { queue: queue.bytesWritten, predictions: predictions.bytesWritten }
}

/** Lines of a file, counted without holding it. */
export async function linesOf(path) {
  let lines = 0
  for await (const _ of createInterface({ input: createReadStream(path) })) lines++
  return lines
}
