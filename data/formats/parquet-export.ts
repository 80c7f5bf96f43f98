import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { cellsOf, EXPORT_COLUMNS, type ExportColumn } from './csv-export.ts'
import type { ExportRow } from './export-row.ts'

const WHOLE = new Set<ExportColumn>(['version', 'page', 'readers'])
const REAL = (column: ExportColumn) => column === 'agreement' || column.endsWith('_score')
/** Rows of a group: what is held in memory at a time. */
const GROUP = 5000

/** The columns of the table (csv-export.ts) with types: whole numbers, doubles and texts, null where nothing is known. */
export async function* parquetExport(rows: AsyncIterable<ExportRow>): AsyncGenerator<Uint8Array> {
  const type = (column: ExportColumn) =>
    WHOLE.has(column) ? ('INT32' as const) : REAL(column) ? ('DOUBLE' as const) : ('STRING' as const)
  const columnsOf = (held: Record<string, string | number | null>[]) =>
    EXPORT_COLUMNS.map(name => ({
      name,
      data: held.map(cells => cells[name] ?? null),
      type: type(name),
      nullable: true,
    }))
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: columnsOf([]) }) })
  let held: Record<string, string | number | null>[] = []
  // The writer counts its offset on; only the bytes it holds are taken out.
  const taken = () => {
    const bytes = writer.getBytes().slice()
    writer.index = 0
    return bytes
  }
  for await (const row of rows) {
    held.push(cellsOf(row))
    if (held.length < GROUP) continue
    await parquet.write({ columnData: columnsOf(held), rowGroupSize: GROUP })
    held = []
    yield taken()
  }
  if (held.length > 0) await parquet.write({ columnData: columnsOf(held), rowGroupSize: GROUP })
  await parquet.finish()
  yield taken()
}
