import * as tf from '@tensorflow/tfjs-core'
import { type Attributes, execute, TENSORFLOW } from './execute.ts'
import { hasOneDnn, ONEDNN } from './onednn.ts'

const MAX_POOL = 'LesionloopMaxPool'

/** Whether there is a way back to take, and the running backend can remember for it where each highest value stood. */
export const hasFusedMaxPool = () =>
  (tf.engine() as unknown as { isTapeOn(): boolean }).isTapeOn() && hasOneDnn()

interface Windows {
  size: number
  stride: number
}

/**
 * Highest of every window, without padding. TensorFlow's own gradient looks for the highest again, on the way back, and
 * takes twenty times as long as this one, which kept the places.
 */
export const fusedMaxPool = (x: tf.Tensor4D, windows: Windows): tf.Tensor4D => {
  const [y, places] = tf.engine().runKernel(MAX_POOL, { x }, { ...windows }) as [tf.Tensor4D, tf.Tensor]
  places.dispose()
  return y
}

const known = new Map<string, Attributes>()

function attributes({ size, stride }: Windows): Attributes {
  const key = `${size} ${stride}`
  const made = known.get(key) ?? {
    int: { ksize: [1, size, size, 1], strides: [1, stride, stride, 1] },
    string: { padding: 'VALID', data_format: 'NHWC', ...ONEDNN },
    bool: { workspace_enabled: true },
  }
  known.set(key, made)
  return made
}

export function registerMaxPool(): void {
  tf.registerKernel({
    kernelName: MAX_POOL,
    backendName: TENSORFLOW,
    kernelFunc: ({ inputs: { x }, attrs }) =>
      execute('_MklNativeMaxPool', [x!], attributes(attrs as unknown as Windows), 2),
  })
  tf.registerGradient({
    kernelName: MAX_POOL,
    inputsToSave: ['x'],
    outputsToSave: [true, true],
    gradFunc: (dys, saved, attrs) => {
      const [x, y, places] = saved as tf.Tensor[]
      const dy = (dys as tf.Tensor[])[0]!
      return {
        x: () =>
          execute(
            '_MklNativeMaxPoolGrad',
            [x!, y!, dy, places!],
            attributes(attrs as unknown as Windows),
          )[0]!,
      }
    },
  })
}
