import * as tf from '@tensorflow/tfjs-core'
import { convolutionKernels } from './convolution.ts'
import { depthwiseKernels } from './depthwise.ts'
import type { KernelHost } from './kernel-host.ts'
import { movementKernels } from './movement.ts'
import { pointwiseKernels } from './pointwise.ts'
import { poolingKernels } from './pooling.ts'

type Kernel = (inputs: Record<string, tf.TensorInfo>, attrs: never) => tf.TensorInfo | tf.TensorInfo[]

/** Puts our kernels among those of the wasm backend: the missing ones, and the ones that are wrong or slow there. */
export function registerWasmKernels(host: KernelHost): void {
  const kernels: Record<string, Kernel> = {
    ...convolutionKernels(host),
    ...depthwiseKernels(host),
    ...poolingKernels(host),
    ...pointwiseKernels(host),
    ...movementKernels(host),
  }
  for (const [kernelName, compute] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm')
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => compute(inputs as Record<string, tf.TensorInfo>, attrs as never),
    })
  }
}
