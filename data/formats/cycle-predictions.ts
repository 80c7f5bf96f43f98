import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Prediction } from '../records/cycle.ts'
import { speakingFor } from '../stores/speaking.ts'
import type { Workspace } from '../workspace/open.ts'

/** What the cycle that speaks for the model (the promoted one, else the newest) says of every case it scored. */
export async function newestPredictions(
  workspace: Workspace,
): Promise<{ cycle: string; byCase: Map<string, Prediction> } | undefined> {
  const cycle = (await speakingFor(workspace))?.id
  if (cycle === undefined) return undefined
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
