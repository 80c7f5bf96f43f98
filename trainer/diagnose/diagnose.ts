import { join } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
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
import { judgeByCheckpoint } from '../finetune/judge-checkpoint.ts'
import { readCheckpoint } from '../model/checkpoint.ts'
import { checkpointKind } from '../model/checkpoint-kind.ts'
import { readNetwork } from '../model/network-checkpoint.ts'
import { type HeadSetting, modelProbabilities } from '../model/trained-model.ts'

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
  const checkpoint = join(folder, 'checkpoint.safetensors')
  const { heads, probabilities } =
    (await checkpointKind(checkpoint)) === 'network'
      ? await byNetwork(checkpoint, image)
      : await byHeads(checkpoint, image, cycle.id, { ...run, ...(init === undefined ? {} : { init }) })
  const metrics = await readJson<CycleMetrics>(join(folder, 'metrics.json'))
  return {
    image,
    cycle: cycle.id,
    notice: NOT_A_DIAGNOSIS,
    heads: HEADS.map((head, at) => ({
      head,
      probability: Math.round(probabilities[at]! * 1e4) / 1e4,
      threshold: heads[at]!.threshold,
      learned: heads[at]!.constant === null,
      auc: (head === 'flag' ? metrics.flag.test?.['auc'] : metrics.lesions.test?.[head]?.['auc']) ?? null,
    })),
  }
}

/** By heads on frozen features of a backbone that is found again. */
async function byHeads(
  checkpoint: string,
  image: string,
  cycle: string,
  { init, ...run }: RunOptions & { init?: string },
): Promise<{ heads: readonly HeadSetting[]; probabilities: ArrayLike<number> }> {
  const { model, configuration } = await readCheckpoint(checkpoint)
  const from = init ?? configuration.init
  const backbone = await loadBackbone(configuration.backbone, {
    ...run,
    ...(from === null ? {} : { init: from }),
  })
  checkBackbone(backbone, configuration, cycle)
  const input = await pictureInput(image, backbone.preprocessing)
  return {
    heads: model.heads,
    probabilities: modelProbabilities(model, featuresOfInputs(backbone, [input])),
  }
}

/** By a fine-tuned network, which carries all it needs. */
async function byNetwork(checkpoint: string, image: string) {
  const network = await readNetwork(checkpoint)
  const { rows, leftOut } = await judgeByCheckpoint(network, [{ id: image, path: image }])
  const found = rows.get(image)
  if (!found)
    throw new LesionloopError('image-undecodable', leftOut[0]?.why ?? `image: ${image}: not readable`)
  return { heads: network.heads, probabilities: found.probabilities }
}
