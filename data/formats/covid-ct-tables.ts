import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LesionloopError, messageOf } from '../errors.ts'
import { LESIONS, type Lesion, type PerLesion, perLesion, SIDES, type Side } from '../records/vocabulary.ts'
import { csvRows } from './csv-table.ts'
import type { RejectedItem } from './import-result.ts'

/** Folders of the dataset, and the flag each stands for. */
export const COVID_CT_FOLDERS = { CT_COVID: 'positive', CT_NonCOVID: 'negative' } as const
export type CovidCtFolder = keyof typeof COVID_CT_FOLDERS

export interface CovidCtRow {
  name: string
  side: Side
  flag: 'positive' | 'negative'
  lesions: PerLesion<'present' | 'absent'>
  /** "train.csv: line 12", for messages. */
  where: string
}

export interface CovidCtCaption {
  caption: string
  /** The patient of this image where it is told apart; several joined where it is not known which. */
  patient?: string
}

export interface CovidCtTables {
  rows: Map<string, CovidCtRow>
  /** Image name → folder it lies in. */
  images: Map<string, CovidCtFolder>
  captions: Map<string, CovidCtCaption>
  /** Patient of each control image. */
  patients: Map<string, string>
  rejected: RejectedItem[]
}

const captionLine = z.object({
  images: z.array(z.string()),
  patients: z.array(z.string()).default([]),
  caption: z.string(),
})

/**
 * Reads what the folder of COVID-CT with the LA-DNN split tells: images/CT_COVID and images/CT_NonCOVID, train.csv,
 * val.csv and test.csv, and where they are there captions.jsonl and NonCOVID-CT-MetaInfo.csv.
 * @throws LesionloopError `covid-ct-layout`, `csv-column`, `file-missing`.
 */
export async function readCovidCt(folder: string): Promise<CovidCtTables> {
  const tables: CovidCtTables = {
    rows: new Map(),
    images: new Map(),
    captions: new Map(),
    patients: new Map(),
    rejected: [],
  }
  const refuse = (item: string, code: string, message: string) =>
    tables.rejected.push({ item, code, message })
  for (const part of Object.keys(COVID_CT_FOLDERS) as CovidCtFolder[]) {
    const path = join(folder, 'images', part)
    if (!existsSync(path))
      throw new LesionloopError(
        'covid-ct-layout',
        `covid-ct: ${folder}: no images/${part}; give the folder that holds images/CT_COVID, images/CT_NonCOVID, train.csv, val.csv and test.csv`,
        { folder },
      )
    for (const name of readdirSync(path).sort()) {
      if (name.startsWith('.')) continue
      if (tables.images.has(name))
        refuse(name, 'image-twice', `covid-ct: ${name}: lies in both folders; keep one`)
      else tables.images.set(name, part)
    }
  }
  for (const side of SIDES) {
    const file = `${side}.csv`
    const broken = (line: number, reason: string) =>
      refuse(`${file}: line ${line}`, 'csv-row', `covid-ct: ${file}: line ${line}: ${reason}`)
    for await (const { line, values } of csvRows(
      join(folder, file),
      ['imgname', 'CVD19', ...LESIONS],
      broken,
    )) {
      const row = labelRow(values, side, `${file}: line ${line}`, refuse)
      if (!row) continue
      const before = tables.rows.get(row.name)
      if (before)
        refuse(
          row.where,
          'row-twice',
          `covid-ct: ${row.where}: ${row.name} was there before (${before.where}); keep one`,
        )
      else tables.rows.set(row.name, row)
    }
  }
  await readPatients(folder, tables, refuse)
  readCaptions(folder, tables, refuse)
  return tables
}

type Refuse = (item: string, code: string, message: string) => void

/** A cell holds the column's own name where it is positive, and nothing (or 0) where it is not. */
function labelRow(
  values: Record<string, string>,
  side: Side,
  where: string,
  refuse: Refuse,
): CovidCtRow | undefined {
  const name = values['imgname'] ?? ''
  if (name === '') {
    refuse(where, 'csv-row', `covid-ct: ${where}: imgname is empty: expected the file name of an image`)
    return
  }
  const cell = (column: string): boolean | undefined => {
    const text = (values[column] ?? '').trim()
    if (text === '' || text === '0') return false
    if (text === '1' || text.toLowerCase() === column.toLowerCase()) return true
    refuse(
      where,
      'csv-cell',
      `covid-ct: ${where}: ${column}: "${text}": expected "${column}", 1, 0 or nothing`,
    )
    return undefined
  }
  const flag = cell('CVD19')
  const lesions = LESIONS.map(lesion => [lesion, cell(lesion)] as const)
  if (flag === undefined || lesions.some(([, value]) => value === undefined)) return
  const said = Object.fromEntries(lesions) as Record<Lesion, boolean>
  return {
    name,
    side,
    flag: flag ? 'positive' : 'negative',
    lesions: perLesion(lesion => (said[lesion] ? 'present' : 'absent')),
    where,
  }
}

async function readPatients(folder: string, tables: CovidCtTables, refuse: Refuse): Promise<void> {
  const file = 'NonCOVID-CT-MetaInfo.csv'
  const path = join(folder, file)
  if (!existsSync(path)) return
  const broken = (line: number, reason: string) =>
    refuse(`${file}: line ${line}`, 'csv-row', `covid-ct: ${file}: line ${line}: ${reason}`)
  for await (const { values } of csvRows(path, ['image name', 'patient id'], broken))
    if (values['image name'] && values['patient id'])
      tables.patients.set(values['image name'], values['patient id'])
}

function readCaptions(folder: string, tables: CovidCtTables, refuse: Refuse): void {
  const file = 'captions.jsonl'
  const path = join(folder, file)
  if (!existsSync(path)) return
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, at) => {
      if (line.trim() === '') return
      const where = `${file}: line ${at + 1}`
      let content: unknown
      try {
        content = JSON.parse(line)
      } catch (error) {
        refuse(where, 'jsonl-line', `covid-ct: ${where}: not valid JSON (${messageOf(error)}); put it right`)
        return
      }
      const checked = captionLine.safeParse(content)
      if (!checked.success) {
        refuse(where, 'jsonl-line', `covid-ct: ${where}: expected "images" and "caption"; put it right`)
        return
      }
      const { images, patients, caption } = checked.data
      images.forEach((name, index) => {
        const patient = patients.length === images.length ? patients[index]! : patients.join(' or ')
        tables.captions.set(name, { caption, ...(patient ? { patient } : {}) })
      })
    })
}
