import * as tf from '@tensorflow/tfjs-core'
import { type Attributes, execute, onTensorflow } from './execute.ts'

/**
 * libtensorflow carries oneDNN's kernels under names of their own, found by this label only. TensorFlow takes them by
 * itself where an operation has the same form in both; those with more outputs than the public operation must be asked
 * for by name.
 */
export const ONEDNN = { _kernel: 'MklNameChangeOp' } as const

const PROBE: Attributes = {
  int: { ksize: [1, 1, 1, 1], strides: [1, 1, 1, 1] },
  string: { padding: 'VALID', data_format: 'NHWC', ...ONEDNN },
  bool: { workspace_enabled: true },
}

const answers = new WeakMap<object, boolean>()

/**
 * Whether oneDNN's own kernels can be called: on the CPU of an x86 machine, unless TF_ENABLE_ONEDNN_OPTS=0. Asked of
 * libtensorflow itself, once.
 */
export function hasOneDnn(): boolean {
  if (!onTensorflow()) return false
  const backend = tf.backend() as unknown as { isUsingGpuDevice: boolean }
  const known = answers.get(backend)
  if (known !== undefined) return known
  const answer = !backend.isUsingGpuDevice && runs()
  answers.set(backend, answer)
  return answer
}

function runs(): boolean {
  const x = tf.ones([1, 2, 2, 1])
  try {
    tf.dispose(execute('_MklNativeMaxPool', [x], PROBE, 2))
    return true
  } catch {
    return false
  } finally {
    x.dispose()
  }
}
