import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError } from '../../data/errors.ts'
import { findWeights, type WeightsOptions } from '../weights/find-weights.ts'
import { fitShapes } from '../weights/fit-shapes.ts'
import { readSafetensors } from '../weights/safetensors.ts'
import type { Backbone, Parameters } from './backbone.ts'
import { lite0 } from './efficientnet-lite0.ts'
import { starter } from './starter.ts'

/** All backbones by name. */
export const BACKBONES: ReadonlyMap<string, Backbone> = new Map([starter, lite0].map(one => [one.name, one]))

/** A backbone with its weights in place, ready to run. */
export interface LoadedBackbone extends Backbone {
  parameters: Parameters
  /** What the weights are called: a file's name, or a name on the hub. */
  weightsName: string
  /** Hash of the file's bytes. */
  weightsSha256: string
}

/**
 * A backbone with its weights. The backend must have been chosen before.
 * @param options.init a safetensors file or a name on the model hub; by default the backbone's own.
 * @throws LesionloopError `backbone-unknown`, `weights-…`.
 */
export async function loadBackbone(
  name: string,
  { init, ...options }: WeightsOptions & { init?: string } = {},
): Promise<LoadedBackbone> {
  const backbone = BACKBONES.get(name)
  if (!backbone)
    throw new LesionloopError(
      'backbone-unknown',
      `backbone: ${name}: expected one of ${[...BACKBONES.keys()].join(', ')}`,
    )
  const found = await findWeights(init ?? backbone.weights, options)
  const { tensors } = await readSafetensors(found.path)
  const fitting = fitShapes(tensors, backbone.shapes, {
    what: found.name,
    ...(backbone.ignored ? { ignored: backbone.ignored } : {}),
  })
  const raw = new Map([...fitting].map(([key, { data, shape }]) => [key, tf.tensor(data, shape)]))
  const parameters = backbone.prepare(raw)
  for (const tensor of raw.values()) tensor.dispose()
  return { ...backbone, parameters, weightsName: found.name, weightsSha256: found.sha256 }
}
