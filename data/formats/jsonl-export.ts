import type { ExportRow } from './export-row.ts'

/** A case a line, keys in a fixed order. */
export async function* jsonlExport(rows: AsyncIterable<ExportRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`
}
