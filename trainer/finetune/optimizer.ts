import * as tf from '@tensorflow/tfjs-core'
import { adamw, type Learner, type Pace, type Stepped, sgd } from './descent.ts'
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

type Settings = Pick<FinetuneOptions, 'optimizer' | 'momentum' | 'nesterov' | 'weightDecay'>

/**
 * One step over all parameters that have a gradient. New tensors take the place of old ones, which are given back.
 * Weights decay apart from the gradient (AdamW) or with it (SGD, as in PyTorch); norms and biases, everything of one
 * dimension, never. Vectors that learn alike are joined to one: a network has hundreds, and each operation its price.
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
  const alike = new Map<string, Pace & { names: string[]; vectors: boolean }>()
  for (const name of gradients.keys()) {
    const vectors = parameters.get(name)!.rank === 1
    const pace = {
      rate: rate(name),
      decay: vectors ? 0 : settings.weightDecay,
      step: (state.steps.get(name) ?? 0) + 1,
    }
    const key = `${vectors} ${pace.rate} ${pace.step}`
    const group = alike.get(key)
    if (group) group.names.push(name)
    else alike.set(key, { ...pace, names: [name], vectors })
    state.steps.set(name, pace.step)
  }
  const { optimizer } = settings
  for (const { names, vectors, ...pace } of alike.values()) {
    const learners = names.map((name): Learner => {
      const [value, gradient] = [parameters.get(name)!, gradients.get(name)!]
      return { value, gradient, first: state.first.get(name), second: state.second.get(name) }
    })
    const stepped = tf.tidy(() => {
      const scaled = (learner: Learner) =>
        scale ? { ...learner, gradient: tf.mul(learner.gradient, scale) } : learner
      const step = (each: Learner[]) =>
        optimizer === 'adamw'
          ? adamw(each.map(scaled), pace)
          : each.map(learner => sgd(scaled(learner), pace, settings))
      return vectors ? joined(learners, step) : step(learners)
    })
    names.forEach((name, at) => {
      const { value, first, second } = stepped[at]!
      replace(parameters, name, value)
      replace(state.first, name, first)
      if (second) replace(state.second, name, second)
    })
  }
}

/** `step` over vectors laid end to end, and cut apart again. */
function joined(learners: Learner[], step: (each: Learner[]) => Stepped[]): Stepped[] {
  const lengths = learners.map(({ value }) => value.size)
  const join = (tensors: (tf.Tensor | undefined)[]) =>
    tensors.includes(undefined) ? undefined : tf.concat(tensors as tf.Tensor[])
  const part = (name: keyof Learner) => join(learners.map(learner => learner[name]))
  const whole = {
    value: part('value')!,
    gradient: part('gradient')!,
    first: part('first'),
    second: part('second'),
  }
  const { value, first, second } = step([whole])[0]!
  const [values, firsts, seconds] = [value, first, second].map(tensor => tensor && tf.split(tensor, lengths))
  return lengths.map((_, at) => ({
    value: values![at]!,
    first: firsts![at]!,
    ...(seconds ? { second: seconds[at]! } : {}),
  }))
}

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
