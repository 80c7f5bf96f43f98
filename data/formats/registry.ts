import { LesionloopError } from '../errors.ts'
import type { Workspace } from '../workspace/open.ts'
import { cocoExport } from './coco-export.ts'
import { csvExport } from './csv-export.ts'
import type { ExportRow } from './export-row.ts'
import { type FolderLayout, imagefolderLayout, laDnnLayout } from './folder-layout.ts'
import type { ImportOptions, ImportResult } from './import-result.ts'
import { jsonlExport } from './jsonl-export.ts'
import { LABEL_STUDIO_CONFIG, labelStudioExport } from './label-studio.ts'

export interface ImportFormat {
  about: string
  /** @param path folder or file, as `about` says. */
  run(workspace: Workspace, path: string, options: ImportOptions): Promise<ImportResult>
}

export interface ExportFormat {
  about: string
  /** Ending of its file, with the dot; null: always a folder, by its layout. */
  ending: string | null
  /** The file's content, piece by piece. */
  write?(rows: AsyncIterable<ExportRow>): AsyncIterable<string | Uint8Array>
  layout?: FolderLayout
  /** Further files of a folder export, by name. */
  beside?: Record<string, string>
}

/** What can be taken in; each format's code is loaded when it is used. */
export const IMPORTS: Record<string, ImportFormat> = {
  'covid-ct': {
    about: 'the folder of COVID-CT with the labels and split of LA-DNN',
    run: async (...args) => (await import('./covid-ct.ts')).importCovidCt(...args),
  },
  jsonl: {
    about: 'a file of pictures with labels and captions, a JSON object a line',
    run: async (...args) => (await import('./jsonl-import.ts')).importJsonl(...args),
  },
  csv: {
    about: 'a table of pictures with labels and captions',
    run: async (...args) => (await import('./csv-import.ts')).importCsv(...args),
  },
  'label-studio': {
    about: 'a JSON file of Label Studio tasks with annotations',
    run: async (...args) => (await import('./label-studio-import.ts')).importLabelStudio(...args),
  },
  folder: {
    about: 'pictures in a folder a class, or a Hugging Face imagefolder',
    run: async (...args) => (await import('./folder-import.ts')).importFolder(...args),
  },
}

export const EXPORTS: Record<string, ExportFormat> = {
  jsonl: { about: 'a JSON object a line', ending: '.jsonl', write: jsonlExport },
  csv: { about: 'a table for spreadsheets', ending: '.csv', write: csvExport },
  'label-studio': {
    about: 'tasks with annotations and predictions for Label Studio',
    ending: '.json',
    write: labelStudioExport,
    beside: { 'label-config.xml': LABEL_STUDIO_CONFIG },
  },
  parquet: {
    about: 'the table with typed columns, for pandas, DuckDB and Hugging Face',
    ending: '.parquet',
    // Loaded when it is used: the other formats need no library.
    write: async function* (rows) {
      yield* (await import('./parquet-export.ts')).parquetExport(rows)
    },
  },
  coco: { about: 'COCO with the boxes that readers drew', ending: '.json', write: cocoExport },
  imagefolder: {
    about: 'Hugging Face imagefolder: a folder a split, with metadata.jsonl',
    ending: null,
    layout: imagefolderLayout,
  },
  'la-dnn': {
    about: 'the tables and folders that the scripts of LA-DNN read',
    ending: null,
    layout: laDnnLayout,
  },
}

/** @throws LesionloopError `usage` that lists the formats there are. */
export function importFormat(name: string): ImportFormat {
  return known('import', IMPORTS, name)
}

/** @throws LesionloopError `usage` that lists the formats there are. */
export function exportFormat(name: string): ExportFormat {
  return known('export', EXPORTS, name)
}

function known<T>(verb: string, formats: Record<string, T>, name: string): T {
  if (Object.hasOwn(formats, name)) return formats[name]!
  throw new LesionloopError(
    'usage',
    `${verb}: ${name}: no such format; expected ${Object.keys(formats).join(', ')}`,
  )
}
