import * as tf from '@tensorflow/tfjs-core'
import { stepsInEpoch } from './epoch.ts'
import type { FinetuneData } from './examples.ts'
import { type FinetuneBackbone, newHeads } from './network.ts'
import { newOptimizerState, type Tensors } from './optimizer.ts'
import type { FinetuneOptions } from './options.ts'
import type { Learning } from './training-step.ts'

/** What decides a run's outcome; a folder that holds another is refused. */
export function identity(
  train: FinetuneData['train'],
  validation: FinetuneData['validation'],
  backbone: FinetuneBackbone,
  { workers: _, ...options }: FinetuneOptions,
  teaching: FinetuneData['teaching'],
): Record<string, unknown> {
  const taught = (of: FinetuneData['train']) =>
    of.map(({ id, lesson }) => [id, lesson.map(one => one.value), lesson.map(one => one.source)])
  return {
    format: 'lesionloop-finetune-1',
    backbone: backbone.name,
    weights: backbone.weightsName,
    weightsSha256: backbone.weightsSha256,
    preprocessing: backbone.preprocessing,
    options,
    ...(teaching ? { teaching } : {}),
    steps: stepsInEpoch(train.length, options.batch),
    train: taught(train),
    validation: taught(validation),
  }
}

/** Parameters of a run that was not begun yet; heads among the backbone's (a checkpoint's) stay as they are. */
export function begin(backbone: FinetuneBackbone, { seed, ema }: FinetuneOptions): Learning {
  const parameters: Tensors = new Map([
    ...copies(backbone.parameters),
    ...(backbone.parameters.has('flag.weight') ? [] : newHeads(backbone.trainable.channels, seed)),
  ])
  return {
    parameters,
    average: ema > 0 ? copies(parameters) : null,
    optimizer: newOptimizerState(),
    steps: 0,
  }
}

export const copies = (tensors: Tensors): Tensors =>
  new Map([...tensors].map(([name, tensor]) => [name, tf.clone(tensor)]))

export function release({ parameters, average, optimizer }: Learning): void {
  for (const tensors of [parameters, average, optimizer.first, optimizer.second])
    for (const tensor of tensors?.values() ?? []) tensor.dispose()
}
