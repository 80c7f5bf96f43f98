import { existsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { MinedCase } from '../records/case.ts'
import { appendDurably, type FileOperations, writeAll } from '../workspace/files.ts'
import type { LineFile } from './line-file.ts'

/**
 * cases/cases.jsonl: for each document a header `{"put":"<document>","count":2}` and then its cases, a line each. A later
 * header of the same document takes the place of the earlier one with all its cases; one that is not followed by as many
 * cases as it says (a writer died in it) counts for nothing.
 */
export interface Put {
  document: string
  cases: { mined: MinedCase; offset: number; length: number }[]
  /** Bytes with its header. */
  bytes: number
}

export interface CaseScan {
  /** Bytes up to the end of the last whole put. */
  end: number
  problems: string[]
}

/** Reads the puts from an offset on, without holding the event loop for long. */
export async function scanCases(file: LineFile, from: number, visit: (put: Put) => void): Promise<CaseScan> {
  const scan: CaseScan = { end: from, problems: [] }
  let put: (Put & { count: number }) | undefined
  const line = (bytes: Buffer, offset: number) => {
    let row: unknown
    try {
      row = JSON.parse(bytes.toString('utf8'))
    } catch {
      scan.problems.push(
        `cases: cases.jsonl: line at byte ${offset}: not valid JSON; mine its document again`,
      )
      put = undefined
      return
    }
    const header = row as { put?: string; count?: number }
    if (typeof header.put === 'string' && typeof header.count === 'number') {
      if (put) scan.problems.push(unfinished(put.document))
      put = { document: header.put, cases: [], bytes: bytes.length + 1, count: header.count }
    } else if (put) {
      put.cases.push({ mined: row as MinedCase, offset, length: bytes.length })
      put.bytes += bytes.length + 1
    }
    if (put && put.cases.length === put.count) {
      visit(put)
      scan.end = offset + bytes.length + 1
      put = undefined
    }
  }
  await file.eachLine(from, line)
  if (put) scan.problems.push(unfinished((put as Put).document))
  return scan
}

const unfinished = (document: string) =>
  `cases: ${document}: its cases were not written to their end (the run was stopped); mine it again`

/** Appends one document's cases, durably. @returns the put with the places of its lines. */
export async function appendPut(
  files: FileOperations,
  path: string,
  document: string,
  cases: readonly MinedCase[],
): Promise<Put> {
  const start = existsSync(path) ? statSync(path).size : 0
  const header = Buffer.from(`${JSON.stringify({ put: document, count: cases.length })}\n`)
  const lines: Buffer[] = [header]
  const put: Put = { document, cases: [], bytes: header.length }
  for (const mined of cases) {
    const line = Buffer.from(`${JSON.stringify(mined)}\n`)
    put.cases.push({ mined, offset: start + put.bytes, length: line.length - 1 })
    lines.push(line)
    put.bytes += line.length
  }
  await appendDurably(files, path, Buffer.concat(lines))
  return put
}

/** Reads a case by its place; the file holds whole puts up to `end`. */
export function readCase(file: LineFile, place: { offset: number; length: number }, end: number): MinedCase {
  return JSON.parse(file.line(place.offset, place.length, end).toString('utf8')) as MinedCase
}

/** Writes the living puts into a new file and puts it in the place of the old, without holding all in memory. */
export async function compactCases(
  files: FileOperations,
  path: string,
  puts: Iterable<{ document: string; lines: readonly { offset: number; length: number }[] }>,
): Promise<void> {
  const temporary = join(dirname(path), '.cases.jsonl.compact.tmp')
  await files.remove(temporary)
  const from = await open(path, 'r')
  try {
    const to = await files.open(temporary, 'wx')
    try {
      for (const { document, lines } of puts) {
        const parts = [Buffer.from(`${JSON.stringify({ put: document, count: lines.length })}\n`)]
        for (const { offset, length } of lines) {
          const line = Buffer.allocUnsafe(length + 1)
          await from.read(line, 0, length, offset)
          line[length] = 10
          parts.push(line)
        }
        await writeAll(to, Buffer.concat(parts))
      }
      await to.sync()
    } finally {
      await to.close()
    }
    await files.rename(temporary, path)
    await files.syncFolder(dirname(path))
  } catch (error) {
    await files.remove(temporary).catch(() => undefined)
    throw error
  } finally {
    await from.close()
  }
}
