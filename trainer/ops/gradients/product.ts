import * as tf from '@tensorflow/tfjs-core'
import { type Rule, rule, unbroadcast } from './rule.ts'

/**
 * Matrix products: of y = a·b it is da = dy·bᵀ and db = aᵀ·dy, with each transposed where the operand was. Stretched
 * leading dimensions are added up.
 */
export const PRODUCT: readonly Rule[] = [
  rule<{ transposeA: boolean; transposeB: boolean }>(
    tf.BatchMatMul,
    { inputs: ['a', 'b'] },
    ({ dy, saved: [a, b], attrs: { transposeA, transposeB } }) => ({
      a: () =>
        unbroadcast(
          transposeA ? tf.matMul(b!, dy, transposeB, true) : tf.matMul(dy, b!, false, !transposeB),
          a!.shape,
        ),
      b: () =>
        unbroadcast(
          transposeB ? tf.matMul(dy, a!, true, transposeA) : tf.matMul(a!, dy, !transposeA, false),
          b!.shape,
        ),
    }),
  ),
]
