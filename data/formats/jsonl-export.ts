import type { ExportRow } from './export-row.ts'

/** A case a line, keys in a fixed order. */
export function* jsonlExport(rows: Iterable<ExportRow>): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`
}
