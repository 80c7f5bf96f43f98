import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Hono } from 'hono'
import { z } from 'zod'
import { leftOutBecause } from '../../../data/formats/export-choice.ts'
import { readExportContext } from '../../../data/formats/export-context.ts'
import { type ExportContext, type ExportRow, exportRow } from '../../../data/formats/export-row.ts'
import { exportFormat } from '../../../data/formats/registry.ts'
import type { Desk, Env } from '../context.ts'
import { choiceFields, choiceOf } from '../export-query.ts'
import { valid } from '../validate.ts'

/** Formats of one file; the others are folders with pictures, written by the command line. */
const FORMATS = ['jsonl', 'csv', 'label-studio', 'parquet', 'coco'] as const
const TYPES: Record<string, string> = {
  '.jsonl': 'application/x-ndjson; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json',
  '.parquet': 'application/vnd.apache.parquet',
}
/** Text is sent in pieces of about this many characters; between two, others get their turn. */
const PIECE = 65_536

/** The labels as a download, written as it is read: the same bytes that `lesionloop export` writes into one file. */
export const exports = new Hono<Env>().get(
  '/export',
  valid('query', z.object({ format: z.enum(FORMATS), ...choiceFields })),
  async c => {
    const { desk } = c.var
    const { format, ...query } = c.req.valid('query')
    await desk.fresh()
    const { write, ending } = exportFormat(format)
    const context = await readExportContext(desk.workspace)
    const pieces = inPieces(write!(rows(desk, context, choiceOf(query))))
    c.header('Content-Type', TYPES[ending ?? ''] ?? 'application/octet-stream')
    c.header('Content-Disposition', `attachment; filename="lesionloop-${format}${ending}"`)
    return c.body(Readable.toWeb(Readable.from(pieces, { objectMode: false })) as ReadableStream)
  },
)

async function* rows(
  desk: Desk,
  context: ExportContext,
  choice: ReturnType<typeof choiceOf>,
): AsyncGenerator<ExportRow> {
  for await (const state of desk.store.cases.all()) {
    const row = exportRow(state, context)
    if (leftOutBecause(row, choice) === null) yield row
  }
}

async function* inPieces(content: AsyncIterable<string | Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let length = 0
  for await (const part of content) {
    const bytes = Buffer.from(part as string)
    waiting.push(bytes)
    length += bytes.length
    if (length < PIECE) continue
    yield Buffer.concat(waiting)
    waiting = []
    length = 0
    await nextTurn()
  }
  if (length > 0) yield Buffer.concat(waiting)
}
