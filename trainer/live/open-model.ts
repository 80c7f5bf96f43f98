import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../data/errors.ts'
import type { CycleMetrics, CycleRecord } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { Preprocessing } from '../backbones/backbone.ts'
import { loadBackbone } from '../backbones/load.ts'
import { checkBackbone } from '../backbones/same-backbone.ts'
import { featuresOfInputs } from '../features/cached-features.ts'
import { pictureInput } from '../features/picture.ts'
import { VIEWS } from '../finetune/judge.ts'
import { finetuneOptions } from '../finetune/options.ts'
import { frozenMaps } from '../gradcam/frozen-maps.ts'
import type { MapModel } from '../gradcam/heat-map.ts'
import { networkMaps } from '../gradcam/network-maps.ts'
import { readCheckpoint } from '../model/checkpoint.ts'
import { checkpointKind } from '../model/checkpoint-kind.ts'
import { readFoldHeads } from '../model/fold-heads.ts'
import { networkParameters, readNetwork } from '../model/network-checkpoint.ts'
import { calibrated, type HeadSetting, modelProbabilities } from '../model/trained-model.ts'
import { testTimeViews } from '../pictures/views.ts'
import { judgePicture } from './judge-picture.ts'
import { type SimilarCase, similarCases } from './similar-cases.ts'

/** Probabilities of one picture, in the order of `HEADS`. */
export interface Judgement {
  probabilities: ArrayLike<number>
  /** By each fold's heads; empty where the cycle kept none. */
  byFold: ArrayLike<number>[]
  similar: SimilarCase[]
}

/** The model of one cycle, loaded once and held. */
export interface OpenModel {
  cycle: string
  metrics: CycleMetrics
  heads: readonly HeadSetting[]
  maps: MapModel | null
  /** Why there are no maps; null where there are. */
  mapsAbsent: string | null
  similarAbsent: string | null
  judge(bytes: Uint8Array, name: string): Promise<Judgement>
}

const SIMILAR = 6

export interface OpenModelOptions extends RunOptions {
  /** The backbone's weights, where they lie elsewhere now. */
  init?: string
  /** False: like cases are not looked for, and their features are not read. */
  similar?: boolean
}

/** Opens the model of a sealed cycle. The backend must have been chosen before. */
export async function openModel(
  workspace: Workspace,
  { id }: CycleRecord,
  options: OpenModelOptions = {},
): Promise<OpenModel> {
  const folder = workspace.paths.cycle(id)
  const checkpoint = join(folder, 'checkpoint.safetensors')
  const metrics = await readJson<CycleMetrics>(join(folder, 'metrics.json'))
  const isNetwork = (await checkpointKind(checkpoint)) === 'network'
  const opened = isNetwork ? await openNetwork(checkpoint) : await openHeads(workspace, id, folder, options)
  return { cycle: id, metrics, ...opened }
}

async function openHeads(
  workspace: Workspace,
  id: string,
  folder: string,
  { init: elsewhere, similar: wantsAlike = true, ...run }: OpenModelOptions,
) {
  const { model, configuration } = await readCheckpoint(join(folder, 'checkpoint.safetensors'))
  const init = elsewhere ?? configuration.init
  const backbone = await loadBackbone(configuration.backbone, { ...run, ...(init === null ? {} : { init }) })
  checkBackbone(backbone, configuration, id)
  const foldFile = join(folder, 'folds.safetensors')
  const folds = existsSync(foldFile) ? await readFoldHeads(foldFile, model.features) : null
  let alike: Awaited<ReturnType<typeof similarCases>> | null = null
  let similarAbsent: string | null = null
  try {
    if (wantsAlike) alike = await similarCases(workspace, backbone, model.scaling, folder)
  } catch (error) {
    similarAbsent = `the pictures' kept features can't be read: ${messageOf(error)}`
  }
  const isCut = backbone.preprocessing.picture?.borders === true
  const maps = isCut ? null : frozenMaps(backbone, model)
  return {
    heads: model.heads,
    maps,
    mapsAbsent: maps
      ? null
      : isCut
        ? CUT
        : `the features of ${backbone.name} are no means over places in the picture; train a cycle with efficientnet-lite0 for heat maps`,
    similarAbsent,
    async judge(bytes: Uint8Array, name: string): Promise<Judgement> {
      const input = await pictureInput(bytes, backbone.preprocessing, name)
      const features = featuresOfInputs(backbone, [input])
      return {
        probabilities: modelProbabilities(model, features),
        byFold: folds?.logits(features, model.scaling).map(logits => calibrated(logits, model.heads)) ?? [],
        similar: alike?.(features, SIMILAR) ?? [],
      }
    },
  }
}

const CUT = 'this model cuts borders off its pictures, so that a map would not lie where it belongs'

async function openNetwork(checkpoint: string) {
  const network = await readNetwork(checkpoint)
  const parameters = networkParameters(network)
  const { configuration, heads } = network
  // Only a network that learns has a checkpoint of this kind.
  const trainable = network.backbone.trainable!
  // Optional fields of the schema stand as undefined, which these types tell from absent.
  const preprocessing: Preprocessing = JSON.parse(JSON.stringify(configuration.preprocessing))
  const tta = finetuneOptions.shape.tta.safeParse(configuration.options?.['tta'])
  const isCut = preprocessing.picture?.borders === true
  return {
    heads,
    maps: isCut ? null : networkMaps({ trainable, parameters, preprocessing, heads }),
    mapsAbsent: isCut ? CUT : null,
    similarAbsent:
      'this cycle fine-tuned its network, and of such no features of the other pictures are kept',
    async judge(bytes: Uint8Array, name: string): Promise<Judgement> {
      const views = testTimeViews(VIEWS[tta.success ? tta.data : 'none'])
      const logits = await judgePicture(trainable, parameters, { bytes, name }, preprocessing, views)
      const probabilities = calibrated(logits, heads).slice(0, HEADS.length)
      return { probabilities, byFold: [], similar: [] }
    },
  }
}
