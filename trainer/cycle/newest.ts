import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { CycleRecord } from '../../data/records/cycle.ts'
import { readJson, readJsonIfThere } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'

/** Number of the newest sealed cycle; null where there is none. */
export function newestSealed({ paths }: Workspace): string | null {
  if (!existsSync(paths.cycles)) return null
  const ids = readdirSync(paths.cycles).filter(name => /^\d+$/.test(name))
  ids.sort((one, other) => Number(other) - Number(one))
  return ids.find(id => existsSync(join(paths.cycles, id, 'cycle.json'))) ?? null
}

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
