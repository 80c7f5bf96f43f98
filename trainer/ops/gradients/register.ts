import * as tf from '@tensorflow/tfjs-core'
import { ARITHMETIC } from './arithmetic.ts'
import { ARRANGEMENT, DIVISION } from './arrangement.ts'
import { CONVOLUTION } from './convolution.ts'
import { NORMALISATION } from './normalisation.ts'
import { POINTWISE, STEPS } from './pointwise.ts'
import { POOLING } from './pooling.ts'
import { PRODUCT } from './product.ts'
import { REDUCTION } from './reduction.ts'
import type { Rule } from './rule.ts'
import { SELECTION } from './selection.ts'

/** Every rule by which a gradient runs back through a kernel of TensorFlow.js. */
export const RULES: readonly Rule[] = [
  ...ARITHMETIC,
  ...POINTWISE,
  ...STEPS,
  ...REDUCTION,
  ...ARRANGEMENT,
  ...DIVISION,
  ...SELECTION,
  ...PRODUCT,
  ...NORMALISATION,
  ...CONVOLUTION,
  ...POOLING,
]

/**
 * Makes `tf.grad`, `tf.variableGrads` and their like work: TensorFlow.js as Node loads it knows no gradient at all.
 * A gradient that is there already stays. Calling it again does nothing.
 */
export function registerGradients(): void {
  for (const { kernel, inputs = [], output = false, list = false, back } of RULES) {
    if (tf.getGradient(kernel)) continue
    tf.registerGradient({
      kernelName: kernel,
      inputsToSave: [...inputs],
      outputsToSave: [output].flat(),
      saveAllInputs: list,
      gradFunc: back as unknown as tf.GradFunc,
    })
  }
}
