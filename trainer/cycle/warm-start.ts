import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { CycleRecord, Prediction } from '../../data/records/cycle.ts'
import type { SplitRecord } from '../../data/splits/split.ts'
import { unsoundFiles } from '../../data/stores/soundness.ts'
import { speakingFor } from '../../data/stores/speaking.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { readJsonLines } from './json-lines.ts'
import { readCycle } from './newest.ts'
import type { CycleOptions } from './options.ts'

/** The promoted cycle a new one starts from. */
export interface WarmStart {
  record: CycleRecord
  checkpoint: string
}

/**
 * The promoted checkpoint to start from, where `--from promoted` asks for it; null: afresh. Out-of-fold heads always
 * start afresh: those of the promoted cycle saw every fold.
 * @throws LesionloopError `warm-start-none` (nothing promoted), `warm-start-backbone`, `warm-start-fit`,
 * `warm-start-seen` (it learned from cases that are validation or test now), `cycle-unsound`, `promoted-missing`.
 */
export async function warmStart(
  workspace: Workspace,
  { from, fit }: Pick<CycleOptions, 'from' | 'fit'>,
  backbone: { name: string; weightsSha256: string },
  split: Pick<SplitRecord, 'cases'>,
): Promise<WarmStart | null> {
  if (from === 'afresh') return null
  const speaking = await speakingFor(workspace)
  if (!speaking?.promoted)
    throw new LesionloopError(
      'warm-start-none',
      'warm start: no cycle is promoted: one to start from was expected; run `lesionloop promote`, or start --from afresh',
    )
  const { id } = speaking
  const record = await readCycle(workspace, id)
  const faults = await unsoundFiles(workspace, record)
  if (faults.length > 0)
    throw new LesionloopError(
      'cycle-unsound',
      `warm start: cycle ${id} is not as it was sealed: ${faults.join('; ')}; put the files back from a copy, or start --from afresh`,
    )
  if (record.backbone.name !== backbone.name || record.backbone.weightsSha256 !== backbone.weightsSha256)
    throw new LesionloopError(
      'warm-start-backbone',
      `warm start: the promoted cycle ${id} stands on ${record.backbone.name} (${record.backbone.weights}), this one on ${backbone.name}: the same backbone and weights were expected; give --backbone ${record.backbone.name}, or start --from afresh`,
    )
  const before = record.config['fit'] === 'finetune' ? 'finetune' : 'heads'
  if (before !== fit)
    throw new LesionloopError(
      'warm-start-fit',
      `warm start: the promoted cycle ${id} was made with --fit ${before}, this one is with --fit ${fit}: the same was expected; give --fit ${before}, or start --from afresh`,
    )
  const predictions = await readJsonLines<Prediction>(join(workspace.paths.cycle(id), 'predictions.jsonl'))
  const seen = predictions.filter(
    one => one.fold !== null && (split.cases[one.case]?.side ?? 'train') !== 'train',
  )
  if (seen.length > 0)
    throw new LesionloopError(
      'warm-start-seen',
      `warm start: the promoted cycle ${id} may have learned from ${seen.length} cases that are validation or test now (${seen[0]!.case}): figures would be flattered; start --from afresh`,
    )
  return { record, checkpoint: join(workspace.paths.cycle(id), 'checkpoint.safetensors') }
}
