import { basename, dirname, extname, resolve } from 'node:path'
import type { MinedCase } from '../records/case.ts'
import { LESIONS } from '../records/vocabulary.ts'
import type { StoredImage } from '../workspace/images.ts'
import type { Workspace } from '../workspace/open.ts'
import { packageVersion } from '../workspace/package-root.ts'
import type { ImportOptions, ImportResult, ImportWarning, RejectedItem } from './import-result.ts'
import { type LabelledRow, labelledRow } from './labelled-row.ts'
import { rejectAll } from './rejections.ts'
import { storeRowPictures } from './row-pictures.ts'
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
  const pictures = await storeRowPictures(
    workspace,
    resolve(source.folder ?? dirname(path)),
    good.map(({ row }) => row.image),
    options,
  )
  const minedBy = `${options.miner ?? 'no miner'}, import ${packageVersion()}`
  const taken = new Set<string>()
  const numbers = new Map<string, number>()
  const inFigure = new Map<string, number>()
  const byDocument = new Map<string, MinedCase[]>()
  let unplaced = 0
  for (const { line, row } of good) {
    if (row.flag === null && LESIONS.some(lesion => row.lesions[lesion] === 'present')) unplaced++
    const image = pictures.get(row.image)!
    if ('fault' in image) {
      refuse(line, image.fault.code, image.fault.reason)
      continue
    }
    const made = caseOfRow(row, image, dataset, id => taken.has(id), numbers)
    if (made === undefined) {
      refuse(line, 'image-double', `${row.image}: the same picture as an earlier row; left out`)
      continue
    }
    taken.add(made.id)
    const document = made.document ?? `${dataset}:`
    if (made.figure !== null) {
      // Pictures of one figure stand in the order of their rows.
      const figure = `${document}#${made.figure}`
      made.order = inFigure.get(figure) ?? 0
      inFigure.set(figure, made.order + 1)
    }
    const mined: MinedCase = {
      ...made,
      ...captionFields(row.caption, findings(row.caption), row.panel),
      minedBy,
    }
    const there = byDocument.get(document)
    if (there) there.push(mined)
    else byDocument.set(document, [mined])
  }
  // Let go before the cases are written: of a large set both together would be held.
  good.length = 0
  let documents = 0
  let written = 0
  const total = byDocument.size
  for (const [document, made] of byDocument) {
    signal?.throwIfAborted()
    await options.cases.put(document, made)
    byDocument.delete(document)
    if (made[0]?.document != null) documents++
    onProgress?.({ step: 'writing cases', done: ++written, total, detail: document })
  }
  rejected.sort((one, other) => lineOf(one) - lineOf(other))
  await rejectAll(workspace, file, rejected)
  return {
    format,
    imported: taken.size,
    documents,
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
    ...(image.hounsfield ? { hounsfield: image.hounsfield } : {}),
    kind: { kind: 'ct', score: 1 },
    ...(row.flag
      ? {
          published: {
            flag: row.flag,
            findings: row.lesions,
            ...(row.masked.length > 0 ? { masked: row.masked } : {}),
            dataset,
            ...(row.told ? { told: row.told } : {}),
          },
        }
      : {}),
    patient: row.patient !== null ? `${dataset}:${row.patient}` : (document ?? image.id),
    source: { name: dataset, file: row.image, format: image.format },
    ...(row.side ? { officialSide: row.side } : {}),
  }
}
