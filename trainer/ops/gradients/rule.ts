import * as tf from '@tensorflow/tfjs-core'

/** What a rule gets: the gradient of the output, what it asked to keep, and the kernel's attributes. */
export interface Backward<Attributes = Record<string, never>> {
  dy: tf.Tensor
  /** The inputs named in `inputs`, in that order, then the output where `output` is true. */
  saved: tf.Tensor[]
  attrs: Attributes
}

/** How the gradient runs back through one kernel. Only what a rule names is kept in memory until then. */
export interface Rule {
  kernel: string
  inputs?: readonly string[]
  output?: boolean | readonly boolean[]
  /** Inputs are a list (concat, addN, pack): saved all, and the gradients come as a list. */
  list?: boolean
  back: (dy: never, saved: tf.Tensor[], attrs: never) => Record<string, () => tf.Tensor>
}

/** A rule with its attributes' type. The last argument gives, for each input, a function that computes its gradient. */
export function rule<Attributes = Record<string, never>>(
  kernel: string,
  saves: Pick<Rule, 'inputs' | 'output' | 'list'>,
  back: (arguments_: Backward<Attributes>) => Record<string, () => tf.Tensor>,
): Rule {
  return { kernel, ...saves, back: (dy, saved, attrs) => back({ dy, saved, attrs }) }
}

/** A kernel by its name, with all that the public functions of TensorFlow.js leave out. */
export const runKernel = <T extends tf.Tensor>(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attrs = {},
): T => tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as T

/** Whether the backend that is running has a kernel of this name. */
export const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined

/**
 * Sums `gradient` over the axes along which an input of `shape` was stretched: back to that shape. Always a tensor of
 * its own: TensorFlow.js disposes what a rule returns as soon as it has been added up, so dy itself must not be returned.
 */
export function unbroadcast(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const { shape: from } = gradient
  if (from.length === shape.length && from.every((length, axis) => length === shape[axis]))
    return tf.clone(gradient)
  const lead = from.length - shape.length
  const axes = from.flatMap((length, axis) =>
    axis < lead || (length !== 1 && shape[axis - lead] === 1) ? [axis] : [],
  )
  const summed = axes.length > 0 ? tf.sum(gradient, axes) : gradient
  return tf.reshape(summed, [...shape])
}
