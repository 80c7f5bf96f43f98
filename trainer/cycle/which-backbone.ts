import { existsSync } from 'node:fs'
import type { CycleRecord } from '../../data/records/cycle.ts'
import { newestSealed } from '../../data/stores/queue.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { readCycle } from './newest.ts'
import type { CycleOptions } from './options.ts'

/** The record of the newest sealed cycle, as which a new one goes on; null where there is none. */
export async function cycleBefore(workspace: Workspace): Promise<CycleRecord | null> {
  const newest = newestSealed(workspace)
  return newest === null ? null : await readCycle(workspace, newest)
}

/**
 * The backbone asked for; else the newest cycle's, so that a cycle started from the page goes on with what was used
 * before; else `starter`, which needs no download.
 */
export function whichBackbone(
  { backbone, init }: Pick<CycleOptions, 'backbone' | 'init'>,
  before: CycleRecord | null,
): { name: string; init: string | null } {
  const name = backbone ?? before?.backbone.name ?? 'starter'
  if (init !== undefined) return { name, init }
  const beforeInit = before?.backbone.name === name ? before.config['init'] : null
  const usable =
    typeof beforeInit === 'string' && (existsSync(beforeInit) || !beforeInit.endsWith('.safetensors'))
  return { name, init: usable ? beforeInit : null }
}
