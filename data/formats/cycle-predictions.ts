import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Prediction } from '../records/cycle.ts'
import type { Workspace } from '../workspace/open.ts'

/** Number of the newest sealed cycle (its cycle.json is written last); null where there is none. */
export function newestCycle(workspace: Workspace): string | null {
  if (!existsSync(workspace.paths.cycles)) return null
  return (
    readdirSync(workspace.paths.cycles)
      .filter(name => /^\d+$/.test(name) && existsSync(join(workspace.paths.cycles, name, 'cycle.json')))
      .sort((one, other) => Number(one) - Number(other))
      .at(-1) ?? null
  )
}

/** The newest cycle's opinion of every case it scored; undefined where there is none. */
export async function newestPredictions(
  workspace: Workspace,
): Promise<{ cycle: string; byCase: Map<string, Prediction> } | undefined> {
  const cycle = newestCycle(workspace)
  if (cycle === null) return undefined
  const path = join(workspace.paths.cycle(cycle), 'predictions.jsonl')
  if (!existsSync(path)) return undefined
  const byCase = new Map<string, Prediction>()
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line === '') continue
    const prediction = JSON.parse(line) as Prediction
    byCase.set(prediction.case, prediction)
  }
  return { cycle, byCase }
}
