import * as tf from '@tensorflow/tfjs-core'
import { execute, TENSORFLOW } from './execute.ts'

/** Gradient kernels {dy, y} → dx, by what TensorFlow calls them; each takes the activation's output. */
const GRADIENTS = ['ReluGrad', 'Relu6Grad'] as const

export function registerActivations(): void {
  for (const operation of GRADIENTS)
    tf.registerKernel({
      kernelName: operation,
      backendName: TENSORFLOW,
      kernelFunc: ({ inputs: { dy, y } }) => execute(operation, [dy!, y!])[0]!,
    })
  // These two take the output first.
  for (const operation of ['SigmoidGrad', 'TanhGrad'])
    tf.registerKernel({
      kernelName: operation,
      backendName: TENSORFLOW,
      kernelFunc: ({ inputs: { dy, y } }) => execute(operation, [y!, dy!])[0]!,
    })
}
