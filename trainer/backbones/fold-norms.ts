import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from './backbone.ts'
import { arrange } from './layout.ts'

/** Which batch norm follows which convolution. */
export type NormPairs = readonly (readonly [conv: string, norm: string])[]

/**
 * Takes each batch norm into the convolution before it: its scale into the kernel, the rest into one bias, left under
 * the norm's `bias`. Exact but for rounding, and only for a network that is not trained.
 * @param parameters in torch's layout. @returns new tensors in tfjs's layout.
 */
export function foldNorms(parameters: Parameters, pairs: NormPairs, epsilon = 1e-5): Map<string, tf.Tensor> {
  const folded = new Map<string, tf.Tensor>()
  tf.tidy(() => {
    const all = arrange(parameters)
    for (const [conv, norm] of pairs) {
      const of = (part: string) => all.get(`${norm}.${part}`)!
      const scale = tf.div(of('weight'), tf.sqrt(tf.add(of('running_var'), epsilon)))
      const kernel = all.get(`${conv}.weight`)!
      // [h, w, in, out] by [out]; one with a kernel for each channel, [h, w, c, 1], by [c, 1].
      const perChannel = kernel.shape[3] === 1 ? tf.reshape(scale, [-1, 1]) : scale
      const bias = tf.sub(of('bias'), tf.mul(of('running_mean'), scale))
      for (const part of ['weight', 'bias', 'running_mean', 'running_var']) all.delete(`${norm}.${part}`)
      all.set(`${conv}.weight`, tf.mul(kernel, perChannel)).set(`${norm}.bias`, bias)
    }
    // A tidy knows no maps.
    for (const [name, tensor] of all) folded.set(name, tf.keep(tensor))
  })
  return folded
}
