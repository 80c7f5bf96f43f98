import * as tf from '@tensorflow/tfjs-core'
import { type Rule, rule, runKernel } from './rule.ts'

interface Pooling {
  filterSize: number | [number, number]
  strides: number | [number, number]
  pad: 'valid' | 'same' | number
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

export const POOLING: readonly Rule[] = [
  // Of equal highest values in a window the first takes the gradient, as in torch.
  rule<Pooling>(tf.MaxPool, { inputs: ['x'], output: true }, ({ dy, saved: [x, y], attrs }) => ({
    x: () => runKernel(tf.MaxPoolGrad, { dy, input: x!, output: y! }, { ...attrs }),
  })),
  rule<Pooling>(tf.AvgPool, { inputs: ['x'] }, ({ dy, saved: [x], attrs }) => ({
    x: () => runKernel(tf.AvgPoolGrad, { dy, input: x! }, { ...attrs }),
  })),
]
