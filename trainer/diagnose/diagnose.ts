import { join } from 'node:path'
import type { CycleMetrics, Measure } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { loadBackbone } from '../backbones/load.ts'
import { checkBackbone } from '../backbones/same-backbone.ts'
import { chooseBackend } from '../backend/choose-backend.ts'
import { speakingCycle } from '../cycle/newest.ts'
import { featuresOfInputs } from '../features/cached-features.ts'
import { pictureInput } from '../features/picture.ts'
import { readCheckpoint } from '../model/checkpoint.ts'
import { modelProbabilities } from '../model/trained-model.ts'

export const NOT_A_DIAGNOSIS = 'research use only, not a diagnosis'

export interface Opinion {
  image: string
  cycle: string
  notice: typeof NOT_A_DIAGNOSIS
  heads: {
    head: Head
    /** Calibrated; of a lesion: given COVID, as it was learned. */
    probability: number
    /** null where the head has no operating point. */
    threshold: number | null
    /** False where the head could not be learned: its probability is a base rate. */
    learned: boolean
    /** AUC on test, to weigh the answer by. */
    auc: Measure | null
  }[]
}

/**
 * What the promoted (else the newest) cycle says of one picture.
 * @throws LesionloopError `no-cycle`, `image-…`, `weights-…`.
 */
export async function diagnose(
  workspace: Workspace,
  image: string,
  { backend = 'auto', init, ...run }: RunOptions & { backend?: string; init?: string } = {},
): Promise<Opinion> {
  const cycle = await speakingCycle(workspace)
  const folder = workspace.paths.cycle(cycle.id)
  await chooseBackend(backend)
  const { model, configuration } = await readCheckpoint(join(folder, 'checkpoint.safetensors'))
  const from = init ?? configuration.init
  const backbone = await loadBackbone(configuration.backbone, {
    ...run,
    ...(from === null ? {} : { init: from }),
  })
  checkBackbone(backbone, configuration, cycle.id)
  const input = await pictureInput(image, backbone.preprocessing)
  const probabilities = modelProbabilities(model, featuresOfInputs(backbone, [input]))
  const metrics = await readJson<CycleMetrics>(join(folder, 'metrics.json'))
  return {
    image,
    cycle: cycle.id,
    notice: NOT_A_DIAGNOSIS,
    heads: HEADS.map((head, at) => ({
      head,
      probability: Math.round(probabilities[at]! * 1e4) / 1e4,
      threshold: model.heads[at]!.threshold,
      learned: model.heads[at]!.constant === null,
      auc: (head === 'flag' ? metrics.flag.test?.['auc'] : metrics.lesions.test?.[head]?.['auc']) ?? null,
    })),
  }
}
