import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { LesionloopError } from '../../data/errors.ts'
import { HEADS, LESIONS } from '../../data/records/vocabulary.ts'
import { checked } from '../../data/workspace/files.ts'
import type { Backbone, Parameters, Preprocessing } from '../backbones/backbone.ts'
import { restore } from '../backbones/layout.ts'
import { backboneNamed, fitBackbone } from '../backbones/load.ts'
import { pictureOptions } from '../pictures/picture-options.ts'
import { fitShapes } from '../weights/fit-shapes.ts'
import { encodeSafetensors, type HostTensor, readSafetensors } from '../weights/safetensors.ts'
import { headSettings } from './head-settings.ts'
import type { HeadSetting } from './trained-model.ts'

/**
 * A whole fine-tuned network as safetensors: the backbone under its library's names (torchvision's, timm's for
 * EfficientNet-Lite0) and the heads as `flag.weight` [1, C], `flag.bias`, `lesions.weight` [5, C], `lesions.bias`, all
 * in torch's layouts, so that PyTorch opens it. What is no tensor stands in the metadata `lesionloop` as JSON.
 */
const preprocessing = z.object({
  size: z.int().min(1),
  channels: z.enum(['rgb', 'grey']),
  mean: z.array(z.number()),
  std: z.array(z.number()),
  picture: pictureOptions.optional(),
})
const configuration = z.object({
  format: z.literal('lesionloop-network-1'),
  backbone: z.string(),
  /** What its weights began as. */
  weights: z.string(),
  weightsSha256: z.string(),
  preprocessing,
  loss: z.string(),
  /** Weight of the lesions' loss. */
  lambda: z.number(),
  heads: headSettings,
  /** Every option of the run, as it was carried out. */
  options: z.record(z.string(), z.unknown()).optional(),
})
/** As it stands in the file. */
export type NetworkConfiguration = z.infer<typeof configuration>

/** What the trainer says of a network it trained. */
export interface NetworkDescription {
  /** Name in the registry. */
  backbone: string
  weights: string
  weightsSha256: string
  preprocessing: Preprocessing
  loss: string
  lambda: number
  /** In the order of `HEADS`. */
  heads: readonly HeadSetting[]
  options?: Record<string, unknown>
}

export interface ReadNetwork {
  configuration: NetworkConfiguration
  /** In the order of `HEADS`. */
  heads: HeadSetting[]
  backbone: Backbone
  /** Backbone and heads in torch's layouts. */
  tensors: Map<string, HostTensor>
}

/** Names and torch's shapes of the two heads over `channels` means. */
const headShapes = (channels: number) =>
  new Map([
    ['flag.weight', [1, channels]],
    ['flag.bias', [1]],
    ['lesions.weight', [LESIONS.length, channels]],
    ['lesions.bias', [LESIONS.length]],
  ])

/**
 * The checkpoint's bytes; the same network gives the same bytes. Parameters beside the backbone's and the heads' (the
 * ImageNet classes) are left out.
 * @param parameters in the layout of `Trainable.maps`, the heads beside the backbone's: `flag.weight` [C, 1], `flag.bias`
 *   [1], `lesions.weight` [C, 5], `lesions.bias` [5].
 */
export function encodeNetwork(parameters: Parameters, description: NetworkDescription): Uint8Array {
  const backbone = backboneNamed(description.backbone)
  const shapes = new Map([...backbone.shapes, ...headShapes(trainableOf(backbone).channels)])
  const chosen = new Map([...shapes.keys()].map(name => [name, parameters.get(name)!]))
  const tensors = hostTensors(chosen)
  for (const [name, shape] of shapes)
    if (tensors.get(name)!.shape.join() !== shape.join())
      throw new Error(`checkpoint: ${name}: [${tensors.get(name)!.shape}]: expected [${shape}]`)
  const { heads, preprocessing, ...rest } = description
  const config: NetworkConfiguration = {
    format: 'lesionloop-network-1',
    ...rest,
    preprocessing: {
      ...preprocessing,
      mean: [...preprocessing.mean],
      std: [...preprocessing.std],
    },
    heads: HEADS.map((head, at) => ({ head, ...heads[at]! })),
  }
  // In the schema's order, whatever order it came in.
  const ordered = JSON.stringify(configuration.parse(config))
  return encodeSafetensors({ tensors, metadata: { lesionloop: ordered } })
}

/** Parameters read from the backend, in torch's layouts. */
function hostTensors(parameters: Parameters): Map<string, HostTensor> {
  return new Map(
    [...parameters].map(([name, value]) => {
      const turned = restore(new Map([[name, value]])).get(name)!
      const data = new Float32Array(turned.dataSync<'float32'>())
      turned.dispose()
      return [name, { shape: [...turned.shape], data }]
    }),
  )
}

/**
 * Reads a checkpoint of a whole network; no backend is needed.
 * @throws LesionloopError `weights-missing`, `weights-damaged`, `weights-mismatch` (no network of ours, or tensors
 *   missing, surplus or misshapen, each named), `backbone-unknown`.
 */
export async function readNetwork(path: string): Promise<ReadNetwork> {
  const { tensors, metadata } = await readSafetensors(path)
  const config = checked(
    configuration,
    parse(metadata['lesionloop'], path),
    `checkpoint: ${path}`,
    'give a checkpoint of a fine-tuned network (train --fit finetune)',
    'weights-mismatch',
  )
  const backbone = backboneNamed(config.backbone)
  const heads = headShapes(trainableOf(backbone).channels)
  const ofBackbone = new Map([...tensors].filter(([name]) => !heads.has(name)))
  const ofHeads = new Map([...tensors].filter(([name]) => heads.has(name)))
  return {
    configuration: config,
    heads: config.heads.map(({ constant, calibrator, threshold }) => ({ constant, calibrator, threshold })),
    backbone,
    tensors: new Map([
      ...fitBackbone(backbone, ofBackbone, path),
      ...fitShapes(ofHeads, heads, { what: path }),
    ]),
  }
}

/** Backbone and heads of a checkpoint on the backend that runs, in the layout of `Trainable.maps`. */
export function networkParameters({ backbone, tensors }: ReadNetwork): Map<string, tf.Tensor> {
  const raw = new Map([...tensors].map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]))
  const parameters = trainableOf(backbone).arrange(raw)
  for (const tensor of raw.values()) tensor.dispose()
  return parameters
}

function trainableOf({ name, trainable }: Backbone) {
  if (trainable) return trainable
  throw new LesionloopError(
    'backbone-frozen',
    `backbone: ${name}: can't be fine-tuned: a network that can was expected; take another backbone`,
  )
}

function parse(text: string | undefined, path: string): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch (error) {
    throw new LesionloopError(
      'weights-mismatch',
      `checkpoint: ${path}: carries no lesionloop configuration: a network fine-tuned by lesionloop was expected; give a checkpoint of train --fit finetune`,
      { path },
      { cause: error },
    )
  }
}
