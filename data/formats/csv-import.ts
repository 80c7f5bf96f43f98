import { LESIONS } from '../records/vocabulary.ts'
import type { Workspace } from '../workspace/open.ts'
import { csvRows } from './csv-table.ts'
import type { ImportOptions, ImportResult } from './import-result.ts'
import { importRows, type RawRow } from './row-import.ts'

/** Columns an imported CSV must have; `caption`, `document`, `figure`, `panel`, `page`, `patient`, `side` may follow. */
export const CSV_COLUMNS = ['image', 'flag', ...LESIONS] as const

/** @throws LesionloopError `csv-column` (names the missing column and those found), `csv-empty`, `file-missing`. */
export function importCsv(workspace: Workspace, path: string, options: ImportOptions): Promise<ImportResult> {
  return importRows(workspace, 'csv', path, rawRows(path), options)
}

async function* rawRows(path: string): AsyncGenerator<RawRow> {
  const broken: RawRow[] = []
  for await (const { line, values } of csvRows(path, CSV_COLUMNS, (at, fault) =>
    broken.push({ line: at, fault }),
  )) {
    yield* broken.splice(0)
    yield { line, content: undefused(values) }
  }
  yield* broken
}

/** Our own export puts an apostrophe before cells that a spreadsheet would run as a formula; it is taken off again. */
function undefused(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      /^'+[=+\-@\t\r]/.test(value) ? value.slice(1) : value,
    ]),
  )
}
