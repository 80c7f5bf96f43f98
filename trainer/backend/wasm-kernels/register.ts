import * as tf from '@tensorflow/tfjs-core'
import { batchNormKernels } from './batch-norm.ts'
import { convolutionKernels } from './convolution.ts'
import { depthwiseKernels } from './depthwise.ts'
import type { KernelHost } from './kernel-host.ts'
import { movementKernels } from './movement.ts'
import { pointwiseKernels } from './pointwise.ts'
import { poolingKernels } from './pooling.ts'
import { productKernels } from './product.ts'
import { sumKernels } from './sum.ts'

/** TensorFlow.js' own kernel on the same input, for cases that ours leaves to it. */
export type Fallback = () => tf.TensorInfo | tf.TensorInfo[]

type Kernel = (
  inputs: Record<string, tf.TensorInfo>,
  attrs: never,
  own: Fallback,
) => tf.TensorInfo | tf.TensorInfo[]

/** Puts our kernels among those of the wasm backend: the missing ones, and the ones that are wrong or slow there. */
export function registerWasmKernels(host: KernelHost): void {
  const kernels: Record<string, Kernel> = {
    ...convolutionKernels(host),
    ...depthwiseKernels(host),
    ...poolingKernels(host),
    ...pointwiseKernels(host),
    ...movementKernels(host),
    ...batchNormKernels(host),
    ...sumKernels(host),
    ...productKernels(host),
  }
  for (const [kernelName, compute] of Object.entries(kernels)) {
    const own = tf.getKernel(kernelName, 'wasm')
    if (own) tf.unregisterKernel(kernelName, 'wasm')
    tf.registerKernel({
      // What its own kernel needs to be set up stays.
      ...own,
      kernelName,
      backendName: 'wasm',
      kernelFunc: arguments_ =>
        compute(arguments_.inputs as Record<string, tf.TensorInfo>, arguments_.attrs as never, () => {
          if (!own) throw new Error(`wasm: ${kernelName}: TensorFlow.js has no kernel of its own`)
          return own.kernelFunc(arguments_)
        }),
    })
  }
}
