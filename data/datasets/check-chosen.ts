import { checkWorkspace } from '../checks/check.ts'
import { type ExportChoice, leftOutBecause } from '../formats/export-choice.ts'
import { type ExportContext, exportRow } from '../formats/export-row.ts'
import type { CaseState } from '../records/case.ts'
import type { CheckReport } from '../records/check.ts'
import type { RunOptions } from '../records/job.ts'
import type { Workspace } from '../workspace/open.ts'

/**
 * Judges the cases that an export of this choice holds, for its card. Decodes every picture once, about 10 ms each, and
 * holds the cases in memory.
 */
export async function checkChosen(
  workspace: Workspace,
  cases: AsyncIterable<CaseState> | Iterable<CaseState>,
  options: ExportContext & ExportChoice & RunOptions,
): Promise<CheckReport> {
  const chosen: CaseState[] = []
  for await (const state of cases)
    if (leftOutBecause(exportRow(state, options), options) === null) chosen.push(state)
  const { signal, onProgress } = options
  return await checkWorkspace(workspace, chosen, {
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  })
}
