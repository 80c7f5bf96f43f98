import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { LesionloopError } from '../../data/errors.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { checked } from '../../data/workspace/files.ts'
import { fitShapes } from '../weights/fit-shapes.ts'
import { encodeSafetensors, type HostTensor, readSafetensors } from '../weights/safetensors.ts'
import { headSettings } from './head-settings.ts'
import { HEAD_COUNT } from './la-dnn.ts'
import type { TrainedModel } from './trained-model.ts'

/**
 * Heads as safetensors under the names and layouts PyTorch uses ([out, in]): `flag.weight`, `flag.bias`,
 * `lesions.weight`, `lesions.bias`, `features.mean`, `features.std`, and with a trunk `trunk.weight`, `trunk.bias`,
 * `flag.trunk.weight`, `lesions.trunk.weight`. What is no tensor stands in the metadata as JSON.
 */
const configuration = z.object({
  format: z.literal('lesionloop-heads-1'),
  backbone: z.string(),
  weights: z.string(),
  weightsSha256: z.string(),
  /** What to give to --init to find the backbone's weights again. */
  init: z.string().nullable(),
  features: z.int().min(1),
  hidden: z.int().min(0),
  heads: headSettings,
})
export type CheckpointConfiguration = z.infer<typeof configuration>

export interface CheckpointBackbone {
  backbone: string
  weights: string
  weightsSha256: string
  init: string | null
}

/** The checkpoint's bytes; the same model gives the same bytes. */
export function encodeCheckpoint(model: TrainedModel, backbone: CheckpointBackbone): Uint8Array {
  const { parameters: p, features: d, hidden: h } = model
  const tensors = new Map<string, HostTensor>()
  const add = (name: string, shape: number[], data: Float32Array) => tensors.set(name, { shape, data })
  const direct = columns(p.direct.dataSync<'float32'>(), d)
  const bias = p.bias.dataSync<'float32'>()
  add('features.mean', [d], model.scaling.mean)
  add('features.std', [d], model.scaling.deviation)
  add('flag.weight', [1, d], direct.slice(0, d))
  add('flag.bias', [1], bias.slice(0, 1))
  add('lesions.weight', [HEAD_COUNT - 1, d], direct.slice(d))
  add('lesions.bias', [HEAD_COUNT - 1], bias.slice(1))
  if (p.trunk) {
    const heads = columns(p.trunk.heads.dataSync<'float32'>(), h)
    add('trunk.weight', [h, d], transposed(p.trunk.weight.dataSync<'float32'>(), d, h))
    add('trunk.bias', [h], new Float32Array(p.trunk.bias.dataSync<'float32'>()))
    add('flag.trunk.weight', [1, h], heads.slice(0, h))
    add('lesions.trunk.weight', [HEAD_COUNT - 1, h], heads.slice(h))
  }
  const config: CheckpointConfiguration = {
    format: 'lesionloop-heads-1',
    ...backbone,
    features: d,
    hidden: h,
    heads: HEADS.map((head, at) => ({ head, ...model.heads[at]! })),
  }
  return encodeSafetensors({ tensors, metadata: { lesionloop: JSON.stringify(config) } })
}

/** Reads a checkpoint of heads. @throws LesionloopError `weights-…` (also where it is no checkpoint of ours). */
export async function readCheckpoint(
  path: string,
): Promise<{ model: TrainedModel; configuration: CheckpointConfiguration }> {
  const { tensors, metadata } = await readSafetensors(path)
  const config = checked(
    configuration,
    parse(metadata['lesionloop']),
    `checkpoint: ${path}`,
    'give a checkpoint.safetensors of a cycle',
    'weights-mismatch',
  )
  const { features: d, hidden: h } = config
  const lesions = HEAD_COUNT - 1
  const shapes = new Map([
    ['features.mean', [d]],
    ['features.std', [d]],
    ['flag.weight', [1, d]],
    ['flag.bias', [1]],
    ['lesions.weight', [lesions, d]],
    ['lesions.bias', [lesions]],
    ...(h > 0
      ? ([
          ['trunk.weight', [h, d]],
          ['trunk.bias', [h]],
          ['flag.trunk.weight', [1, h]],
          ['lesions.trunk.weight', [lesions, h]],
        ] as [string, number[]][])
      : []),
  ])
  const found = fitShapes(tensors, shapes, { what: path })
  const data = (name: string) => found.get(name)!.data
  const both = (one: string, width: number) => {
    const all = new Float32Array(HEAD_COUNT * width)
    all.set(data(`flag.${one}`))
    all.set(data(`lesions.${one}`), width)
    return all
  }
  const direct = transposed(both('weight', d), HEAD_COUNT, d)
  const model: TrainedModel = {
    features: d,
    hidden: h,
    scaling: { mean: data('features.mean'), deviation: data('features.std') },
    heads: config.heads.map(({ constant, calibrator, threshold }) => ({ constant, calibrator, threshold })),
    parameters: {
      direct: tf.variable(tf.tensor2d(direct, [d, HEAD_COUNT])),
      bias: tf.variable(tf.tensor3d(both('bias', 1), [1, 1, HEAD_COUNT])),
      ...(h > 0
        ? {
            trunk: {
              weight: tf.variable(tf.tensor2d(transposed(data('trunk.weight'), h, d), [d, h])),
              bias: tf.variable(tf.tensor1d(data('trunk.bias'))),
              heads: tf.variable(
                tf.tensor3d(transposed(both('trunk.weight', h), HEAD_COUNT, h), [1, h, HEAD_COUNT]),
              ),
            },
          }
        : {}),
    },
  }
  return { model, configuration: config }
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch (error) {
    throw new LesionloopError(
      'weights-mismatch',
      'checkpoint: the file carries no lesionloop configuration: heads trained by lesionloop were expected; give a checkpoint.safetensors of a cycle',
      {},
      { cause: error },
    )
  }
}

/** [rows, 6] → [6, rows], of the heads' weights. */
const columns = (values: Float32Array, rows: number) => transposed(values, rows, HEAD_COUNT)

function transposed(values: Float32Array, rows: number, width: number): Float32Array {
  const turned = new Float32Array(values.length)
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < width; at++) turned[at * rows + row] = values[row * width + at]!
  return turned
}
