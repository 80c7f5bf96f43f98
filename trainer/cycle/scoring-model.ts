import { join } from 'node:path'
import type { RunOptions } from '../../data/records/job.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { type LoadedBackbone, loadBackbone } from '../backbones/load.ts'
import { checkBackbone } from '../backbones/same-backbone.ts'
import { chooseBackend } from '../backend/choose-backend.ts'
import { readCheckpoint } from '../model/checkpoint.ts'
import { checkpointKind } from '../model/checkpoint-kind.ts'
import type { TrainedModel } from '../model/trained-model.ts'
import { sealedCycle, speakingCycle } from './newest.ts'

/** Which model shall score, on which backend. */
export interface ModelAsked {
  /** A checkpoint, or the number of the cycle it is of; absent: the promoted, else the newest cycle's. */
  model?: string
  /** The backbone's weights, where they lie elsewhere now. */
  init?: string
  backend?: string
}

/** A model that can score the workspace: heads on frozen features, or a fine-tuned network by its path. */
export type ScoringModel = { path: string } & (
  | { kind: 'heads'; heads: TrainedModel; backbone: LoadedBackbone }
  | { kind: 'network' }
)

/** @throws LesionloopError `no-cycle`, `cycle-unknown`, `checkpoint-…`, `weights-…`, `backend-…`. */
export async function openModel(
  workspace: Workspace,
  { model, init, backend = 'auto' }: ModelAsked,
  run: RunOptions = {},
): Promise<ScoringModel> {
  const path = await checkpointOf(workspace, model)
  await chooseBackend(backend)
  if ((await checkpointKind(path)) === 'network') return { kind: 'network', path }
  const { model: heads, configuration } = await readCheckpoint(path)
  const weights = init ?? configuration.init
  const backbone = await loadBackbone(configuration.backbone, {
    ...run,
    ...(weights === null ? {} : { init: weights }),
  })
  checkBackbone(backbone, configuration, 'this checkpoint')
  return { kind: 'heads', path, heads, backbone }
}

async function checkpointOf(workspace: Workspace, model: string | undefined): Promise<string> {
  const isPath = model !== undefined && !/^\d+$/.test(model)
  if (isPath) return model
  const { id } = model === undefined ? await speakingCycle(workspace) : await sealedCycle(workspace, model)
  return join(workspace.paths.cycle(id), 'checkpoint.safetensors')
}
