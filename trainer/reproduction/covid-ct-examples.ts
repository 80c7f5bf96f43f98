import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { covidCtName } from '../../data/formats/covid-ct-names.ts'
import { type CovidCtRow, type CovidCtTables, readCovidCt } from '../../data/formats/covid-ct-tables.ts'
import { HEADS, perLesion, type Side } from '../../data/records/vocabulary.ts'
import { officialSplit, type SplitCase, stratifiedSplit } from '../../data/splits/split.ts'
import type { FinetuneExample } from '../finetune/examples.ts'
import type { HeadTruth } from '../fit/targets.ts'

/** `official`: the published sides, leaks and all; `leak-free`: whole papers and patients, made anew by a seed. */
export const SPLITS = ['official', 'leak-free'] as const
export type SplitName = (typeof SPLITS)[number]

/** A picture of COVID-CT as the reproduction uses it. */
export interface CovidCtExample extends FinetuneExample {
  side: Side
  /** Paper, patient and identical pictures together. */
  group: string
  /** As published, in the order of `HEADS`: what is measured against. Controls have no lesion. */
  truth: (0 | 1)[]
}

/**
 * The 746 pictures with their published labels and sides. A control's lesions are masked in what it teaches: nobody
 * has looked for one there.
 * @throws LesionloopError `covid-ct-layout`, `csv-column`, `file-missing`.
 */
export async function covidCtExamples(folder: string, split: SplitName): Promise<CovidCtExample[]> {
  const tables = await readCovidCt(folder)
  const rows = [...tables.rows.values()].filter(row => tables.images.has(row.name))
  rows.sort((one, other) => (one.name < other.name ? -1 : 1))
  const paths = new Map(
    rows.map(row => [row.name, join(folder, 'images', tables.images.get(row.name)!, row.name)]),
  )
  const cases = await Promise.all(rows.map(row => splitCase(row, tables, paths.get(row.name)!)))
  const placed = (split === 'official' ? officialSplit(cases) : stratifiedSplit(cases)).cases
  return rows.map(row => {
    const values = truthOf(row)
    const lesson: HeadTruth[] = values.map((value, head) =>
      head > 0 && values[0] === 0 ? { value: null, source: null } : { value, source: 'published' },
    )
    return { id: row.name, path: paths.get(row.name)!, lesson, truth: values, ...placed[row.name]! }
  })
}

const truthOf = ({ flag, lesions }: CovidCtRow): (0 | 1)[] =>
  HEADS.map(head => ((head === 'flag' ? flag === 'positive' : lesions[head] === 'present') ? 1 : 0))

/** What decides the group and the side of a picture. Identical files are one picture. */
async function splitCase(row: CovidCtRow, tables: CovidCtTables, path: string): Promise<SplitCase> {
  const control = row.flag === 'negative'
  const document = control ? null : `covid-ct:${covidCtName(row.name).paper}`
  const known = tables.captions.get(row.name)?.patient ?? tables.patients.get(row.name)
  return {
    id: row.name,
    document,
    patient: known ? `covid-ct:${known}` : (document ?? `covid-ct:${row.name}`),
    image: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
    officialSide: row.side,
    truth: {
      flag: { value: row.flag, source: 'published' },
      lesions: perLesion(lesion => ({ value: row.lesions[lesion], source: 'published' })),
    },
  }
}
