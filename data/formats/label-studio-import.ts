import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { LesionloopError, messageOf } from '../errors.ts'
import type { Workspace } from '../workspace/open.ts'
import type { ImportOptions, ImportResult } from './import-result.ts'
import { rowOfTask } from './label-studio-row.ts'
import { importRows, type RawRow } from './row-import.ts'

/**
 * A JSON file of Label Studio tasks: our own export, or one made in Label Studio with our labelling interface. A
 * task's first annotation that was not cancelled counts; pictures lie beside the file.
 * @throws LesionloopError `file-missing`, `label-studio-file`.
 */
export async function importLabelStudio(
  workspace: Workspace,
  path: string,
  options: ImportOptions,
): Promise<ImportResult> {
  if (!existsSync(path))
    throw new LesionloopError('file-missing', `label-studio: ${path}: not found; check the path`, { path })
  let tasks: unknown
  try {
    tasks = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new LesionloopError(
      'label-studio-file',
      `label-studio: ${path}: not valid JSON (${messageOf(error)}); export it from Label Studio as JSON again`,
      { path },
    )
  }
  if (!Array.isArray(tasks))
    throw new LesionloopError(
      'label-studio-file',
      `label-studio: ${path}: expected a list of tasks; export it from Label Studio as JSON`,
      { path },
    )
  return await importRows(workspace, 'label-studio', path, rowsOf(tasks), options)
}

/** A row's line is the place of its task in the list, from 1. */
async function* rowsOf(tasks: unknown[]): AsyncGenerator<RawRow> {
  for (const [at, task] of tasks.entries()) {
    const read = rowOfTask(task)
    yield { line: at + 1, ...('fault' in read ? { fault: read.fault } : { content: read.row }) }
  }
}
