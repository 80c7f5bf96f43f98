import * as tf from '@tensorflow/tfjs-core'

export interface StridedSliceAttributes {
  begin: number[]
  end: number[]
  strides: number[]
  beginMask: number
  endMask: number
  ellipsisMask: number
  newAxisMask: number
  shrinkAxisMask: number
}

/**
 * Back through x[begin:end:stride, …], `shape` being x's: along each axis the values are turned round where the stride
 * is negative, set apart by zeros, and put where they were taken from.
 */
export function stridedSliceBack(
  dy: tf.Tensor,
  shape: number[],
  { begin, end, strides, ...masks }: StridedSliceAttributes,
): tf.Tensor {
  const info = tf.slice_util.sliceInfo(
    shape,
    begin,
    end,
    strides,
    masks.beginMask,
    masks.endMask,
    masks.ellipsisMask,
    masks.newAxisMask,
    masks.shrinkAxisMask,
  )
  // One length for each axis of x: new axes are ones and vanish, shrunk ones come back as ones.
  const taken = shape.map(
    (_, axis) => tf.slice_util.computeOutShape(info.begin, info.end, info.strides)[axis]!,
  )
  return shape.reduce((gradient, length, axis) => {
    const [count, step] = [taken[axis]!, info.strides[axis]!]
    if (count === length && step === 1) return gradient
    const stride = Math.abs(step)
    const first = step > 0 ? info.begin[axis]! : info.begin[axis]! + (count - 1) * step
    const before = size(shape.slice(0, axis))
    const after = size(taken.slice(axis + 1))
    let rows = tf.reshape(gradient, [before, count, 1, after])
    if (step < 0) rows = tf.reverse(rows, 1)
    const apart = tf.reshape(
      tf.pad(rows, [
        [0, 0],
        [0, 0],
        [0, stride - 1],
        [0, 0],
      ]),
      [before, count * stride, after],
    )
    const cut = tf.slice(apart, [0, 0, 0], [before, (count - 1) * stride + 1, after])
    const behind = length - first - cut.shape[1]!
    const placed = tf.pad(cut, [
      [0, 0],
      [first, behind],
      [0, 0],
    ])
    return tf.reshape(placed, [...shape.slice(0, axis + 1), ...taken.slice(axis + 1)])
  }, tf.reshape(dy, taken) as tf.Tensor)
}

const size = (lengths: readonly number[]) => lengths.reduce((product, length) => product * length, 1)
