import * as tf from '@tensorflow/tfjs-core'
import type { KernelHost } from './kernel-host.ts'

type Inputs = Record<string, tf.TensorInfo>

/** Rows added up by their numbers: {x [n, …], segmentIds [n]} → [numSegments, …]. */
export const movementKernels = (host: KernelHost) => ({
  [tf.UnsortedSegmentSum]: ({ x, segmentIds }: Inputs, { numSegments }: { numSegments: number }) => {
    const [rows = 1, ...rest] = x!.shape
    const width = rest.reduce((product, length) => product * length, 1)
    const y = host.output([numSegments, ...rest])
    host.run('segment_sum', [...[x!, segmentIds!, y].map(host.address), rows, width, numSegments], 1)
    return y
  },
})
