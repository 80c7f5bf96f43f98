import * as tf from '@tensorflow/tfjs-core'
import { HEADS } from '../../data/records/vocabulary.ts'
import { seededRandom } from '../../data/statistics/random.ts'

/**
 * LA-DNN on frozen features (medRxiv 2020.05.11.20097907): the flag's head and the five lesions' heads read the same
 * features, and the features learned in the shared trunk are learned from both errors. The trunk is one hidden layer
 * beside the features themselves; with no units in it the heads are linear.
 *
 * R networks are held side by side (a fold or a setting each), so that all of them are one matrix product a step.
 */
export interface Parameters {
  /** [D, R·6]: from the features straight to the heads. */
  direct: tf.Variable<tf.Rank.R2>
  /** [R, 1, 6] */
  bias: tf.Variable<tf.Rank.R3>
  /** [D, R·H] and [R·H]; absent without a trunk. */
  trunk?: { weight: tf.Variable<tf.Rank.R2>; bias: tf.Variable<tf.Rank.R1>; heads: tf.Variable<tf.Rank.R3> }
}

export const HEAD_COUNT = HEADS.length

export interface Shape {
  features: number
  hidden: number
  replicas: number
}

/**
 * Fresh parameters. The straight part begins at nought; every replica's trunk begins the same (He's initialisation),
 * so that replicas differ by their data and settings only.
 */
export function newParameters({ features, hidden, replicas }: Shape, seed: number): Parameters {
  // Variables outlive the tidy; the tensors they are made of do not.
  return tf.tidy(() => {
    const direct = tf.variable(tf.zeros<tf.Rank.R2>([features, replicas * HEAD_COUNT]))
    const bias = tf.variable(tf.zeros<tf.Rank.R3>([replicas, 1, HEAD_COUNT]))
    if (hidden === 0) return { direct, bias } as never
    const random = seededRandom(seed)
    const draw = (count: number, deviation: number) =>
      Float32Array.from({ length: count }, () => random.normal(0, deviation))
    const weight = tf.tensor2d(draw(features * hidden, Math.sqrt(2 / features)), [features, hidden])
    const heads = tf.tensor3d(draw(hidden * HEAD_COUNT, Math.sqrt(1 / hidden)), [1, hidden, HEAD_COUNT])
    const trunk = {
      weight: tf.variable(tf.tile(weight, [1, replicas])),
      bias: tf.variable(tf.zeros<tf.Rank.R1>([replicas * hidden])),
      heads: tf.variable(tf.tile(heads, [replicas, 1, 1])),
    }
    return { direct, bias, trunk } as never
  })
}

export interface Outputs {
  /** [R, n, 6]: the flag, then the lesions. */
  logits: tf.Tensor3D
  /** The trunk's units, [R, n, H]; absent without a trunk. */
  units?: tf.Tensor3D
}

/** All replicas on standardised features `x` [n, D]. */
export function laDnn(p: Parameters, x: tf.Tensor2D): Outputs {
  const replicas = p.bias.shape[0]
  const straight = byReplica(tf.matMul(x, p.direct), replicas) // [R, n, 6]
  const logits = tf.add(straight, p.bias) as tf.Tensor3D
  if (!p.trunk) return { logits }
  const units = byReplica(tf.relu(tf.add(tf.matMul(x, p.trunk.weight), p.trunk.bias)), replicas) // [R, n, H]
  return { logits: tf.add(logits, tf.matMul(units, p.trunk.heads)), units }
}

/**
 * Gradients of a loss, given its gradient by the logits [R, n, 6], in the order of `variables`. Written out, since it is
 * this short: the products take operands transposed beforehand, which the wasm backend computes 75 times as fast as a
 * product that transposes.
 * @param transposed the features [D, n].
 */
export function laDnnGradients(
  p: Parameters,
  transposed: tf.Tensor2D,
  { units }: Outputs,
  byLogits: tf.Tensor3D,
): tf.Tensor[] {
  const direct = tf.matMul(transposed, sideBySide(byLogits)) // [D, R·6]
  const bias = tf.sum(byLogits, 1, true) // [R, 1, 6]
  if (!p.trunk || !units) return [direct, bias]
  const heads = tf.matMul(tf.transpose(units, [0, 2, 1]), byLogits) // [R, H, 6]
  const byUnits = tf.matMul(byLogits, tf.transpose(p.trunk.heads, [0, 2, 1])) // [R, n, H]
  const through = sideBySide(tf.mul(byUnits, tf.step(units)) as tf.Tensor3D) // [n, R·H]
  return [direct, tf.matMul(transposed, through), heads, bias, tf.sum(through, 0)]
}

/** [n, R·w] → [R, n, w] */
function byReplica(x: tf.Tensor2D, replicas: number): tf.Tensor3D {
  const [n, width] = x.shape
  return tf.transpose(tf.reshape(x, [n, replicas, width / replicas]), [1, 0, 2])
}

/** [R, n, w] → [n, R·w] */
function sideBySide(x: tf.Tensor3D): tf.Tensor2D {
  const [replicas, n, width] = x.shape
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [n, replicas * width])
}

/** All variables of the parameters, the penalised ones (weights, not biases) first. */
export function variables(p: Parameters): { penalised: tf.Variable[]; free: tf.Variable[] } {
  return p.trunk
    ? { penalised: [p.direct, p.trunk.weight, p.trunk.heads], free: [p.bias, p.trunk.bias] }
    : { penalised: [p.direct], free: [p.bias] }
}
