import type * as tf from '@tensorflow/tfjs-core'
import type { Random } from '../../data/statistics/random.ts'

/** How a network runs. */
export interface Mode {
  /** Batch norm by the batch's own statistics, dropout and stochastic depth drawn from `random`. */
  training: boolean
  /**
   * Where batch norms in training leave their new running statistics, by the parameter's name. The tensors are kept;
   * the caller assigns and disposes them. A network is a function: it changes nothing itself.
   */
  running?: Map<string, tf.Tensor1D>
  /** Draws of dropout and stochastic depth; without it both are off. */
  random?: Random
  /** Names whose batch norm stays as in evaluation, also in training: the frozen part of a network. */
  frozen?: (name: string) => boolean
}

export const EVALUATION: Mode = { training: false }
