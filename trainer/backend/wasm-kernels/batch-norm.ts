import type * as tf from '@tensorflow/tfjs-core'
import { float32, type KernelHost } from './kernel-host.ts'
import { BATCH_NORM, BATCH_NORM_GRADIENT } from './trained-batch-norm.ts'

type Inputs = Record<string, tf.TensorInfo>

/** Values of a chunk: they stay in the cache between the passes over them. */
const CHUNK_VALUES = 32_768

/**
 * Batch norm in training and its gradient, for `wasmBatchNorm`: {x, scale, offset, mean, variance} → [y, new running mean, new running variance, batch's mean, 1/√(variance + ε)],
 * and {dy, x, scale, mean, deviation} → [dx, by scale, by offset].
 */
export const batchNormKernels = (host: KernelHost) => ({
  [BATCH_NORM]: (
    { x, scale, offset, mean, variance }: Inputs,
    { epsilon, momentum }: { epsilon: number; momentum: number },
  ) => {
    const channels = x!.shape.at(-1)!
    const y = host.output(x!.shape)
    const made = Array.from({ length: 4 }, () => host.output([channels]))
    const given = [scale, offset, mean, variance].map(tensor => host.address(tensor!))
    inPasses(host, x!, ['norm_statistics', 'norm_combine', 'norm_apply'], [epsilon, momentum], partial => [
      ...[host.address(x!), host.address(y), 0, ...given, ...made.map(host.address), partial],
    ])
    return [y, ...made]
  },
  [BATCH_NORM_GRADIENT]: ({ dy, x, scale, mean, deviation }: Inputs) => {
    const channels = x!.shape.at(-1)!
    const dx = host.output(x!.shape)
    const [byScale, byOffset] = [host.output([channels]), host.output([channels])]
    inPasses(host, x!, ['norm_back_sums', 'norm_back_combine', 'norm_back_apply'], [0, 0], partial => [
      ...[x!, dx, dy!, scale!].map(host.address),
      ...[0, 0, 0],
      ...[byScale, byOffset, mean!, deviation!].map(host.address),
      partial,
    ])
    return [dx, byScale, byOffset]
  },
})

/** Gathers over chunks of rows, combines on one thread, and applies to the same chunks. */
function inPasses(
  host: KernelHost,
  x: tf.TensorInfo,
  [gather, combine, apply]: [string, string, string],
  settings: [number, number],
  addresses: (partial: number) => number[],
): void {
  const channels = x.shape.at(-1)!
  const rows = x.shape.slice(0, -1).reduce((product, length) => product * length, 1)
  const rowsAChunk = Math.max(1, Math.floor(CHUNK_VALUES / channels))
  const chunks = Math.ceil(rows / rowsAChunk)
  host.scratch(4 * 2 * channels * Math.max(1, chunks), partial => {
    const struct = [...addresses(partial), rows, channels, rowsAChunk, chunks, ...settings.map(float32)]
    host.run(gather, struct, chunks)
    host.run(combine, struct, 1)
    host.run(apply, struct, chunks)
  })
}
