import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LesionloopError } from '../errors.ts'
import { type Promotion, promotion } from '../records/promotion.ts'
import { readJsonIfThere } from '../workspace/files.ts'
import type { Workspace } from '../workspace/open.ts'

/** Ids of the sealed cycles ("0001"), the oldest first: those whose cycle.json is there. */
export function sealedCycles({ paths }: Pick<Workspace, 'paths'>): string[] {
  if (!existsSync(paths.cycles)) return []
  return readdirSync(paths.cycles)
    .filter(id => /^\d+$/.test(id) && existsSync(join(paths.cycle(id), 'cycle.json')))
    .sort((one, other) => Number(one) - Number(other))
}

export interface Speaking {
  /** The cycle that speaks for the model. */
  id: string
  /** False: none is promoted, and the newest sealed one speaks. */
  promoted: boolean
}

/**
 * Which cycle speaks for the model: the promoted one, else the newest sealed; null where there is no cycle.
 * @throws LesionloopError `promoted-missing` where the promoted cycle's folder is gone, `file-damaged`, `file-invalid`.
 */
export async function speakingFor(workspace: Pick<Workspace, 'paths'>): Promise<Speaking | null> {
  const ids = sealedCycles(workspace)
  const pointer = await readPromotion(workspace)
  if (pointer === null) {
    const newest = ids.at(-1)
    return newest === undefined ? null : { id: newest, promoted: false }
  }
  if (!ids.includes(pointer.cycle))
    throw new LesionloopError(
      'promoted-missing',
      `cycle: ${pointer.cycle}: promoted since ${pointer.since}, and its folder ${workspace.paths.cycle(pointer.cycle)} is gone: put it back, or let another speak with \`lesionloop rollback\` or \`lesionloop promote\``,
      { cycle: pointer.cycle },
    )
  return { id: pointer.cycle, promoted: true }
}

/** promoted.json as it stands; null where nothing was promoted yet. @throws LesionloopError `file-damaged`, `file-invalid`. */
export async function readPromotion({ paths }: Pick<Workspace, 'paths'>): Promise<Promotion | null> {
  return (await readJsonIfThere(paths.promoted, promotion)) ?? null
}
