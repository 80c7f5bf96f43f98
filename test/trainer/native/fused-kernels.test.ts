import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { fusedAdam } from '../../../trainer/backend/native-kernels/adam.ts'
import { fusedBatchNorm } from '../../../trainer/backend/native-kernels/batch-norm.ts'
import { execute } from '../../../trainer/backend/native-kernels/execute.ts'
import { convolutionBias, normRelu } from '../../../trainer/backend/native-kernels/inference.ts'
import { fusedMaxPool } from '../../../trainer/backend/native-kernels/max-pool.ts'
import { hasOneDnn } from '../../../trainer/backend/native-kernels/onednn.ts'
import { hasNative } from '../backbones/has-native.ts'

const native = await hasNative()

/** Values that are spread, not symmetric, and the same in every run. */
const wave = (shape: number[], start = 0.1, slope = 0.618) =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => Math.sin(start + slope * at)),
    shape,
  )

const SHAPES: [number, number, number, number][] = [
  [2, 5, 3, 7],
  [1, 4, 4, 1],
  [3, 1, 2, 16],
  [4, 7, 7, 33],
]

/** Each gradient against central differences of the same function, relative to the largest. */
function expectSlopes(f: (...inputs: tf.Tensor[]) => tf.Scalar, inputs: tf.Tensor[]) {
  const gradients = tf
    .grads(f)(inputs)
    .map(gradient => gradient.dataSync())
  inputs.forEach((input, which) => {
    const values = input.dataSync()
    const found = gradients[which]!
    const largest = Math.max(...found.map(Math.abs), 1e-3)
    for (let at = 0; at < values.length; at += Math.ceil(values.length / 12)) {
      const moved = (by: number) => {
        const copy = Float32Array.from(values)
        copy[at]! += by
        const given = inputs.map((one, place) => (place === which ? tf.tensor(copy, input.shape) : one))
        return f(...given).dataSync()[0]!
      }
      const step = 1e-2
      expect(Math.abs((moved(step) - moved(-step)) / (2 * step) - found[at]!) / largest).toBeLessThan(2e-2)
    }
  })
}

/** Mean and unbiased variance of each channel in float64, and the normalised values. */
function plainNorm(x: tf.Tensor4D, scale: Float32Array, offset: Float32Array, epsilon: number) {
  const [values, channels] = [x.dataSync(), x.shape[3]]
  const count = values.length / channels
  const mean = new Float64Array(channels)
  const square = new Float64Array(channels)
  values.forEach((value, at) => {
    mean[at % channels]! += value / count
  })
  values.forEach((value, at) => {
    square[at % channels]! += (value - mean[at % channels]!) ** 2
  })
  const y = Array.from(values, (value, at) => {
    const c = at % channels
    return ((value - mean[c]!) / Math.sqrt(square[c]! / count + epsilon)) * scale[c]! + offset[c]!
  })
  return { y, mean, unbiased: square.map(sum => sum / Math.max(1, count - 1)) }
}

describe.runIf(native)('fused kernels of libtensorflow', () => {
  beforeAll(() => {
    expect(tf.getBackend()).toBe('tensorflow')
  })

  const norms = [false, ...(native && hasOneDnn() ? [true] : [])]
  describe.each(norms)('batch norm, relu behind it: %s', relu => {
    const parts = (channels: number) => ({
      scale: tf.add(wave([channels], 0.3), 1.5) as tf.Tensor1D,
      offset: wave([channels], 0.7) as tf.Tensor1D,
      mean: wave([channels], 0.2) as tf.Tensor1D,
      variance: tf.add(wave([channels], 0.9), 2) as tf.Tensor1D,
    })

    it.each(SHAPES)('gives the values of the formula for [%i, %i, %i, %i]', (...shape) => {
      const x = wave(shape) as tf.Tensor4D
      const given = parts(shape[3])
      const { y, mean, variance } = fusedBatchNorm(x, given, { epsilon: 1e-3, momentum: 0.3, relu })
      const plain = plainNorm(x, given.scale.dataSync<'float32'>(), given.offset.dataSync<'float32'>(), 1e-3)
      const wanted = relu ? plain.y.map(value => Math.max(0, value)) : plain.y
      const [oldMean, oldVariance] = [given.mean.dataSync(), given.variance.dataSync()]
      y.dataSync().forEach((value, at) => {
        expect(value).toBeCloseTo(wanted[at]!, 4)
      })
      mean.dataSync().forEach((value, c) => {
        expect(value).toBeCloseTo(0.7 * oldMean[c]! + 0.3 * plain.mean[c]!, 5)
      })
      variance.dataSync().forEach((value, c) => {
        expect(value).toBeCloseTo(0.7 * oldVariance[c]! + 0.3 * plain.unbiased[c]!, 5)
      })
    })

    it.each(SHAPES)('has the gradients of its own slopes for [%i, %i, %i, %i]', (...shape) => {
      const { mean, variance, scale, offset } = parts(shape[3])
      const weights = wave(shape, 0.5, 0.37)
      const loss = (x: tf.Tensor, s: tf.Tensor, o: tf.Tensor) => {
        const all = { scale: s as tf.Tensor1D, offset: o as tf.Tensor1D, mean, variance }
        const { y } = fusedBatchNorm(x as tf.Tensor4D, all, { epsilon: 1e-2, momentum: 0.1, relu })
        return tf.sum(tf.mul(tf.square(y), weights)) as tf.Scalar
      }
      expectSlopes(loss, [wave(shape), scale, offset])
    })

    it('leaves no tensor behind after forward and backward', () => {
      const x = wave([2, 5, 3, 7])
      const given = parts(7)
      const before = tf.memory().numTensors
      tf.tidy(() => {
        tf.grad(one => fusedBatchNorm(one as tf.Tensor4D, given, { epsilon: 1e-3, momentum: 0.1, relu }).y)(x)
      })
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  describe.runIf(native && hasOneDnn())('max pooling that remembers', () => {
    it.each([
      [3, 2],
      [2, 2],
      [2, 1],
    ])('windows of %i by steps of %i: the values and gradients of the plain kernels', (size, stride) => {
      // All below nought, in one half of the channels all equal.
      const x = tf.sub(tf.mul(wave([2, 7, 9, 6]), tf.tensor1d([1, 1, 1, 0, 0, 0])), 3) as tf.Tensor4D
      const weigh = (y: tf.Tensor) => tf.mul(y, wave(y.shape, 0.4, 0.73))
      const fused = tf.valueAndGrad(one => weigh(fusedMaxPool(one as tf.Tensor4D, { size, stride })))(x)
      const plain = tf.valueAndGrad(one => weigh(tf.maxPool(one as tf.Tensor4D, size, stride, 'valid')))(x)
      expect(fused.value.dataSync()).toEqual(plain.value.dataSync())
      const [found, wanted] = [fused.grad.dataSync(), plain.grad.dataSync()]
      found.forEach((value, at) => {
        expect(value).toBeCloseTo(wanted[at]!, 5)
      })
    })
  })

  describe.runIf(native && hasOneDnn())('without gradients', () => {
    const agree = (found: tf.Tensor, wanted: tf.Tensor) => {
      expect(found.shape).toEqual(wanted.shape)
      const values = wanted.dataSync()
      found.dataSync().forEach((value, at) => {
        expect(value).toBeCloseTo(values[at]!, 4)
      })
    }

    it.each([
      [3, 1, 'same'],
      [3, 2, 'same'],
      [1, 1, 'same'],
      [1, 2, 'valid'],
      [5, 1, 'valid'],
      [2, 2, 'same'],
    ] as const)('a convolution %i × %i by %i (%s) has its bias in one pass', (size, stride, padding) => {
      const x = wave([2, 7, 6, 5]) as tf.Tensor4D
      const kernel = wave([size, size, 5, 9], 0.4, 0.9) as tf.Tensor4D
      const bias = wave([9], 0.2) as tf.Tensor1D
      const plain = tf.add(tf.conv2d(x, kernel, stride, padding), bias)
      agree(convolutionBias(x, kernel, bias, stride, padding), plain)
    })

    it.each(SHAPES)('norm by given statistics and relu in one pass for [%i, %i, %i, %i]', (...shape) => {
      const x = wave(shape) as tf.Tensor4D
      const of = (start: number) => tf.add(wave([shape[3]], start), 1.5) as tf.Tensor1D
      const [scale, offset, mean, variance] = [of(0.1), tf.sub(of(0.4), 2) as tf.Tensor1D, of(0.6), of(0.9)]
      const plain = tf.relu(tf.batchNorm4d(x, mean, variance, offset, scale, 1e-3))
      agree(normRelu(x, { scale, offset, mean, variance }, 1e-3), plain)
    })
  })

  describe('Adam', () => {
    const settings = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-3, step: 3 }

    it('steps as the paper writes it, epsilon beside the corrected root', () => {
      const [value, first, second] = [wave([3, 4]), wave([3, 4], 0.4), tf.square(wave([3, 4], 0.8))]
      const gradient = wave([3, 4], 1.3)
      const [p, m, v, g] = [value, first, second, gradient].map(one => Array.from(one.dataSync()))
      const [after] = fusedAdam([[value, first, second]], [gradient], settings)
      const [p2, m2, v2] = after!.map(one => one.dataSync())
      for (let at = 0; at < 12; at++) {
        const mean = 0.9 * m![at]! + 0.1 * g![at]!
        const square = 0.999 * v![at]! + 0.001 * g![at]! ** 2
        const step = (0.01 * (mean / (1 - 0.9 ** 3))) / (Math.sqrt(square / (1 - 0.999 ** 3)) + 1e-3)
        expect(m2![at]).toBeCloseTo(mean, 6)
        expect(v2![at]).toBeCloseTo(square, 6)
        expect(p2![at]).toBeCloseTo(p![at]! - step, 6)
      }
    })

    it('does not change a tensor that another still holds', () => {
      const value = wave([5])
      const held = tf.clone(value)
      const before = held.dataSync().slice()
      fusedAdam([[value, tf.zeros([5]), tf.zeros([5])]], [tf.ones([5])], settings)
      expect(held.dataSync()).toEqual(before)
    })

    it('uses up what it is given and leaves three tensors for three', () => {
      const gradient = tf.ones([5])
      const state: [tf.Tensor, tf.Tensor, tf.Tensor] = [wave([5]), tf.zeros([5]), tf.zeros([5])]
      const before = tf.memory().numTensors
      fusedAdam([state], [gradient], settings)
      expect(state.every(({ isDisposed }) => isDisposed)).toBe(true)
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  it.each([
    ['ReluGrad', (x: number) => Number(x > 0)],
    ['Relu6Grad', (x: number) => Number(x > 0 && x < 6)],
    ['SigmoidGrad', (y: number) => y * (1 - y)],
    ['TanhGrad', (y: number) => 1 - y * y],
  ])('%s multiplies by the slope at the output', (kernel, slope) => {
    const y = tf.concat([tf.mul(wave([20]), 7), tf.tensor1d([0, 6])])
    const dy = wave([22], 0.4)
    const dx = (tf.engine().runKernel(kernel, { dy, y }) as tf.Tensor).dataSync()
    const [ys, dys] = [y.dataSync(), dy.dataSync()]
    dx.forEach((value, at) => {
      expect(value).toBeCloseTo(dys[at]! * slope(ys[at]!), 4)
    })
  })

  it('says in TensorFlow’s own words what an operation refuses', () => {
    expect(() => execute('MatMul', [tf.ones([2, 3]), tf.ones([2, 3])])).toThrow(/incompatible|Matrix size/i)
  })
})
