import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import { codeOf, LesionloopError, messageOf } from '../errors.ts'
import type { MinedCase } from '../records/case.ts'
import { LESIONS } from '../records/vocabulary.ts'
import { type StoredImage, storeImage } from '../workspace/images.ts'
import type { Workspace } from '../workspace/open.ts'
import { packageVersion } from '../workspace/package-root.ts'
import type { ImportOptions, ImportResult, ImportWarning, RejectedItem } from './import-result.ts'
import { inParallel } from './in-parallel.ts'
import { type LabelledRow, labelledRow } from './labelled-row.ts'
import { rejectAll } from './rejections.ts'
import { captionFields, mineCaptions } from './text-findings.ts'

/** A row as it was read, with its place in the file; `fault` where it could not even be read. */
export interface RawRow {
  line: number
  content?: unknown
  fault?: string
}

/** Where the rows' pictures lie, and what their dataset is called; else as the file's own place and name say. */
export interface RowSource {
  folder?: string
  dataset?: string
}

/**
 * Takes in rows of pictures with labels and captions (JSONL, CSV, Label Studio, folders by class). The dataset is named after its file: a second
 * import of a file of that name takes the first's place. A bad row goes to rejected/ with its line, the rest goes
 * through.
 */
export async function importRows(
  workspace: Workspace,
  format: string,
  path: string,
  rows: AsyncIterable<RawRow>,
  options: ImportOptions,
  source: RowSource = {},
): Promise<ImportResult> {
  const { signal, onProgress } = options
  const file = basename(path)
  const dataset = source.dataset ?? file.slice(0, file.length - extname(file).length)
  const rejected: RejectedItem[] = []
  const refuse = (line: number, code: string, reason: string) => {
    const problem = {
      item: `${file}: line ${line}`,
      code,
      message: `${format}: ${file}: line ${line}: ${reason}`,
    }
    rejected.push(problem)
    onProgress?.({ step: 'reading rows', done: 0, total: null, problem })
  }
  const good: { line: number; row: LabelledRow }[] = []
  for await (const raw of rows) {
    signal?.throwIfAborted()
    const checked = raw.fault === undefined ? labelledRow(raw.content) : { fault: raw.fault }
    if ('row' in checked) good.push({ line: raw.line, row: checked.row })
    else refuse(raw.line, `${format}-line`, checked.fault)
  }
  const findings = await mineCaptions(
    good.map(({ row }) => row.caption),
    options.mineText,
  )
  const folder = resolve(source.folder ?? dirname(path))
  const images = new Map<string, Promise<StoredImage>>()
  let done = 0
  const stored = await inParallel(good, 4, async ({ line, row }) => {
    signal?.throwIfAborted()
    try {
      // Rows of one figure often name one picture: it is decoded once.
      let image = images.get(row.image)
      if (image === undefined) {
        image = storeRowImage(workspace, folder, row.image)
        images.set(row.image, image)
      }
      return { line, row, image: await image }
    } catch (error) {
      refuse(line, codeOf(error), messageOf(error))
      return undefined
    } finally {
      onProgress?.({ step: 'storing images', done: ++done, total: good.length, detail: row.image })
    }
  })
  const unplaced = good.filter(
    ({ row }) => row.flag === null && LESIONS.some(lesion => row.lesions[lesion] === 'present'),
  ).length
  const cases = new Map<string, MinedCase>()
  const numbers = new Map<string, number>()
  for (const entry of stored) {
    if (!entry) continue
    const { line, row, image } = entry
    const found = findings(row.caption)
    const made = caseOfRow(row, image, dataset, id => cases.has(id), numbers)
    if (made === undefined)
      refuse(line, 'image-double', `${row.image}: the same picture as an earlier row; left out`)
    else
      cases.set(made.id, {
        ...made,
        ...captionFields(row.caption, found, row.panel),
        minedBy: `${options.miner ?? 'no miner'}, import ${packageVersion()}`,
      })
  }
  const byDocument = new Map<string, MinedCase[]>()
  const inFigure = new Map<string, number>()
  for (const made of cases.values()) {
    const key = made.document ?? `${dataset}:`
    if (made.figure !== null) {
      // Pictures of one figure stand in the order of their rows.
      const figure = `${key}#${made.figure}`
      made.order = inFigure.get(figure) ?? 0
      inFigure.set(figure, made.order + 1)
    }
    const there = byDocument.get(key)
    if (there) there.push(made)
    else byDocument.set(key, [made])
  }
  let written = 0
  for (const [document, made] of byDocument) {
    signal?.throwIfAborted()
    await options.cases.put(document, made)
    onProgress?.({ step: 'writing cases', done: ++written, total: byDocument.size, detail: document })
  }
  rejected.sort((one, other) => lineOf(one) - lineOf(other))
  await rejectAll(workspace, file, rejected)
  return {
    format,
    imported: cases.size,
    documents: [...byDocument.values()].filter(made => made[0]?.document != null).length,
    rejected,
    warnings: unplaced === 0 ? [] : [noFlag(file, unplaced)],
  }
}

/** A published label has a flag: lesions beside none have no place in a case. */
const noFlag = (file: string, rows: number): ImportWarning => ({
  code: 'flag-missing',
  message: `${file}: ${rows} rows name lesions and no flag: those labels were not taken in, the captions count; give a flag`,
  items: [file],
})

const lineOf = ({ item }: RejectedItem) => Number(/line (\d+)$/.exec(item)?.[1] ?? 0)

async function storeRowImage(workspace: Workspace, folder: string, name: string): Promise<StoredImage> {
  const path = resolve(folder, name)
  const inside = relative(folder, path)
  if (inside.startsWith('..') || isAbsolute(inside))
    throw new LesionloopError(
      'image-outside',
      `image: ${name}: outside the folder of the file; put the pictures beside it and name them from there`,
    )
  if (!existsSync(path))
    throw new LesionloopError(
      'image-missing',
      `image: ${name}: not found in the folder of the file; put it there, or correct the path`,
    )
  return storeImage(workspace, await readFile(join(folder, inside)), { originalName: name })
}

/** undefined: a case of this id is there already and nothing tells them apart. */
function caseOfRow(
  row: LabelledRow,
  image: StoredImage,
  dataset: string,
  taken: (id: string) => boolean,
  numbers: Map<string, number>,
): Omit<MinedCase, 'caption' | 'mentions' | 'skipped' | 'mined' | 'minedBy'> | undefined {
  const document = row.document === null ? null : `${dataset}:${row.document}`
  const figure = document === null ? null : (row.figure ?? basename(row.image))
  let id = document === null ? image.id : `${document}#${figure}#${row.panel ?? '~1'}`
  if (document !== null && row.panel === null) {
    // Unlettered pictures of a figure are numbered as they come.
    const next = (numbers.get(`${document}#${figure}`) ?? 0) + 1
    numbers.set(`${document}#${figure}`, next)
    id = `${document}#${figure}#~${next}`
  }
  if (taken(id)) return undefined
  return {
    id,
    document,
    figure,
    panel: row.panel,
    order: 0,
    page: row.page,
    image: image.id,
    imageFile: image.file,
    width: image.width,
    height: image.height,
    kind: { kind: 'ct', score: 1 },
    ...(row.flag
      ? {
          published: {
            flag: row.flag,
            findings: row.lesions,
            ...(row.masked.length > 0 ? { masked: row.masked } : {}),
            dataset,
          },
        }
      : {}),
    patient: row.patient !== null ? `${dataset}:${row.patient}` : (document ?? image.id),
    source: { name: dataset, file: row.image, format: image.format },
    ...(row.side ? { officialSide: row.side } : {}),
  }
}
