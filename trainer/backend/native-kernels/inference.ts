import * as tf from '@tensorflow/tfjs-core'
import { type Attributes, execute } from './execute.ts'
import { hasOneDnn, ONEDNN } from './onednn.ts'

/** Whether the two below can be used: they know no gradient. */
export const hasFusedInference = () =>
  !(tf.engine() as unknown as { isTapeOn(): boolean }).isTapeOn() && hasOneDnn()

const known = new Map<string, Attributes>()

function remembered(key: string, make: () => Attributes): Attributes {
  const attributes = known.get(key) ?? make()
  known.set(key, attributes)
  return attributes
}

/** Convolution and bias in one pass: x [B, h, w, in], kernel [kh, kw, in, out], bias [out]. */
export function convolutionBias(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D,
  stride: number,
  padding: 'same' | 'valid',
): tf.Tensor4D {
  const attributes = remembered(`convolution ${stride} ${padding}`, () => ({
    int: { strides: [1, stride, stride, 1], dilations: [1, 1, 1, 1] },
    string: { padding: padding.toUpperCase(), data_format: 'NHWC', ...ONEDNN },
    bool: { use_cudnn_on_gpu: true },
  }))
  return execute('_MklNativeConv2DWithBias', [x, kernel, bias], attributes)[0] as tf.Tensor4D
}

/** Batch norm by given statistics and relu in one pass: x [B, h, w, c], the rest [c] each. */
export function normRelu(
  x: tf.Tensor4D,
  { scale, offset, mean, variance }: Record<'scale' | 'offset' | 'mean' | 'variance', tf.Tensor1D>,
  epsilon: number,
): tf.Tensor4D {
  const attributes = remembered(`norm ${epsilon}`, () => ({
    floats: ['U'],
    float: { epsilon, exponential_avg_factor: 1 },
    int: { num_side_inputs: 0 },
    string: { data_format: 'NHWC', activation_mode: 'Relu', ...ONEDNN },
    bool: { is_training: false },
  }))
  const [y, ...unused] = execute(
    '_MklNativeFusedBatchNormEx',
    [x, scale, offset, mean, variance],
    attributes,
    6,
  )
  tf.dispose(unused)
  return y as tf.Tensor4D
}
