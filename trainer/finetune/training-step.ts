import * as tf from '@tensorflow/tfjs-core'
import { seededRandom } from '../../data/statistics/random.ts'
import type { Trainable } from '../backbones/backbone.ts'
import { type LossTable, lossTensor } from '../model/losses/loss-table.ts'
import { releasedEarly } from '../ops/early-release.ts'
import { networkLogits } from './network.ts'
import { firstOpen, highestRate, isHead, stageOf } from './open-stages.ts'
import { followAverage, type OptimizerState, optimize, replace, type Tensors } from './optimizer.ts'
import type { FinetuneOptions } from './options.ts'

/** Everything that changes while a network learns. */
export interface Learning {
  parameters: Tensors
  /** The running average of parameters; null where it is off. */
  average: Tensors | null
  optimizer: OptimizerState
  /** Steps taken since the beginning. */
  steps: number
}

export interface StepInput {
  /** [B, S, S, C] */
  input: tf.Tensor4D
  table: LossTable
  /** Share of the highest rate. */
  rate: number
}

/** Names that learn in an epoch: heads the loss reaches, and the parameters of open stages. */
export function learningNames(
  network: Pick<Trainable, 'stages'>,
  names: Iterable<string>,
  options: FinetuneOptions,
  epoch: number,
  lesions: boolean,
): string[] {
  const open = firstOpen(network.stages.length, options, epoch)
  return [...names].filter(name => {
    if (name.startsWith('lesions.')) return lesions
    if (isHead(name)) return true
    return !isStatistic(name) && stageOf(network, name) >= open
  })
}

export const isStatistic = (name: string) => name.endsWith('.running_mean') || name.endsWith('.running_var')

/**
 * One step: forward, backward through what is open, clip, optimize, follow the average. Where the loss or a gradient
 * is no finite number nothing has changed.
 * @returns the loss, and the norm of all gradients before clipping.
 */
export function trainingStep(
  network: Trainable,
  learning: Learning,
  names: readonly string[],
  { input, table, rate }: StepInput,
  options: FinetuneOptions,
): { loss: number; norm: number } {
  const { parameters, average, optimizer, steps } = learning
  const learns = new Set(names)
  const running = new Map<string, tf.Tensor1D>()
  const random = seededRandom(`${options.seed}/drop/${steps}`)
  const mode = {
    training: true,
    running,
    random,
    frozen: (name: string) => options.frozenNorms || !learns.has(name),
  }
  const { loss, gradients, norm } = forwardBackward()
  const release = () => {
    for (const tensor of [...gradients.values(), ...running.values(), norm]) tensor.dispose()
  }
  const [lossValue, squares] = both(loss, norm)
  const length = Math.sqrt(squares)
  if (!Number.isFinite(lossValue) || !Number.isFinite(length)) {
    release()
    return { loss: lossValue, norm: length }
  }
  const clipped = options.clip > 0 && length > options.clip ? tf.scalar(options.clip / length) : null
  const highest = (name: string) => rate * highestRate(network, name, options)
  optimize(parameters, gradients, optimizer, options, highest, clipped)
  clipped?.dispose()
  const changed = [...names, ...running.keys()]
  for (const [name, tensor] of running) replace(parameters, name, tensor)
  running.clear()
  learning.steps++
  if (average) followAverage(average, parameters, changed, options.ema, learning.steps)
  release()
  return { loss: lossValue, norm: length }

  function forwardBackward() {
    const inputs = names.map(name => parameters.get(name)!)
    // As a function of its inputs only, so that what is frozen has no gradient and no backward pass.
    const { value, grads } = tf.engine().gradients(
      () => {
        const logits = networkLogits(network, parameters, input, mode, { rate: options.dropout, random })
        return releasedEarly(lossTensor(logits, table))
      },
      inputs,
      undefined,
      true,
    )
    const found = new Map<string, tf.Tensor>()
    grads.forEach((gradient, at) => {
      if (gradient) found.set(names[at]!, gradient)
    })
    return { loss: value as tf.Scalar, gradients: found, norm: sumOfSquares([...found.values()]) }
  }
}

/** The sum of the squares of all values; hundreds of short vectors are squared as one. */
function sumOfSquares(tensors: tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    const vectors = tensors.filter(({ rank }) => rank === 1)
    const whole = vectors.length > 1 ? [tf.concat(vectors)] : vectors
    const rest = tensors.filter(({ rank }) => rank !== 1)
    return tf.addN([...whole, ...rest].map(one => tf.sum(tf.square(one))))
  })
}

/** Two numbers in one wait for the device; the first tensor is given back. */
function both(one: tf.Tensor, other: tf.Tensor): [number, number] {
  const [first, second] = tf.tidy(() => tf.stack([one, other]).dataSync<'float32'>())
  one.dispose()
  return [first!, second!]
}
