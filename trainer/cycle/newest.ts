import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { CycleRecord } from '../../data/records/cycle.ts'
import { newestSealed } from '../../data/stores/queue.ts'
import { readJson, readJsonIfThere } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'

export async function readCycle({ paths }: Workspace, id: string): Promise<CycleRecord> {
  return await readJson<CycleRecord>(join(paths.cycle(id), 'cycle.json'))
}

/**
 * The cycle that speaks for the model: the promoted one, else the newest.
 * @throws LesionloopError `no-cycle`.
 */
export async function speakingCycle(workspace: Workspace): Promise<CycleRecord> {
  const promoted = await readJsonIfThere<{ cycle?: string }>(workspace.paths.promoted)
  const id = promoted?.cycle ?? newestSealed(workspace)
  if (id === null || !existsSync(join(workspace.paths.cycle(id), 'cycle.json')))
    throw new LesionloopError(
      'no-cycle',
      `workspace: ${workspace.dir}: no cycle yet: a trained model was expected; run \`lesionloop cycle\` first`,
    )
  return await readCycle(workspace, id)
}
