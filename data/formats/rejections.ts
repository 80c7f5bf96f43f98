import { reject } from '../workspace/documents.ts'
import type { Workspace } from '../workspace/open.ts'
import type { RejectedItem } from './import-result.ts'

/** Puts everything an import could not use on record in rejected/, in order of the items. */
export async function rejectAll(
  workspace: Workspace,
  source: string,
  items: readonly RejectedItem[],
): Promise<void> {
  for (const { item, code, message } of [...items].sort((one, other) => (one.item < other.item ? -1 : 1)))
    await reject(workspace, { name: source, item, code, reason: message })
}
