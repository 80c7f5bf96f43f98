import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { DatasetFacts } from '../datasets/facts.ts'
import { sidecars } from '../datasets/sidecars.ts'
import { codeOf, LesionloopError, messageOf } from '../errors.ts'
import type { CaseState } from '../records/case.ts'
import type { CheckReport } from '../records/check.ts'
import type { RunOptions } from '../records/job.ts'
import { writeFileAtomically } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'
import { pictureAt } from '../workspace/picture-at.ts'
import { type ExportChoice, type LeftReason, leftOutBecause } from './export-choice.ts'
import { type ExportContext, type ExportRow, exportRow } from './export-row.ts'
import { EXPORTS, exportFormat } from './registry.ts'
import { openPiecewise, type PiecewiseFile, type Written, writePiecewise } from './write-out.ts'

export interface ExportOptions extends RunOptions, ExportContext, ExportChoice {
  /** Cases expected, for the progress. */
  total?: number
  /** Whether the card, the Croissant file and the checksums are written; true unless said. */
  card?: boolean
  /** Name the card gives the dataset; else that of the output. */
  name?: string
  /** What `checkChosen` found of the same cases, for the card's known faults. */
  check?: CheckReport
}

export interface ExportResult {
  format: string
  exported: number
  /** Cases left out, and how many for which reason. */
  left: number
  leftOut: Partial<Record<LeftReason, number>>
  /** Files written, beside pictures. */
  files: string[]
  images: number
}

/** Pictures copied at once; what is waited for is the disk. */
const AT_ONCE = 16

async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/**
 * Writes cases in a format, in the order given, with image, labels, evidence and provenance of each. `out` with the
 * format's own ending (`.jsonl`) is one file that names pictures by their place in the workspace; any other `out` is a
 * folder with the file, named after the folder, and a copy of every picture. Beside it stand the dataset card, a
 * Croissant file and checksums. Same cases, same bytes; memory stays flat.
 * @throws LesionloopError `usage` for an unknown format.
 */
export async function exportCases(
  workspace: Workspace,
  format: string,
  out: string,
  cases: AsyncIterable<CaseState> | Iterable<CaseState>,
  options: ExportOptions = {},
): Promise<ExportResult> {
  const { signal, onProgress, total } = options
  const chosen = exportFormat(format)
  const alone = chosen.ending !== null && extname(out).toLowerCase() === chosen.ending
  if (!alone && Object.values(EXPORTS).some(other => other.ending === extname(out).toLowerCase()))
    throw new LesionloopError(
      'usage',
      chosen.ending === null
        ? `export: ${out}: ${format} is a folder; name one without an ending`
        : `export: ${out}: ${format} files end in ${chosen.ending}; name a file so, or a folder without an ending`,
    )
  const folder = alone ? dirname(out) : out
  const result: ExportResult = { format, exported: 0, left: 0, leftOut: {}, files: [], images: 0 }
  const facts = new DatasetFacts()
  /** Every file of the export by its path inside the folder. */
  const written = new Map<string, Written>()
  const made = new Set<string>()
  const copies = new Map<string, Promise<boolean>>()
  const leave = (reason: LeftReason) => {
    result.left++
    result.leftOut[reason] = (result.leftOut[reason] ?? 0) + 1
  }

  async function* chosenRows(): AsyncGenerator<ExportRow> {
    for await (const state of cases) {
      signal?.throwIfAborted()
      const row = exportRow(state, options)
      const reason = leftOutBecause(row, options)
      if (reason === null) yield row
      else leave(reason)
    }
  }
  const goesOut = (row: ExportRow) => {
    facts.add(row)
    result.exported++
    if (result.exported % 100 === 0 || result.exported === total)
      onProgress?.({ step: 'writing cases', done: result.exported, total: total ?? null })
  }

  /** Copies a picture once. @returns false where it can't be had; its cases are left out then. */
  function copyImage(row: ExportRow, to: string): Promise<boolean> {
    const coming = copies.get(to) ?? copyNow(row, to)
    copies.set(to, coming)
    return coming
  }

  async function copyNow(row: ExportRow, to: string): Promise<boolean> {
    try {
      const from = await pictureAt(workspace, basename(row.image.file))
      const bytes = await readFile(from)
      const inside = dirname(join(folder, to))
      if (!made.has(inside)) await workspace.files.makeFolder(inside)
      made.add(inside)
      await workspace.files.copy(from, join(folder, to))
      written.set(to, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
      result.images++
      return true
    } catch (error) {
      onProgress?.({
        step: 'copying images',
        done: result.exported,
        total: total ?? null,
        problem: {
          item: row.id,
          code: codeOf(error),
          message: `export: ${row.id}: ${row.image.file}: ${messageOf(error)}; left out`,
        },
      })
      return false
    }
  }

  async function* rowsOfFile(): AsyncGenerator<ExportRow> {
    for await (const rows of inBatches(chosenRows(), AT_ONCE)) {
      const there = await Promise.all(rows.map(row => alone || copyImage(row, row.image.file)))
      for (const [at, row] of rows.entries()) {
        if (!there[at]) {
          leave('picture missing')
          continue
        }
        yield row
        goesOut(row)
      }
    }
  }

  /** Layouts with more than one file: each is opened when its first line comes. */
  async function writeLayout({ begins, place }: NonNullable<typeof chosen.layout>): Promise<void> {
    const files = new Map<string, PiecewiseFile>()
    const fileAt = async (path: string) => {
      const there = files.get(path)
      if (there) return there
      const made = await openPiecewise(workspace.files, join(folder, path))
      files.set(path, made)
      return made
    }
    const taken = new Set<string>()
    const free = (path: string) => {
      const ending = extname(path)
      let name = path
      for (let next = 2; taken.has(name); next++)
        name = `${path.slice(0, path.length - ending.length)}-${next}${ending}`
      taken.add(name)
      return name
    }
    try {
      for (const [path, first] of Object.entries(begins)) await (await fileAt(path)).push(first)
      for await (const rows of inBatches(chosenRows(), AT_ONCE)) {
        const places = rows.map(row => place(row, free))
        const there = await Promise.all(
          places.map((placed, at) => typeof placed !== 'string' && copyImage(rows[at]!, placed.picture)),
        )
        for (const [at, row] of rows.entries()) {
          const placed = places[at]!
          if (typeof placed === 'string' || !there[at]) {
            leave(typeof placed === 'string' ? placed : 'picture missing')
            continue
          }
          for (const [path, line] of placed.lines) await (await fileAt(path)).push(line)
          goesOut(row)
        }
      }
    } catch (error) {
      for (const file of files.values()) await file.abandon()
      throw error
    }
    for (const [path, file] of files) {
      written.set(path, await file.finish())
      result.files.push(join(folder, path))
    }
  }

  if (chosen.layout) await writeLayout(chosen.layout)
  else if (chosen.write) {
    const name = alone ? basename(out) : `${basename(out)}${chosen.ending}`
    const path = join(folder, name)
    written.set(name, await writePiecewise(workspace.files, path, chosen.write(rowsOfFile())))
    result.files.push(path)
  }
  const beside: Record<string, string> = { ...(alone ? {} : chosen.beside) }
  if (options.card ?? true)
    Object.assign(
      beside,
      sidecars({
        name: options.name ?? basename(out, alone ? extname(out) : ''),
        format,
        alone,
        facts,
        written,
        beside,
        choice: options,
        publication: options.publication ?? {},
        check: options.check,
        leftOut: result.leftOut,
      }),
    )
  for (const [name, content] of Object.entries(beside)) {
    await writeFileAtomically(workspace.files, join(folder, name), content)
    result.files.push(join(folder, name))
  }
  return result
}
