import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { CycleRecord } from '../../data/records/cycle.ts'
import { speakingFor } from '../../data/stores/speaking.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'

export async function readCycle({ paths }: Workspace, id: string): Promise<CycleRecord> {
  return await readJson<CycleRecord>(join(paths.cycle(id), 'cycle.json'))
}

/**
 * A sealed cycle by its number as people write it ("3", "0003").
 * @throws LesionloopError `cycle-unknown`.
 */
export async function sealedCycle(workspace: Workspace, wanted: string): Promise<CycleRecord> {
  const { paths } = workspace
  const id = wanted.padStart(4, '0')
  if (!(/^\d+$/.test(id) && existsSync(join(paths.cycle(id), 'cycle.json'))))
    throw new LesionloopError(
      'cycle-unknown',
      `cycle: ${wanted}: no sealed cycle of this number in ${paths.cycles}; see \`lesionloop cycles\``,
    )
  return await readCycle(workspace, id)
}

/**
 * The cycle that speaks for the model: the promoted one, else the newest.
 * @throws LesionloopError `no-cycle`, `promoted-missing`.
 */
export async function speakingCycle(workspace: Workspace): Promise<CycleRecord> {
  const speaking = await speakingFor(workspace)
  if (speaking === null)
    throw new LesionloopError(
      'no-cycle',
      `workspace: ${workspace.dir}: no cycle yet: a trained model was expected; run \`lesionloop cycle\` first`,
    )
  return await readCycle(workspace, speaking.id)
}
