import * as tf from '@tensorflow/tfjs-core'
import { LESIONS } from '../../data/records/vocabulary.ts'
import { type Random, seededRandom } from '../../data/statistics/random.ts'
import type { Parameters, Preprocessing, Trainable } from '../backbones/backbone.ts'
import type { loadTrainable } from '../backbones/load.ts'
import { dense, dropout } from '../ops/dense.ts'
import type { Mode } from '../ops/mode.ts'
import { globalMean } from '../ops/pooling.ts'
import type { Tensors } from './optimizer.ts'

/** A backbone with its weights in place, as `loadTrainable` gives it. */
export type FinetuneBackbone = Awaited<ReturnType<typeof loadTrainable>>

/** Deviation of the heads' first weights: small, so that the first gradients into the backbone are. */
const FIRST = 0.01

/**
 * Fresh heads on the pooled map, in the layout of tfjs: `flag.weight` [C, 1], `flag.bias` [1], `lesions.weight` [C, 5],
 * `lesions.bias` [5]. The same seed gives the same heads whatever the loss.
 */
export function newHeads(channels: number, seed: number): Tensors {
  const random = seededRandom(`${seed}/heads`)
  const draw = (outputs: number) =>
    tf.tensor2d(
      Float32Array.from({ length: channels * outputs }, () => random.normal(0, FIRST)),
      [channels, outputs],
    )
  return new Map<string, tf.Tensor>([
    ['flag.weight', draw(1)],
    ['flag.bias', tf.zeros([1])],
    ['lesions.weight', draw(LESIONS.length)],
    ['lesions.bias', tf.zeros([LESIONS.length])],
  ])
}

/** LA-DNN: [B, S, S, C] → logits [B, 6], the flag first. Dropout before the heads where `drop` is given. */
export function networkLogits(
  { maps }: Pick<Trainable, 'maps'>,
  p: Parameters,
  input: tf.Tensor4D,
  mode: Mode,
  drop?: { rate: number; random: Random },
): tf.Tensor2D {
  const pooled = globalMean(maps(p, input, mode)) // [B, channels]
  const features = drop ? dropout(pooled, drop.rate, drop.random) : pooled
  const head = (name: string) =>
    dense(features, p.get(`${name}.weight`) as tf.Tensor2D, p.get(`${name}.bias`) as tf.Tensor1D)
  return tf.concat([head('flag'), head('lesions')], 1)
}

/** A network's preprocessing for pictures of another size; a fully convolutional network takes any. */
export const withSize = (preprocessing: Preprocessing, size: number | undefined): Preprocessing =>
  size === undefined ? preprocessing : { ...preprocessing, size }
