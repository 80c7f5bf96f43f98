import * as tf from '@tensorflow/tfjs-core'
import { convolve, convolveWeights, type Geometry, multiplyTransposed } from './convolution.ts'
import type { KernelHost } from './kernel-host.ts'
import type { Fallback } from './register.ts'

interface Attributes {
  transposeA: boolean
  transposeB: boolean
}

const size = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1)

/** One row of so many pixels and a kernel of one tap: a convolution that is a product of matrices. */
const flat = (pixels: number, inChannels: number, outChannels: number): Geometry => ({
  ...{ batch: 1, inHeight: 1, inWidth: pixels, inChannels, outHeight: 1, outWidth: pixels, outChannels },
  ...{ kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1, padTop: 0, padLeft: 0 },
})

/**
 * Products of matrices [..., m, k] · [..., k, n], either of them transposed: as convolutions of one tap. Leading
 * dimensions are equal or one side has none; other cases are left to TensorFlow.js.
 */
export const productKernels = (host: KernelHost) => ({
  [tf.BatchMatMul]: ({ a, b }: Record<string, tf.TensorInfo>, attrs: Attributes, own: Fallback) => {
    const { transposeA, transposeB } = attrs
    const [leadA, leadB] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)]
    const [rowsA, columnsA] = a!.shape.slice(-2) as [number, number]
    const [rowsB, columnsB] = b!.shape.slice(-2) as [number, number]
    const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA]
    const n = transposeB ? rowsB : columnsB
    const [batchA, batchB] = [size(leadA), size(leadB)]
    const fits = batchA === 1 || batchB === 1 || leadA.join() === leadB.join()
    if (!fits || (transposeA && transposeB) || m * k * n === 0 || batchA * batchB === 0) return own()
    if (k !== (transposeB ? columnsB : rowsB)) return own()
    if (a!.dtype !== 'float32' || b!.dtype !== 'float32') return own()
    const lead = batchA >= batchB ? (leadA.length >= leadB.length || batchA > batchB ? leadA : leadB) : leadB
    const y = host.output([...lead, m, n])
    for (let at = 0; at < Math.max(batchA, batchB); at++) {
      const left = host.address(a!) + (batchA > 1 ? 4 * at * m * k : 0)
      const right = host.address(b!) + (batchB > 1 ? 4 * at * k * n : 0)
      const to = host.address(y) + 4 * at * m * n
      if (transposeA) convolveWeights(host, flat(k, m, n), left, to, right)
      else if (transposeB) multiplyTransposed(host, flat(m, k, n), left, right, to)
      else convolve(host, flat(m, k, n), left, right, to)
    }
    return y
  },
})
