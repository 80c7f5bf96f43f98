import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { LesionloopError, messageOf } from '../errors.ts'
import type { Workspace } from '../workspace/open.ts'
import type { ImportOptions, ImportResult } from './import-result.ts'
import { importRows, type RawRow } from './row-import.ts'

/** A line of JSON each: `{"image", "flag", "lesions": {…}, "caption", "document", "figure", "panel", …}`. */
export function importJsonl(
  workspace: Workspace,
  path: string,
  options: ImportOptions,
): Promise<ImportResult> {
  if (!existsSync(path))
    throw new LesionloopError('file-missing', `jsonl: ${path}: not found; check the path`, { path })
  return importRows(workspace, 'jsonl', path, jsonLines(path), options)
}

/** The lines of a JSONL file, each by itself: one that is no JSON stops none. */
export async function* jsonLines(path: string): AsyncGenerator<RawRow> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  let line = 0
  for await (const text of lines) {
    line++
    const bare = line === 1 ? text.replace(/^\uFEFF/, '') : text
    if (bare.trim() === '') continue
    let row: RawRow
    try {
      row = { line, content: JSON.parse(bare) as unknown }
    } catch (error) {
      row = { line, fault: `not valid JSON (${messageOf(error)}); put it right` }
    }
    yield row
  }
}
