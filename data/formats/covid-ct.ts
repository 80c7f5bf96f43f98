import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, messageOf } from '../errors.ts'
import type { MinedCase } from '../records/case.ts'
import { storeImage } from '../workspace/images.ts'
import type { Workspace } from '../workspace/open.ts'
import { packageVersion } from '../workspace/package-root.ts'
import { covidCtName } from './covid-ct-names.ts'
import { COVID_CT_FOLDERS, type CovidCtRow, type CovidCtTables, readCovidCt } from './covid-ct-tables.ts'
import { covidCtWarnings } from './covid-ct-warnings.ts'
import type { ImportOptions, ImportResult, RejectedItem } from './import-result.ts'
import { inParallel } from './in-parallel.ts'
import { rejectAll } from './rejections.ts'
import { captionFields, mineCaptions } from './text-findings.ts'

/** Controls come from no paper; they are put into the store under this name. */
const CONTROLS = 'covid-ct:CT_NonCOVID'

/**
 * Takes in COVID-CT (He et al.) with the labels and the split of LA-DNN, from a folder as `readCovidCt` describes it.
 * A COVID image's document is its paper (`covid-ct:2020.02.11.20021493`); a control has none and is a case by its
 * image. Faults of the dataset are reported as warnings and kept as they are published; what can't be used (a picture
 * that doesn't decode, a row without picture, a picture without row) goes to rejected/, the rest goes through.
 * @throws LesionloopError `covid-ct-layout`, `csv-column`, `file-missing`, or the signal's reason.
 */
export async function importCovidCt(
  workspace: Workspace,
  folder: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const { signal, onProgress } = options
  onProgress?.({ step: 'reading tables', done: 0, total: null, detail: folder })
  const tables = await readCovidCt(folder)
  const rejected: RejectedItem[] = [...tables.rejected, ...unmatched(tables)]
  for (const { item, code, message } of rejected)
    onProgress?.({ step: 'reading tables', done: 0, total: null, problem: { item, code, message } })

  const findings = await mineCaptions(
    [...tables.captions.values()].map(({ caption }) => caption),
    options.mineText,
  )
  const rows = [...tables.rows.values()].filter(row => tables.images.has(row.name))
  let done = 0
  const cases = await inParallel(rows, 4, async row => {
    signal?.throwIfAborted()
    const path = join('images', tables.images.get(row.name)!, row.name)
    try {
      const bytes = await readFile(join(folder, path))
      const image = await storeImage(workspace, bytes, { originalName: row.name })
      return caseOf(row, tables, image, findings, options)
    } catch (error) {
      const problem = { item: path, code: codeOf(error), message: `covid-ct: ${messageOf(error)}` }
      rejected.push(problem)
      onProgress?.({ step: 'storing images', done, total: rows.length, problem })
      return undefined
    } finally {
      done++
      onProgress?.({ step: 'storing images', done, total: rows.length, detail: row.name })
    }
  })
  const taken = withoutRepeats(
    cases.filter(row => row !== undefined),
    rejected,
  )
  const documents = await putByDocument(taken, options)
  rejected.sort((one, other) => (one.item < other.item ? -1 : 1))
  await rejectAll(workspace, folder, rejected)
  return {
    format: 'covid-ct',
    imported: taken.length,
    documents,
    rejected,
    warnings: covidCtWarnings(taken),
  }
}

/** Rows without picture, pictures without row, and rows that contradict the folder of their picture. */
function unmatched(tables: CovidCtTables): RejectedItem[] {
  const found: RejectedItem[] = []
  for (const row of tables.rows.values()) {
    const folder = tables.images.get(row.name)
    if (folder === undefined)
      found.push({
        item: row.where,
        code: 'image-missing',
        message: `covid-ct: ${row.where}: ${row.name}: no such picture in images/; fetch the dataset again`,
      })
    else if (COVID_CT_FOLDERS[folder] !== row.flag) {
      found.push({
        item: row.where,
        code: 'flag-folder',
        message: `covid-ct: ${row.where}: ${row.name}: lies in ${folder}, its row says ${row.flag}; put one of them right`,
      })
      tables.images.delete(row.name)
    }
  }
  for (const [name, folder] of tables.images)
    if (!tables.rows.has(name))
      found.push({
        item: `images/${folder}/${name}`,
        code: 'row-missing',
        message: `covid-ct: ${name}: in no row of train.csv, val.csv or test.csv; it has no label and was left out`,
      })
  return found
}

function caseOf(
  row: CovidCtRow,
  tables: CovidCtTables,
  image: { id: string; file: string; width: number; height: number; format: string },
  findings: Awaited<ReturnType<typeof mineCaptions>>,
  options: ImportOptions,
): MinedCase {
  const folder = tables.images.get(row.name)!
  const control = folder === 'CT_NonCOVID'
  const name = covidCtName(row.name)
  const document = control ? null : `covid-ct:${name.paper}`
  const caption = tables.captions.get(row.name)
  const text = caption?.caption ?? ''
  const known = caption?.patient ?? tables.patients.get(row.name)
  return {
    // Every picture is a figure of its own: pictures cut from one figure have captions of their own in this dataset.
    id: document === null ? image.id : `${document}#${name.picture}#~1`,
    document,
    figure: control ? null : name.picture,
    panel: null,
    order: 0,
    page: control ? null : name.page,
    image: image.id,
    imageFile: image.file,
    width: image.width,
    height: image.height,
    kind: { kind: 'ct', score: 1 },
    ...captionFields(text, findings(text), null),
    published: { flag: row.flag, findings: row.lesions, dataset: 'covid-ct' },
    patient: known ? `covid-ct:${known}` : (document ?? `covid-ct:${row.name}`),
    source: { name: 'covid-ct', file: `images/${folder}/${row.name}`, format: image.format },
    officialSide: row.side,
    minedBy: `${options.miner ?? 'no miner'}, import ${packageVersion()}`,
  }
}

/** Two cases of one id (the same control picture twice) would be one: the second is told of and left out. */
function withoutRepeats(cases: MinedCase[], rejected: RejectedItem[]): MinedCase[] {
  const first = new Map<string, MinedCase>()
  for (const row of cases) {
    const before = first.get(row.id)
    if (before)
      rejected.push({
        item: row.source.file,
        code: 'image-double',
        message: `covid-ct: ${row.source.file}: the same picture as ${before.source.file}; only the first was taken`,
      })
    else first.set(row.id, row)
  }
  return [...first.values()]
}

async function putByDocument(cases: readonly MinedCase[], options: ImportOptions): Promise<number> {
  const byDocument = new Map<string, MinedCase[]>()
  for (const row of cases) {
    const key = row.document ?? CONTROLS
    const there = byDocument.get(key)
    if (there) there.push(row)
    else byDocument.set(key, [row])
  }
  let done = 0
  for (const [document, rows] of [...byDocument].sort(([one], [other]) => (one < other ? -1 : 1))) {
    options.signal?.throwIfAborted()
    await options.cases.put(
      document,
      rows.sort((one, other) => (one.id < other.id ? -1 : 1)),
    )
    options.onProgress?.({ step: 'writing cases', done: ++done, total: byDocument.size, detail: document })
  }
  return [...byDocument.keys()].filter(key => key !== CONTROLS).length
}
