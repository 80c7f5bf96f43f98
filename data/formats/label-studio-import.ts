import { existsSync } from 'node:fs'
import { LesionloopError } from '../errors.ts'
import type { Workspace } from '../workspace/open.ts'
import type { ImportOptions, ImportResult } from './import-result.ts'
import { jsonArrayItems } from './json-array.ts'
import { rowOfTask } from './label-studio-row.ts'
import { importRows, type RawRow } from './row-import.ts'

/**
 * A JSON file of Label Studio tasks: our own export, or one made in Label Studio with our labelling interface. A
 * task's first annotation that was not cancelled counts; pictures lie beside the file. What people said at another desk
 * comes in as a published label with their names, boxes and the model's opinion: no act of anybody's here.
 * @throws LesionloopError `file-missing`, `label-studio-file`.
 */
export async function importLabelStudio(
  workspace: Workspace,
  path: string,
  options: ImportOptions,
): Promise<ImportResult> {
  if (!existsSync(path))
    throw new LesionloopError('file-missing', `label-studio: ${path}: not found; check the path`, { path })
  return await importRows(workspace, 'label-studio', path, rowsOf(path), options)
}

/** A row's line is the place of its task in the list, from 1. */
async function* rowsOf(path: string): AsyncGenerator<RawRow> {
  let line = 0
  for await (const task of jsonArrayItems(path, `label-studio: ${path}`, 'label-studio-file')) {
    const read = rowOfTask(task)
    yield { line: ++line, ...('fault' in read ? { fault: read.fault } : { content: read.row }) }
  }
}
