import * as tf from '@tensorflow/tfjs-core'

/** max(0, x) */
export const relu = (x: tf.Tensor4D): tf.Tensor4D => tf.relu(x)

/** min(max(0, x), 6) */
export const relu6 = (x: tf.Tensor4D): tf.Tensor4D => tf.relu6(x)

/** x · sigmoid(x) (Elfwing et al. 2018), EfficientNet's. */
export const silu = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(x, tf.sigmoid(x))

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = <T extends tf.Tensor>(x: T): T => tf.sigmoid(x)
