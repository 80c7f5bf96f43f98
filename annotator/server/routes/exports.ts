import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Hono } from 'hono'
import { z } from 'zod'
import { newestPredictions } from '../../../data/formats/cycle-predictions.ts'
import {
  type ExportContext,
  type ExportRow,
  exportRow,
  isExpertRow,
} from '../../../data/formats/export-row.ts'
import { exportFormat } from '../../../data/formats/registry.ts'
import type { DocumentRecord } from '../../../data/records/document.ts'
import { readSplit } from '../../../data/splits/keep.ts'
import { listDocuments } from '../../../data/workspace/documents.ts'
import type { Desk, Env } from '../context.ts'
import { yesNo } from '../query.ts'
import { valid } from '../validate.ts'

const FORMATS = ['jsonl', 'csv', 'label-studio'] as const
const TYPES: Record<string, string> = {
  '.jsonl': 'application/x-ndjson; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json',
}
/** Text is sent in pieces of about this many characters; between two, others get their turn. */
const PIECE = 65_536

/** The labels as a download, written as it is read: the same bytes that `lesionloop export` writes into one file. */
export const exports = new Hono<Env>().get(
  '/export',
  valid('query', z.object({ format: z.enum(FORMATS), onlyExpert: yesNo.optional() })),
  async c => {
    const { desk } = c.var
    const { format, onlyExpert = false } = c.req.valid('query')
    await desk.fresh()
    const { write, ending } = exportFormat(format)
    const context = await exportContext(desk)
    const pieces = inPieces(write(rows(desk, context, onlyExpert)))
    c.header('Content-Type', TYPES[ending] ?? 'application/octet-stream')
    c.header('Content-Disposition', `attachment; filename="lesionloop-${format}${ending}"`)
    return c.body(Readable.toWeb(Readable.from(pieces, { objectMode: false })) as ReadableStream)
  },
)

async function* rows(desk: Desk, context: ExportContext, onlyExpert: boolean): AsyncGenerator<ExportRow> {
  for await (const state of desk.store.cases.all()) {
    const row = exportRow(state, context)
    if (!onlyExpert || isExpertRow(row)) yield row
  }
}

async function exportContext(desk: Desk): Promise<ExportContext> {
  const documents = new Map<string, DocumentRecord>()
  for await (const record of listDocuments(desk.workspace)) documents.set(record.id, record)
  const [split, predictions] = await Promise.all([
    readSplit(desk.workspace),
    newestPredictions(desk.workspace),
  ])
  return {
    document: id => documents.get(id),
    ...(split ? { split: split.cases } : {}),
    ...(predictions ? { predictions } : {}),
  }
}

async function* inPieces(text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let waiting: string[] = []
  let length = 0
  for await (const part of text) {
    waiting.push(part)
    length += part.length
    if (length < PIECE) continue
    yield Buffer.from(waiting.join(''), 'utf8')
    waiting = []
    length = 0
    await nextTurn()
  }
  if (length > 0) yield Buffer.from(waiting.join(''), 'utf8')
}
