import * as tf from '@tensorflow/tfjs-core'

/**
 * The means of `side` × `side` windows that cover the map, as torch's adaptive average pooling draws them: window i of
 * n rows goes from ⌊i·n / side⌋ to ⌈(i + 1)·n / side⌉. [B, h, w, c] → [B, side, side, c]; a map of that size already is
 * left as it is.
 */
export function adaptiveMean(x: tf.Tensor4D, side: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape
  if (height === side && width === side) return x
  const rows = tf.matMul(windows(side, height), tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [height, -1]))
  const turned = tf.transpose(tf.reshape(rows, [side, batch, width, channels]), [2, 1, 0, 3])
  const both = tf.matMul(windows(side, width), tf.reshape(turned, [width, -1]) as tf.Tensor2D)
  return tf.transpose(tf.reshape(both, [side, batch, side, channels]), [1, 2, 0, 3])
}

/** Each window's share of each row: [side, size]. */
function windows(side: number, size: number): tf.Tensor2D {
  const shares = new Float32Array(side * size)
  for (let at = 0; at < side; at++) {
    const from = Math.floor((at * size) / side)
    const to = Math.ceil(((at + 1) * size) / side)
    shares.fill(1 / (to - from), at * size + from, at * size + to)
  }
  return tf.tensor2d(shares, [side, size])
}
