import { TextDecoder } from 'node:util'
import { LesionloopError } from '../../data/errors.ts'
import type { Target } from './miner.ts'

/** A text to be mined as it came in. */
export interface TextRow {
  id: string
  text: string
  context?: string
  targets?: Target[]
}

/** A row, or why there is none; `line` counts from 1. */
export type RowOrProblem = { row: TextRow; line: number } | { problem: LesionloopError; line: number }

export type RowFormat = 'jsonl' | 'csv' | 'lines'

type Chunks = AsyncIterable<Uint8Array>

/**
 * Reads rows from bytes in any common encoding (UTF-8 or UTF-16 with or without byte-order mark, else Windows-1252 a
 * line): JSON lines, CSV with a header (columns `id`, `text` or `caption`, `context`), or a text a line.
 * A row that can't be read is a problem that names its line; the rest goes on.
 */
export async function* readRows(
  chunks: Chunks,
  name: string,
  format: RowFormat | null,
): AsyncGenerator<RowOrProblem[]> {
  let kind = format
  const lines = batchesOfLines(chunks)
  let line = 0
  for await (const batch of lines) {
    if (kind === null) {
      const first = batch.find(text => text.trim() !== '')
      if (first !== undefined) kind = formatOf(first)
    }
    if (kind === 'csv') {
      yield* csvRows(batch, lines, name, line)
      return
    }
    const rows: RowOrProblem[] = []
    for (const text of batch) {
      line++
      if (text.trim() === '') continue
      rows.push(kind === 'jsonl' ? jsonRow(text, line, name) : { row: { id: String(line), text }, line })
    }
    yield rows
  }
}

/** JSON lines begin with a brace; a CSV's header names a column `text` or `caption`. */
function formatOf(first: string): RowFormat {
  if (first.trimStart().startsWith('{')) return 'jsonl'
  const columns = first.split(',').map(column => column.trim().replace(/^"|"$/g, '').toLowerCase())
  return columns.length > 1 && columns.some(column => column === 'text' || column === 'caption')
    ? 'csv'
    : 'lines'
}

function fault(name: string, line: number, what: string): LesionloopError {
  return new LesionloopError('row-invalid', `row: ${name}: line ${line}: ${what}`, { line })
}

function jsonRow(text: string, line: number, name: string): RowOrProblem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: fault(name, line, 'not JSON; mend or remove this line'), line }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: fault(name, line, 'not an object; write {"id": …, "text": …}'), line }
  const row = value as Record<string, unknown>
  const words = row['text'] ?? row['caption']
  if (typeof words !== 'string') {
    const got = words === undefined ? 'no "text"' : '"text" is not a string'
    return { problem: fault(name, line, `${got}; give the text to be mined as "text" (or "caption")`), line }
  }
  const id = row['id']
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number')
    return {
      problem: fault(name, line, '"id" is neither a string nor a number; give one of them or leave it out'),
      line,
    }
  const out: TextRow = { id: id === undefined ? String(line) : String(id), text: words }
  const context = row['context']
  if (typeof context === 'string') out.context = context
  else if (context !== undefined && context !== null)
    return {
      problem: fault(name, line, '"context" is not a string; give title and abstract as one string'),
      line,
    }
  if (row['targets'] !== undefined) {
    const targets = targetsOf(row['targets'])
    if (!targets)
      return {
        problem: fault(
          name,
          line,
          '"targets" is no list of words or {"start","end"} spans; write ["edema"] or [{"start":3,"end":8}]',
        ),
        line,
      }
    out.targets = targets
  }
  return { row: out, line }
}

function targetsOf(value: unknown): Target[] | null {
  if (!Array.isArray(value)) return null
  const targets: Target[] = []
  for (const item of value) {
    if (typeof item === 'string') targets.push(item)
    else if (typeof item === 'object' && item !== null) {
      const { start, end, text } = item as Record<string, unknown>
      if (typeof start === 'number' && typeof end === 'number' && start >= 0 && end > start)
        targets.push({ start, end })
      else if (typeof text === 'string') targets.push(text)
      else return null
    } else return null
  }
  return targets
}

async function* csvRows(
  batch: string[],
  rest: AsyncIterable<string[]>,
  name: string,
  before: number,
): AsyncGenerator<RowOrProblem[]> {
  const { parse } = await import('csv-parse')
  const parser = parse({
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    info: true,
  })
  const feed = async () => {
    const write = (lines: string[]) =>
      new Promise<void>(resolve => {
        if (parser.write(`${lines.join('\n')}\n`)) resolve()
        else parser.once('drain', resolve)
      })
    await write(batch)
    for await (const lines of rest) await write(lines)
    parser.end()
  }
  const fed = feed().catch(error => parser.destroy(error as Error))
  let header: string[] | null = null
  let textAt = -1
  let idAt = -1
  let contextAt = -1
  let count = 0
  try {
    for await (const each of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const { record } = each
      const line = before + each.info.lines
      if (header === null) {
        header = record.map(column => column.trim().toLowerCase())
        textAt = header.indexOf('text') >= 0 ? header.indexOf('text') : header.indexOf('caption')
        idAt = header.indexOf('id')
        contextAt = header.indexOf('context')
        if (textAt < 0) {
          yield [
            {
              problem: fault(
                name,
                1,
                `column text: missing, the header has ${record.join(', ')}; name the column of the texts "text"`,
              ),
              line: 1,
            },
          ]
          return
        }
        continue
      }
      count++
      if (record.length !== header.length) {
        yield [
          {
            problem: fault(
              name,
              line,
              `${record.length} columns where the header has ${header.length}; quote texts that hold commas`,
            ),
            line,
          },
        ]
        continue
      }
      const row: TextRow = {
        id: idAt >= 0 && record[idAt] ? (record[idAt] as string) : String(count),
        text: record[textAt] ?? '',
      }
      if (contextAt >= 0 && record[contextAt]) row.context = record[contextAt] as string
      yield [{ row, line }]
    }
  } catch (error) {
    yield [
      {
        problem: fault(
          name,
          before + count + 2,
          `not CSV from here on (${error instanceof Error ? error.message : String(error)}); mend the quotes`,
        ),
        line: count + 2,
      },
    ]
  }
  parser.destroy()
  await Promise.race([fed, Promise.resolve()])
}

const LF = 10

/** Lines of a stream of bytes, a batch for each chunk, decoded. */
async function* batchesOfLines(chunks: Chunks): AsyncGenerator<string[]> {
  let kept: Uint8Array[] = []
  let wide: TextDecoder | null = null
  let wideRest = ''
  let first = true
  for await (const given of chunks) {
    let chunk = given
    if (first && chunk.length > 0) {
      first = false
      wide = wideDecoder(chunk)
      if (!wide && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) chunk = chunk.subarray(3)
    }
    if (wide) {
      const lines = (wideRest + wide.decode(chunk, { stream: true })).split('\n')
      wideRest = lines.pop() ?? ''
      if (lines.length > 0) yield lines.map(trimCr)
      continue
    }
    const lines: string[] = []
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      kept.push(chunk.subarray(from, at))
      lines.push(decodeLine(kept))
      kept = []
      from = at + 1
    }
    if (from < chunk.length) kept.push(chunk.slice(from))
    if (lines.length > 0) yield lines
  }
  if (wide) {
    wideRest += wide.decode()
    if (wideRest !== '') yield [trimCr(wideRest)]
  } else if (kept.length > 0) yield [decodeLine(kept)]
}

const trimCr = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line)

/** UTF-16 by its byte-order mark, or by the zero bytes of plain letters. */
function wideDecoder(chunk: Uint8Array): TextDecoder | null {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return new TextDecoder('utf-16le')
  if (chunk[0] === 0xfe && chunk[1] === 0xff) return new TextDecoder('utf-16be')
  if (chunk.length >= 4 && chunk[0] !== 0 && chunk[1] === 0 && chunk[3] === 0)
    return new TextDecoder('utf-16le')
  if (chunk.length >= 4 && chunk[0] === 0 && chunk[1] !== 0 && chunk[2] === 0)
    return new TextDecoder('utf-16be')
  return null
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const windows = new TextDecoder('windows-1252')

function decodeLine(parts: Uint8Array[]): string {
  const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
  try {
    return trimCr(utf8.decode(bytes))
  } catch {
    return trimCr(windows.decode(bytes))
  }
}
