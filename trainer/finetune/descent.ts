import * as tf from '@tensorflow/tfjs-core'
import { type AdamState, fusedAdam, hasFusedAdam } from '../backend/native-kernels/adam.ts'
import type { FinetuneOptions } from './options.ts'

/** A parameter that learns, its gradient, and what the optimizer remembers of it; nothing at its first step. */
export interface Learner {
  value: tf.Tensor
  gradient: tf.Tensor
  first?: tf.Tensor | undefined
  second?: tf.Tensor | undefined
}

/** How parameters learn at a step; `step` counts those they have taken with this one. */
export interface Pace {
  rate: number
  decay: number
  step: number
}

export type Stepped = { value: tf.Tensor; first: tf.Tensor; second?: tf.Tensor }

/** With PyTorch's defaults. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8]

/** AdamW (Loshchilov and Hutter 2019). Where the backend has Adam as one kernel, the learners' tensors are used up. */
export function adamw(learners: readonly Learner[], { rate, decay, step }: Pace): Stepped[] {
  const decayed = (value: tf.Tensor) => (decay > 0 ? tf.mul(value, 1 - rate * decay) : value)
  if (hasFusedAdam()) {
    const states = learners.map(({ value, gradient, first, second }): AdamState => {
      const kept = decayed(value)
      return [kept, first ?? tf.zerosLike(gradient), second ?? tf.zerosLike(gradient)]
    })
    const gradients = learners.map(({ gradient }) => gradient)
    const settings = { rate, beta1: BETA1, beta2: BETA2, epsilon: EPSILON, step }
    return fusedAdam(states, gradients, settings).map(([value, first, second]) => ({ value, first, second }))
  }
  const root = Math.sqrt(1 - BETA2 ** step)
  const size = (rate * root) / (1 - BETA1 ** step)
  return learners.map(({ value, gradient, first, second }) => {
    const m = blend(first, gradient, BETA1)
    const v = blend(second, tf.square(gradient), BETA2)
    const move = tf.div(tf.mul(m, size), tf.add(tf.sqrt(v), EPSILON * root))
    return { value: tf.sub(decayed(value), move), first: m, second: v }
  })
}

/** Stochastic gradient descent with momentum as PyTorch has it, by Nesterov where asked for. */
export function sgd(
  { value, gradient: raw, first: before }: Learner,
  { rate, decay }: Pace,
  { momentum, nesterov }: Pick<FinetuneOptions, 'momentum' | 'nesterov'>,
): Stepped {
  const gradient = decay > 0 ? tf.add(raw, tf.mul(value, decay)) : raw
  const speed = before ? tf.add(tf.mul(before, momentum), gradient) : tf.clone(gradient)
  const move = nesterov ? tf.add(gradient, tf.mul(speed, momentum)) : speed
  return { value: tf.sub(value, tf.mul(move, rate)), first: speed }
}

const blend = (old: tf.Tensor | undefined, fresh: tf.Tensor, share: number) =>
  old ? tf.add(tf.mul(old, share), tf.mul(fresh, 1 - share)) : tf.mul(fresh, 1 - share)
