import * as tf from '@tensorflow/tfjs-core'
import type { FinetuneOptions } from './options.ts'

/** Tensors of parameters and of what an optimizer remembers of them, by the parameter's name. */
export type Tensors = Map<string, tf.Tensor>

/** What is remembered between steps; part of a run's state. `second` stays empty with SGD. */
export interface OptimizerState {
  /** Steps each parameter has taken: one whose stage opened late begins at nought. */
  steps: Map<string, number>
  first: Tensors
  second: Tensors
}

export const newOptimizerState = (): OptimizerState => ({
  steps: new Map(),
  first: new Map(),
  second: new Map(),
})

/** Loshchilov and Hutter 2019, with PyTorch's defaults. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8]

type Settings = Pick<FinetuneOptions, 'optimizer' | 'momentum' | 'nesterov' | 'weightDecay'>

/**
 * One step over all parameters that have a gradient. New tensors take the place of old ones, which are given back.
 * Weights decay apart from the gradient (AdamW) or with it (SGD, as in PyTorch); norms and biases, everything of one
 * dimension, never.
 * @param rate of a parameter at this step. @param scale multiplies every gradient (clipping).
 */
export function optimize(
  parameters: Tensors,
  gradients: ReadonlyMap<string, tf.Tensor>,
  state: OptimizerState,
  settings: Settings,
  rate: (name: string) => number,
  scale: tf.Scalar | null,
): void {
  for (const [name, raw] of gradients) {
    const value = parameters.get(name)!
    const taken = (state.steps.get(name) ?? 0) + 1
    const decay = value.rank > 1 ? settings.weightDecay : 0
    const [next, first, second] = tf.tidy(() => {
      const gradient = scale ? tf.mul(raw, scale) : raw
      const before = state.first.get(name)
      return settings.optimizer === 'adamw'
        ? adamw(value, gradient, before, state.second.get(name), rate(name), decay, taken)
        : sgd(value, gradient, before, rate(name), decay, settings)
    })
    replace(parameters, name, next)
    replace(state.first, name, first)
    if (second) replace(state.second, name, second)
    state.steps.set(name, taken)
  }
}

type Stepped = [value: tf.Tensor, first: tf.Tensor, second?: tf.Tensor]

function adamw(
  value: tf.Tensor,
  gradient: tf.Tensor,
  first: tf.Tensor | undefined,
  second: tf.Tensor | undefined,
  rate: number,
  decay: number,
  step: number,
): Stepped {
  const m = blend(first, gradient, BETA1)
  const v = blend(second, tf.square(gradient), BETA2)
  const root = Math.sqrt(1 - BETA2 ** step)
  const size = (rate * root) / (1 - BETA1 ** step)
  const kept = decay > 0 ? tf.mul(value, 1 - rate * decay) : value
  return [tf.sub(kept, tf.div(tf.mul(m, size), tf.add(tf.sqrt(v), EPSILON * root))), m, v]
}

function sgd(
  value: tf.Tensor,
  raw: tf.Tensor,
  before: tf.Tensor | undefined,
  rate: number,
  decay: number,
  { momentum, nesterov }: Settings,
): Stepped {
  const gradient = decay > 0 ? tf.add(raw, tf.mul(value, decay)) : raw
  const speed = before ? tf.add(tf.mul(before, momentum), gradient) : tf.clone(gradient)
  const move = nesterov ? tf.add(gradient, tf.mul(speed, momentum)) : speed
  return [tf.sub(value, tf.mul(move, rate)), speed]
}

const blend = (old: tf.Tensor | undefined, fresh: tf.Tensor, share: number) =>
  old ? tf.add(tf.mul(old, share), tf.mul(fresh, 1 - share)) : tf.mul(fresh, 1 - share)

/** Puts a tensor where another was, and gives the other back. */
export function replace(tensors: Tensors, name: string, tensor: tf.Tensor): void {
  tensors.get(name)?.dispose()
  tensors.set(name, tf.keep(tensor))
}

/**
 * Moves the running average (Polyak and Juditsky 1992) a step towards the parameters. It follows closely at first, so
 * that it doesn't remember where training began.
 */
export function followAverage(
  average: Tensors,
  parameters: ReadonlyMap<string, tf.Tensor>,
  changed: Iterable<string>,
  share: number,
  step: number,
): void {
  const kept = Math.min(share, (1 + step) / (10 + step))
  for (const name of changed)
    replace(
      average,
      name,
      tf.tidy(() => tf.add(tf.mul(average.get(name)!, kept), tf.mul(parameters.get(name)!, 1 - kept))),
    )
}
