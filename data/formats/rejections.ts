import { basename } from 'node:path'
import type { Rejection } from '../workspace/documents.ts'
import { appendDurably } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'
import type { RejectedItem } from './import-result.ts'

/**
 * Puts everything an import could not use on record in rejected/, in order of the items and in one write: a file of
 * a hundred thousand bad lines must not cost as many flushes.
 */
export async function rejectAll(
  workspace: Workspace,
  source: string,
  items: readonly RejectedItem[],
): Promise<void> {
  if (items.length === 0) return
  const at = new Date().toISOString()
  const lines = items.map(({ item, code, message }) => {
    const rejection: Rejection = { at, name: basename(source), item, code, reason: message }
    return `${JSON.stringify(rejection)}\n`
  })
  await appendDurably(workspace.files, workspace.paths.rejectedList, lines.join(''))
}
