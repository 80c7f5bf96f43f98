import { existsSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { codeOf, LesionloopError, messageOf } from '../errors.ts'
import type { CaseState } from '../records/case.ts'
import type { RunOptions } from '../records/job.ts'
import { writeFileAtomically } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'
import { type ExportContext, type ExportRow, exportRow, isExpertRow } from './export-row.ts'
import { EXPORTS, exportFormat } from './registry.ts'
import { writePiecewise } from './write-out.ts'

export interface ExportOptions extends RunOptions, ExportContext {
  /** Leaves out cases without any expert's label. */
  onlyExpert?: boolean
  /** Cases expected, for the progress. */
  total?: number
}

export interface ExportResult {
  format: string
  exported: number
  /** Cases left out because of a choice (`onlyExpert`) or a missing picture. */
  left: number
  /** Files written, beside pictures. */
  files: string[]
  images: number
}

/**
 * Writes cases in a format, in the order given, with image, labels, evidence and provenance of each. `out` with the
 * format's own ending (`.jsonl`) is one file that names pictures by their place in the workspace; any other `out` is a
 * folder with the file, named after the folder, and a copy of every picture. Same cases, same bytes.
 * @throws LesionloopError `usage` for an unknown format.
 */
export async function exportCases(
  workspace: Workspace,
  format: string,
  out: string,
  cases: AsyncIterable<CaseState> | Iterable<CaseState>,
  options: ExportOptions = {},
): Promise<ExportResult> {
  const { signal, onProgress, onlyExpert = false, total } = options
  const chosen = exportFormat(format)
  const alone = extname(out).toLowerCase() === chosen.ending
  if (!alone && Object.values(EXPORTS).some(other => other.ending === extname(out).toLowerCase()))
    throw new LesionloopError(
      'usage',
      `export: ${out}: ${format} files end in ${chosen.ending}; name a file so, or a folder without an ending`,
    )
  const folder = alone ? dirname(out) : out
  const file = alone ? out : join(folder, `${basename(out)}${chosen.ending}`)
  const result: ExportResult = { format, exported: 0, left: 0, files: [file], images: 0 }
  const copied = new Set<string>()

  async function* rows(): AsyncGenerator<ExportRow> {
    for await (const state of cases) {
      signal?.throwIfAborted()
      const row = exportRow(state, options)
      if (onlyExpert && !isExpertRow(row)) {
        result.left++
        continue
      }
      if (!alone && !(await copyImage(state))) continue
      yield row
      result.exported++
      if (result.exported % 100 === 0 || result.exported === total)
        onProgress?.({ step: 'writing cases', done: result.exported, total: total ?? null })
    }
  }

  async function copyImage(state: CaseState): Promise<boolean> {
    if (copied.has(state.imageFile)) return true
    const to = join(folder, 'images', state.imageFile)
    try {
      if (copied.size === 0) await workspace.files.makeFolder(dirname(to))
      if (!existsSync(to)) await workspace.files.copy(workspace.paths.image(state.imageFile), to)
      copied.add(state.imageFile)
      result.images++
      return true
    } catch (error) {
      result.left++
      onProgress?.({
        step: 'copying images',
        done: result.exported,
        total: total ?? null,
        problem: {
          item: state.id,
          code: codeOf(error),
          message: `export: ${state.id}: images/${state.imageFile}: ${messageOf(error)}; left out`,
        },
      })
      return false
    }
  }

  await writePiecewise(workspace.files, file, chosen.write(rows()))
  for (const [name, content] of Object.entries(chosen.beside ?? {})) {
    if (alone) continue
    await writeFileAtomically(workspace.files, join(folder, name), content)
    result.files.push(join(folder, name))
  }
  return result
}
