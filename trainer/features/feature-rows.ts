import { createReadStream } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { csvRows } from '../../data/formats/csv-table.ts'
import { readSafetensors } from '../weights/safetensors.ts'

/** A row of a features file, or a place in it that can't be used and why. */
export type FeatureRow = { image: string; values: Float32Array } | { place: string; fault: string }

/** Columns and keys that may hold the image's id. */
const ID = 'image'

/**
 * The rows of a features file: JSON lines `{"image": id, "features": […]}`, CSV with a column `image` and one for every
 * number, or a safetensors file with one matrix (`features` where there are several) and the ids in its metadata
 * (`images`, a JSON list) or beside it (`NAME.ids.txt`, a line each).
 * @throws LesionloopError `features-format`, `csv-column`, `weights-damaged`.
 */
export function featureRows(path: string): AsyncIterable<FeatureRow> {
  switch (extname(path).toLowerCase()) {
    case '.jsonl':
    case '.ndjson':
      return jsonRows(path)
    case '.csv':
      return tableRows(path)
    case '.safetensors':
      return matrixRows(path)
    default:
      throw formatError(path, `${extname(path) || 'no ending'}: expected .jsonl, .csv or .safetensors`)
  }
}

async function* jsonRows(path: string): AsyncGenerator<FeatureRow> {
  let line = 0
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const text of lines) {
    line++
    const bare = line === 1 ? text.replace(/^\uFEFF/, '') : text
    if (bare.trim() === '') continue
    try {
      const { [ID]: image, features } = JSON.parse(bare) as { image?: unknown; features?: unknown }
      if (typeof image !== 'string' || !Array.isArray(features))
        yield { place: `line ${line}`, fault: `expected {"${ID}": "…", "features": […]}` }
      else
        yield {
          image,
          values: Float32Array.from(features, value => (typeof value === 'number' ? value : Number.NaN)),
        }
    } catch (error) {
      yield { place: `line ${line}`, fault: `not valid JSON (${messageOf(error)})` }
    }
  }
}

async function* tableRows(path: string): AsyncGenerator<FeatureRow> {
  const broken: FeatureRow[] = []
  const rows = csvRows(path, [ID], (line, fault) => broken.push({ place: `line ${line}`, fault }))
  for await (const { values } of rows) {
    yield* broken.splice(0)
    const { [ID]: image = '', ...numbers } = values
    yield {
      image,
      values: Float32Array.from(Object.values(numbers), text => (text === '' ? Number.NaN : Number(text))),
    }
  }
  yield* broken
}

async function* matrixRows(path: string): AsyncGenerator<FeatureRow> {
  const { tensors, metadata } = await readSafetensors(path)
  const named = tensors.get('features') ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined)
  const [count, width] = named?.shape ?? []
  if (named?.shape.length !== 2 || count === undefined || width === undefined)
    throw formatError(
      path,
      `${[...tensors].map(([name, { shape }]) => `${name} [${shape}]`).join(', ') || 'no tensor'}: expected one matrix "features" [images, numbers]`,
    )
  const ids = await idsOf(path, metadata['images'])
  if (ids.length !== count)
    throw formatError(path, `${ids.length} ids for ${count} rows: expected an id a row`)
  for (let row = 0; row < count; row++)
    yield { image: ids[row]!, values: named.data.subarray(row * width, (row + 1) * width) }
}

async function idsOf(path: string, listed: string | undefined): Promise<string[]> {
  if (listed !== undefined) {
    try {
      const ids: unknown = JSON.parse(listed)
      if (Array.isArray(ids) && ids.every(id => typeof id === 'string')) return ids
    } catch {
      // Said below, as for anything else that is no list of texts.
    }
    throw formatError(path, 'its metadata "images" is no JSON list of texts')
  }
  const beside = path.replace(/\.safetensors$/i, '.ids.txt')
  await access(beside).catch(() => {
    throw formatError(path, `no ids: expected them in its metadata "images" or, a line each, in ${beside}`)
  })
  return (await readFile(beside, 'utf8')).split(/\r?\n/).filter(line => line.trim() !== '')
}

const formatError = (path: string, found: string) =>
  new LesionloopError('features-format', `features: ${path}: ${found}; see docs/formats.md`, { path })
