import type * as tf from '@tensorflow/tfjs-core'
import * as tfjs from '@tensorflow/tfjs-core'
import { relu, relu6, sigmoid, silu } from '../../../trainer/ops/activation.ts'
import { batchNorm } from '../../../trainer/ops/batch-norm.ts'
import { convolution, depthwise } from '../../../trainer/ops/convolution.ts'
import { dense } from '../../../trainer/ops/dense.ts'
import { averagePool, concatenate, globalMean, maxPool } from '../../../trainer/ops/pooling.ts'
import type { Case } from './agree.ts'
import {
  batchNormed,
  broadcast,
  byPlace,
  convolve,
  map,
  meanOf,
  type Nd,
  pool,
  product,
  ravel,
  wave,
} from './plain.ts'

type Four = [number, number, number, number]

interface Shape {
  x: Four
  kernel: Four
  stride?: 1 | 2
  pad?: number | 'same'
}

/** Odd and even kernels, odd and even sizes, one channel and several, strides, and every way of padding. */
const CONVOLUTIONS: Shape[] = [
  { x: [1, 1, 1, 1], kernel: [1, 1, 1, 1] },
  { x: [2, 3, 4, 5], kernel: [1, 1, 5, 9] },
  { x: [2, 5, 4, 3], kernel: [1, 1, 3, 2], stride: 2 },
  { x: [1, 5, 6, 2], kernel: [3, 3, 2, 3] },
  { x: [2, 5, 6, 1], kernel: [3, 3, 1, 2], pad: 1 },
  { x: [1, 5, 5, 3], kernel: [3, 3, 3, 10], pad: 'same' },
  { x: [2, 6, 5, 2], kernel: [3, 3, 2, 4], stride: 2, pad: 1 },
  { x: [1, 7, 7, 3], kernel: [3, 3, 3, 1], stride: 2, pad: 'same' },
  { x: [1, 6, 6, 3], kernel: [3, 3, 3, 5], stride: 2, pad: 'same' },
  { x: [1, 9, 8, 3], kernel: [7, 7, 3, 4], stride: 2, pad: 3 },
  { x: [1, 6, 7, 2], kernel: [5, 5, 2, 3], stride: 1, pad: 2 },
  { x: [1, 5, 6, 2], kernel: [2, 2, 2, 3], pad: 'same' },
  { x: [1, 5, 6, 2], kernel: [2, 4, 2, 3], stride: 2, pad: 'same' },
  { x: [1, 4, 7, 2], kernel: [1, 3, 2, 2], pad: 'same' },
  { x: [1, 4, 4, 8], kernel: [4, 4, 8, 3] },
  { x: [1, 9, 9, 1], kernel: [1, 1, 1, 8], stride: 2, pad: 'same' },
  { x: [2, 3, 4, 37], kernel: [3, 3, 37, 3], pad: 1 },
]

const DEPTHWISE: Shape[] = [
  { x: [1, 1, 1, 1], kernel: [1, 1, 1, 1] },
  { x: [2, 5, 6, 3], kernel: [3, 3, 3, 1], pad: 1 },
  { x: [1, 5, 5, 17], kernel: [3, 3, 17, 1], pad: 'same' },
  { x: [1, 6, 7, 5], kernel: [3, 3, 5, 1], stride: 2, pad: 1 },
  { x: [2, 7, 6, 4], kernel: [3, 3, 4, 1], stride: 2, pad: 'same' },
  { x: [1, 9, 8, 6], kernel: [5, 5, 6, 1], stride: 2, pad: 2 },
  { x: [1, 6, 6, 8], kernel: [5, 5, 8, 1], pad: 'same' },
  { x: [1, 5, 6, 2], kernel: [2, 2, 2, 1], pad: 'same' },
  { x: [1, 1, 9, 3], kernel: [1, 3, 3, 1], stride: 2, pad: 'same' },
  { x: [1, 9, 1, 3], kernel: [3, 1, 3, 1], stride: 2, pad: 'same' },
  { x: [1, 6, 9, 3], kernel: [1, 3, 3, 1], stride: 2, pad: 'same' },
  { x: [1, 5, 8, 4], kernel: [1, 3, 4, 1], stride: 2 },
  { x: [2, 7, 6, 2], kernel: [1, 1, 2, 1], stride: 2 },
  { x: [1, 4, 5, 3], kernel: [3, 3, 3, 2], pad: 'same' },
]

const named = ({ x, kernel, stride = 1, pad = 0 }: Shape) =>
  `[${x}] by [${kernel}], stride ${stride}, padding ${pad}`

const sized = (shape: Shape, one: boolean): Case => ({
  name: `${one ? 'depthwise' : 'convolution'} ${named(shape)}`,
  inputs: [wave(shape.x, 1), wave(shape.kernel, 2)],
  tensors: (x, kernel) =>
    (one ? depthwise : convolution)(x as tf.Tensor4D, kernel as tf.Tensor4D, {
      stride: shape.stride ?? 1,
      pad: shape.pad ?? 0,
    }),
  plain: (x, kernel) => convolve(x, kernel, shape.stride ?? 1, shape.pad ?? 0, one),
})

const four = (x: tf.Tensor) => x as tf.Tensor4D
const negative = (x: Nd) => map(x, value => Math.fround(value - 3))
const highest = (values: number[]) => Math.max(...values)

const maxima = (x: Nd, size: number, stride: number, pad: number): Case => ({
  name: `maxPool [${x.shape}] ${x.data.every(value => value < 0) ? 'all negative ' : ''}by ${size}, stride ${stride}, padding ${pad}`,
  inputs: [x],
  tensors: given => maxPool(four(given), size, stride, pad),
  plain: given => pool(given, [size, size], stride, pad, highest),
})

const means = (shape: Four, size: number, stride: number): Case => ({
  name: `averagePool [${shape}] by ${size}, stride ${stride}`,
  inputs: [wave(shape)],
  tensors: x => averagePool(four(x), size, stride),
  plain: x => pool(x, [size, size], stride, 0, meanOf),
})

const norm = (x: Four, training: boolean): Case => ({
  name: `batchNorm [${x}] ${training ? 'in training' : 'in evaluation'}`,
  inputs: [
    wave(x, 1),
    ...(training
      ? []
      : [wave([x[3]], 2, 0.3), map(wave([x[3]], 3), value => Math.fround(1 + 0.5 * Math.abs(value)))]),
    wave([x[3]], 4),
    wave([x[3]], 5),
  ],
  tensors: (input, ...rest) => {
    const [weight, bias] = rest.slice(-2) as tf.Tensor[]
    const [mean, variance] = training ? [tfjs.zeros(bias!.shape), tfjs.ones(bias!.shape)] : rest
    const p = new Map(
      Object.entries({
        'n.weight': weight!,
        'n.bias': bias!,
        'n.running_mean': mean!,
        'n.running_var': variance!,
      }),
    )
    return batchNorm(p, 'n', four(input), { training }, { epsilon: 1e-3 })
  },
  plain: (input, ...rest) => {
    const [weight, bias] = rest.slice(-2) as [Nd, Nd]
    if (training) return batchNormed(input, weight, bias, 1e-3)
    const [mean, variance] = rest as [Nd, Nd]
    const normed = broadcast(
      broadcast(input, mean, (a, b) => a - b),
      variance,
      (a, v) => a / Math.sqrt(v + 1e-3),
    )
    return broadcast(
      broadcast(normed, weight, (a, b) => a * b),
      bias,
      (a, b) => a + b,
    )
  },
  // The sum of a channel's gradients is nought in exact arithmetic, so that float32 leaves more of an error here.
  within: training ? 5e-4 : 1e-4,
})

const logistic = (x: number) => 1 / (1 + Math.exp(-x))
const activation = (
  name: string,
  tensors: (x: tf.Tensor4D) => tf.Tensor,
  plain: (x: number) => number,
): Case => ({
  name,
  inputs: [wave([2, 3, 4, 5], 2, 8)],
  tensors: x => tensors(four(x)),
  plain: x => map(x, plain),
})

/** The layers of `trainer/ops`, with the shapes that go wrong if anything does. */
export const LAYER_CASES: Case[] = [
  ...CONVOLUTIONS.map(shape => sized(shape, false)),
  ...DEPTHWISE.map(shape => sized(shape, true)),
  maxima(wave([2, 6, 7, 3]), 2, 2, 0),
  maxima(wave([1, 7, 7, 5]), 3, 2, 1),
  maxima(negative(wave([1, 7, 7, 5])), 3, 2, 1),
  maxima(negative(wave([2, 5, 6, 1])), 3, 2, 0),
  maxima(wave([1, 5, 5, 2]), 3, 1, 1),
  means([2, 6, 7, 3], 2, 2),
  means([1, 5, 5, 4], 3, 1),
  means([1, 7, 7, 1], 7, 1),
  ...[true, false].flatMap(training => [
    norm([2, 3, 4, 5], training),
    norm([1, 7, 5, 1], training),
    norm([4, 1, 1, 17], training),
  ]),
  activation('relu', relu, x => Math.max(0, x)),
  activation('relu6', relu6, x => Math.min(6, Math.max(0, x))),
  activation('silu', silu, x => x * logistic(x)),
  activation('sigmoid', sigmoid, logistic),
  {
    name: 'dense',
    inputs: [wave([3, 7], 1), wave([7, 4], 2), wave([4], 3)],
    tensors: (x, weight, bias) => dense(x as tf.Tensor2D, weight as tf.Tensor2D, bias as tf.Tensor1D),
    plain: (x, weight, bias) => broadcast(product(x, weight), bias, (a, b) => a + b),
  },
  {
    name: 'globalMean',
    inputs: [wave([2, 3, 5, 4])],
    tensors: x => globalMean(four(x)),
    plain: x =>
      byPlace([2, 4], ([b, c]) =>
        meanOf(Array.from({ length: 15 }, (_, at) => x.data[(b! * 15 + at) * 4 + c!]!)),
      ),
  },
  {
    name: 'concatenate',
    inputs: [wave([2, 3, 2, 4]), wave([2, 3, 2, 1], 1), wave([2, 3, 2, 5], 2)],
    tensors: (...parts) => concatenate(parts as tf.Tensor4D[]),
    plain: (...parts) => {
      const owners = parts.flatMap((part, at) =>
        Array.from({ length: part.shape[3]! }, (_, c) => [at, c] as const),
      )
      return byPlace([2, 3, 2, 10], place => {
        const [at, channel] = owners[place[3]!]!
        return parts[at]!.data[ravel([...place.slice(0, 3), channel], parts[at]!.shape)]!
      })
    },
  },
  {
    name: 'a block: convolution, norm, silu, depthwise with a shortcut',
    inputs: [wave([2, 5, 5, 3], 1), wave([3, 3, 3, 4], 2), wave([4], 3), wave([4], 4), wave([3, 3, 4, 1], 5)],
    tensors: (x, kernel, weight, bias, deep) => {
      const ones = tfjs.ones([4])
      const p = new Map(
        Object.entries({ 'n.weight': weight, 'n.bias': bias, 'n.running_mean': ones, 'n.running_var': ones }),
      )
      const wide = silu(
        batchNorm(p, 'n', convolution(four(x), kernel as tf.Tensor4D, { pad: 1 }), { training: true }),
      )
      return tfjs.add(wide, depthwise(wide, deep as tf.Tensor4D, { pad: 1 }))
    },
    plain: (x, kernel, weight, bias, deep) => {
      const wide = map(
        batchNormed(convolve(x, kernel, 1, 1), weight, bias, 1e-5),
        value => value * logistic(value),
      )
      return broadcast(wide, convolve(wide, deep, 1, 1, true), (a, b) => a + b)
    },
    within: 1e-3,
  },
]
