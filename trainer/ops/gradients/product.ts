import * as tf from '@tensorflow/tfjs-core'
import { type Rule, rule, unbroadcast } from './rule.ts'

/**
 * Matrix products: of y = a·b it is da = dy·bᵀ and db = aᵀ·dy, with each transposed where the operand was. Stretched
 * leading dimensions are added up. On wasm the operands are transposed first: a product that transposes them itself is
 * 75 times as slow there.
 */
export const PRODUCT: readonly Rule[] = [
  rule<{ transposeA: boolean; transposeB: boolean }>(
    tf.BatchMatMul,
    { inputs: ['a', 'b'] },
    ({ dy, saved: [a, b], attrs: { transposeA, transposeB } }) => ({
      a: () =>
        unbroadcast(
          transposeA ? product(b!, dy, transposeB, true) : product(dy, b!, false, !transposeB),
          a!.shape,
        ),
      b: () =>
        unbroadcast(
          transposeB ? product(dy, a!, true, transposeA) : product(a!, dy, !transposeA, false),
          b!.shape,
        ),
    }),
  ),
]

function product(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, transposeA, transposeB)
  return tf.matMul(transposeA ? turned(a) : a, transposeB ? turned(b) : b)
}

function turned(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis)
  const [row, column] = axes.splice(-2) as [number, number]
  return tf.transpose(x, [...axes, column, row])
}
