import { createReadStream, existsSync } from 'node:fs'
import { type Info, parse } from 'csv-parse'
import { LesionloopError } from '../errors.ts'

/** A row of a CSV file, by column name. */
export interface CsvRow {
  /** Line in the file, from 1, where the row ends. */
  line: number
  values: Record<string, string>
}

/**
 * Reads a CSV file with a header row, a row at a time. Rows that can't be read (a quote never closed, another number
 * of cells) go to `onBroken`; the rest goes on.
 * @param required columns without which the file is refused; matched without case and outer blanks.
 * @throws LesionloopError `file-missing`, `csv-column` (names the missing column and those found), `csv-empty`.
 */
export async function* csvRows(
  path: string,
  required: readonly string[],
  onBroken: (line: number, reason: string) => void,
): AsyncGenerator<CsvRow> {
  if (!existsSync(path))
    throw new LesionloopError('file-missing', `csv: ${path}: not found; check the path`, { path })
  let names: string[] | null = null
  let seen = 0
  const parser = createReadStream(path).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, relax_quotes: true }),
  )
  try {
    for await (const entry of parser) {
      const { record, info } = entry as { record: string[]; info: Info }
      if (names === null) {
        names = header(path, record, required)
        continue
      }
      seen++
      if (record.length !== names.length) {
        onBroken(info.lines, `${record.length} cells: expected ${names.length}, as the header has`)
        continue
      }
      yield {
        line: info.lines,
        values: Object.fromEntries(names.map((name, at) => [name, record[at]!.trim()])),
      }
    }
  } catch (error) {
    if (error instanceof LesionloopError) throw error
    // The parser stops here: what follows can't be told apart from the broken cell.
    onBroken(
      (error as { lines?: number }).lines ?? seen + 2,
      `${(error as Error).message}; the lines after it were not read`,
    )
  }
  if (names === null)
    throw new LesionloopError(
      'csv-empty',
      `csv: ${path}: no header; the first line must name the columns ${required.join(', ')}`,
      { path },
    )
}

function header(path: string, record: string[], required: readonly string[]): string[] {
  const found = record.map(name => name.trim())
  const names = found.map(
    name => required.find(column => column.toLowerCase() === name.toLowerCase()) ?? name,
  )
  const missing = required.filter(column => !names.includes(column))
  if (missing.length > 0)
    throw new LesionloopError(
      'csv-column',
      `csv: ${path}: column ${missing.map(name => `"${name}"`).join(', ')} missing; found ${found.map(name => `"${name}"`).join(', ')}; add or rename it in the first line`,
      { path, missing, found },
    )
  return names
}
