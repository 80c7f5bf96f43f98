import { basename, extname } from 'node:path'
import { LESIONS, SIDES, type Side } from '../records/vocabulary.ts'
import { cellsOf, csvCell, csvHeader, csvLine } from './csv-export.ts'
import type { LeftReason } from './export-choice.ts'
import type { ExportRow } from './export-row.ts'

/** Where a row of a folder export goes: a line in each of some files, and its picture. Paths use slashes. */
export interface Placed {
  lines: [file: string, line: string][]
  picture: string
}

export interface FolderLayout {
  /** First line of files that are always there. */
  begins: Record<string, string>
  /** @param free gives a path that no other picture has. */
  place(row: ExportRow, free: (path: string) => string): Placed | LeftReason
}

const HF_SIDE: Record<Side, string> = { train: 'train', val: 'validation', test: 'test' }

/**
 * Hugging Face `imagefolder` (huggingface.co/docs/datasets/image_dataset): a folder a split with the pictures and a
 * metadata.jsonl that names each by `file_name`. Cases on no side lie in `unsplit`, which the loader leaves aside.
 */
export const imagefolderLayout: FolderLayout = {
  begins: {},
  place(row, free) {
    const folder = row.side === null ? 'unsplit' : HF_SIDE[row.side]
    const picture = free(`${folder}/${basename(row.image.file)}`)
    const { flag, lesions, image: _image, ...rest } = row
    // The loader gives a plain column to each key; classes are wanted plain, with their sources beside them.
    const line = {
      file_name: basename(picture),
      flag: flag.value,
      ...Object.fromEntries(LESIONS.map(lesion => [lesion, lesions[lesion].value])),
      flag_source: flag.source,
      ...Object.fromEntries(LESIONS.map(lesion => [`${lesion}_source`, lesions[lesion].source])),
      ...rest,
    }
    return { lines: [[`${folder}/metadata.jsonl`, `${JSON.stringify(line)}\n`]], picture }
  },
}

const LA_DNN_HEADER = `imgname,CVD19,${LESIONS.join(',')}\n`

/**
 * The layout that the training scripts of LA-DNN read (github.com/xiaoxuegao499/LA-DNN-for-COVID-19-diagnosis):
 * train.csv, val.csv and test.csv with a column's own name where it is positive and nothing else, pictures in
 * images/CT_COVID and images/CT_NonCOVID. It can't say "masked": a lesion that is not known reads as absent there, so
 * provenance.csv holds the whole row beside it.
 */
export const laDnnLayout: FolderLayout = {
  begins: {
    ...Object.fromEntries(SIDES.map(side => [`${side}.csv`, LA_DNN_HEADER])),
    'provenance.csv': `imgname,${csvHeader()}`,
  },
  place(row, free) {
    if (row.flag.value === null) return 'no flag'
    if (row.side === null) return 'on no side of the split'
    const folder = row.flag.value === 'positive' ? 'CT_COVID' : 'CT_NonCOVID'
    // The scripts tell paper and page by the file's name: the name it came with is kept where it is a picture's.
    const own = basename(row.provenance.sourceFile)
    const ending = extname(row.image.file).toLowerCase()
    const name =
      extname(own).toLowerCase() === ending && row.provenance.source === 'covid-ct'
        ? own
        : basename(row.image.file)
    // One name space for both folders: the tables name no folder.
    const given = basename(free(`images/${name}`))
    const cells = [given, row.flag.value === 'positive' ? 'CVD19' : '']
    for (const lesion of LESIONS) cells.push(row.lesions[lesion].value === 'present' ? lesion : '')
    return {
      lines: [
        [`${row.side}.csv`, `${cells.map(cell => csvCell(cell)).join(',')}\n`],
        ['provenance.csv', `${csvCell(given)},${csvLine(cellsOf(row))}`],
      ],
      picture: `images/${folder}/${given}`,
    }
  },
}
