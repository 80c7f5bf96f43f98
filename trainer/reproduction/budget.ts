import * as tf from '@tensorflow/tfjs-core'
import { type FinetuneBackbone, newHeads, withSize } from '../finetune/network.ts'
import { newOptimizerState } from '../finetune/optimizer.ts'
import type { FinetuneOptions } from '../finetune/options.ts'
import { learningNames, trainingStep } from '../finetune/training-step.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'

/** Pictures a second in training, measured over a few steps on made-up pictures; the first step warms up. */
export function measuredSpeed(backbone: FinetuneBackbone, options: FinetuneOptions, steps = 3): number {
  const { size, mean } = withSize(backbone.preprocessing, options.trainSize)
  const { trainable } = backbone
  const parameters = new Map([
    ...[...backbone.parameters].map(([name, tensor]) => [name, tf.clone(tensor)] as const),
    ...newHeads(trainable.channels, 1),
  ])
  const learning = { parameters, average: null, optimizer: newOptimizerState(), steps: 0 }
  const names = learningNames(trainable, parameters.keys(), options, 1, true)
  const input = tf.randomNormal<tf.Rank.R4>([options.batch, size, size, mean.length], 0, 1, 'float32', 1)
  const weights = new Float32Array(options.batch * HEAD_COUNT).fill(1)
  const table = { weights, wanted: weights.map((_, at) => at % 2) }
  const step = () => trainingStep(trainable, learning, names, { input, table, rate: 1e-6 }, options)
  try {
    step()
    const before = performance.now()
    for (let at = 0; at < steps; at++) step()
    return (1000 * steps * options.batch) / (performance.now() - before)
  } finally {
    input.dispose()
    for (const tensors of [parameters, learning.optimizer.first, learning.optimizer.second])
      for (const tensor of tensors.values()) tensor.dispose()
  }
}

/** Seconds a run takes: its training pictures, and those judged (each at about a third of the cost). */
export function secondsOf(
  { epochs }: FinetuneOptions,
  counts: { train: number; val: number; test: number },
  imagesPerSecond: number,
): number {
  const judged = epochs * counts.val + 2 * (counts.val + counts.test)
  return (epochs * counts.train + judged / 3) / imagesPerSecond
}
