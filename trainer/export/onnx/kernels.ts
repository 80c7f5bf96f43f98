import * as tf from '@tensorflow/tfjs-core'
import { transposed } from './host-transpose.ts'
import type { Tracer } from './tracer.ts'

/** Name of the tracing backend among those of TensorFlow.js. */
export const ONNX_BACKEND = 'onnx'

type Inputs = Record<string, tf.TensorInfo>
// biome-ignore lint/suspicious/noExplicitAny: each kernel of TensorFlow.js has attributes of its own.
type Attributes = any
type Rule = (tracer: Tracer, inputs: Inputs, attributes: Attributes) => tf.TensorInfo

const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1)
/** Where an axis of [B, h, w, c] stands in [B, c, h, w]. */
const CHANNELS_FIRST = [0, 2, 3, 1]
const placeOf = (axis: number, rank: number) => (rank === 4 ? CHANNELS_FIRST[axis]! : axis)

/** A node of one input and the same shape. */
const pointwise =
  (type: string): Rule =>
  (tracer, { x }) =>
    tracer.value(tracer.node(type, [tracer.nameOf(x!)]), x!.shape)

/** Relu6 and clipping by value. */
function clip(tracer: Tracer, x: string, low: number, high: number): string {
  const bound = (value: number) => tracer.initializer(`bound_${value}`, Float32Array.of(value), [])
  return tracer.node('Clip', [x, bound(low), bound(high)])
}

/** Two inputs, one stretched over the other. A vector beside maps is one number a channel. */
const elementwise =
  (type: string): Rule =>
  (tracer, { a, b }) => {
    const shape = tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape)
    const name = (tensor: tf.TensorInfo) => {
      const traced = tracer.of(tensor)
      if ('constant' in traced && shape.length === 4 && tensor.shape.length === 1 && tensor.shape[0]! > 1)
        return tracer.initializer(traced.name, traced.constant, [tensor.shape[0]!, 1, 1])
      if (tensor.shape.length > 1 && tensor.shape.length < shape.length)
        throw unsupported(`${type} of shapes [${a!.shape}] and [${b!.shape}]`)
      return tracer.nameOf(tensor)
    }
    return tracer.value(tracer.node(type, [name(a!), name(b!)]), shape)
  }

/** Convolution with what may be fused to it: kernel [h, w, in, out] → [out, in, h, w]. */
const convolution =
  (perChannel: boolean): Rule =>
  (tracer, { x, filter, bias }, { strides, pad, dilations, dimRoundingMode, activation }) => {
    const info = tf.backend_util.computeConv2DInfo(
      x!.shape as [number, number, number, number],
      filter!.shape as [number, number, number, number],
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      perChannel,
    )
    const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = info
    const traced = tracer.of(filter!)
    const numbers = tracer.numbers(filter!, 'convolution')
    // One kernel for each channel stands as [h, w, c, 1] here, as [c, 1, h, w] there.
    const kernel = transposed(numbers, filter!.shape, perChannel ? [2, 3, 0, 1] : [3, 2, 0, 1])
    if (perChannel && filter!.shape[3] !== 1) throw unsupported('several kernels for each channel')
    const weights = tracer.initializer(
      'constant' in traced ? traced.name : undefined,
      kernel.data,
      kernel.shape,
    )
    const inputs = [tracer.nameOf(x!), weights, ...(bias ? [tracer.nameOf(bias)] : [])]
    const y = tracer.node('Conv', inputs, {
      kernel_shape: [filter!.shape[0]!, filter!.shape[1]!],
      strides: [strideHeight, strideWidth],
      pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
      dilations: [dilationHeight, dilationWidth],
      group: { int: perChannel ? x!.shape[3]! : 1 },
    })
    return tracer.value(activated(tracer, y, activation), info.outShape)
  }

function activated(tracer: Tracer, y: string, activation: string | undefined): string {
  if (!activation || activation === 'linear') return y
  if (activation === 'relu') return tracer.node('Relu', [y])
  if (activation === 'relu6') return clip(tracer, y, 0, 6)
  if (activation === 'sigmoid') return tracer.node('Sigmoid', [y])
  throw unsupported(`activation ${activation}`)
}

const pooling =
  (type: 'MaxPool' | 'AveragePool'): Rule =>
  (tracer, { x }, { filterSize, strides, pad, dimRoundingMode }) => {
    const info = tf.backend_util.computePool2DInfo(
      x!.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    )
    const { padInfo, filterHeight, filterWidth, strideHeight, strideWidth, outShape } = info
    const y = tracer.node(type, [tracer.nameOf(x!)], {
      kernel_shape: [filterHeight, filterWidth],
      strides: [strideHeight, strideWidth],
      pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
      // As in TensorFlow, what is padded does not count in a mean.
      ...(type === 'AveragePool' ? { count_include_pad: { int: 0 } } : {}),
    })
    return tracer.value(y, outShape)
  }

/** The tensor itself. */
const same: Rule = (tracer, { x }) => {
  const traced = tracer.of(x!)
  return 'constant' in traced
    ? tracer.known(traced.constant, x!.shape, traced.name)
    : tracer.value(traced.value, x!.shape)
}

const RULES: Record<string, Rule> = {
  Conv2D: convolution(false),
  FusedConv2D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  FusedDepthwiseConv2D: convolution(true),
  FusedBatchNorm: (tracer, { x, scale, offset, mean, variance }, { varianceEpsilon }) => {
    if (!scale || !offset) throw unsupported('batch norm without scale and offset')
    const inputs = [x!, scale, offset, mean!, variance!].map(tensor => tracer.nameOf(tensor))
    const y = tracer.node('BatchNormalization', inputs, { epsilon: { float: varianceEpsilon } })
    return tracer.value(y, x!.shape)
  },
  Relu: pointwise('Relu'),
  Sigmoid: pointwise('Sigmoid'),
  Tanh: pointwise('Tanh'),
  Relu6: (tracer, { x }) => tracer.value(clip(tracer, tracer.nameOf(x!), 0, 6), x!.shape),
  ClipByValue: (tracer, { x }, { clipValueMin, clipValueMax }) =>
    tracer.value(clip(tracer, tracer.nameOf(x!), clipValueMin, clipValueMax), x!.shape),
  Add: elementwise('Add'),
  Sub: elementwise('Sub'),
  Multiply: elementwise('Mul'),
  RealDiv: elementwise('Div'),
  MaxPool: pooling('MaxPool'),
  AvgPool: pooling('AveragePool'),
  Mean: (tracer, { x }, { axis, keepDims }) => {
    const rank = x!.shape.length
    const axes = tf.util.parseAxisParam(axis, x!.shape)
    if (rank !== 4 || [...axes].sort().join() !== '1,2') throw unsupported(`a mean over axes ${axes}`)
    const y = tracer.node('GlobalAveragePool', [tracer.nameOf(x!)])
    const [batch, , , channels] = x!.shape as [number, number, number, number]
    if (keepDims) return tracer.value(y, [batch, 1, 1, channels])
    return tracer.value(tracer.node('Flatten', [y], { axis: { int: 1 } }), [batch, channels])
  },
  Concat: (tracer, inputs, { axis }) => {
    const parts = Object.values(inputs)
    const rank = parts[0]!.shape.length
    const along = tf.util.parseAxisParam(axis, parts[0]!.shape)[0]!
    const shape = [...parts[0]!.shape]
    shape[along] = parts.reduce((sum, part) => sum + part.shape[along]!, 0)
    const names = parts.map(part => tracer.nameOf(part))
    return tracer.value(tracer.node('Concat', names, { axis: { int: placeOf(along, rank) } }), shape)
  },
  PadV2: (tracer, { x }, { paddings, constantValue }) => {
    const sides = paddings as [number, number][]
    const rank = x!.shape.length
    const inOrder = (at: 0 | 1) => {
      const turned = new Array<number>(rank)
      for (const [axis, pair] of sides.entries()) turned[placeOf(axis, rank)] = pair[at]
      return turned
    }
    const value = tracer.initializer(`fill_${constantValue}`, Float32Array.of(constantValue), [])
    const pads = tracer.integers([...inOrder(0), ...inOrder(1)])
    const shape = x!.shape.map((extent, axis) => extent + sides[axis]![0] + sides[axis]![1])
    return tracer.value(tracer.node('Pad', [tracer.nameOf(x!), pads, value]), shape)
  },
  Reshape: (tracer, { x }, { shape }) => {
    const target = tf.util.inferFromImplicitShape(shape, size(x!.shape)) as number[]
    const traced = tracer.of(x!)
    if ('constant' in traced) return tracer.known(traced.constant, target, traced.name)
    if (target.join() === x!.shape.join()) return tracer.value(traced.value, target)
    return tracer.value(
      tracer.node('Reshape', [traced.value, tracer.integers(reshaped(x!.shape, target))]),
      target,
    )
  },
  Transpose: (tracer, { x }, { perm }) => {
    const traced = tracer.of(x!)
    if (!('constant' in traced)) throw unsupported('a transposition of maps')
    const turned = transposed(traced.constant, x!.shape, perm)
    return tracer.known(turned.data, turned.shape, traced.name)
  },
  Identity: same,
  // Everything here is float32.
  Cast: same,
  BatchMatMul: (tracer, { a, b }, { transposeA, transposeB }) => {
    if (a!.shape.length !== 2 || b!.shape.length !== 2) throw unsupported('products of more than two axes')
    const [rows, columns] = [a!.shape[transposeA ? 1 : 0]!, b!.shape[transposeB ? 0 : 1]!]
    const traced = tracer.of(b!)
    // Weights stand as [out, in] there, as in PyTorch.
    const turned =
      'constant' in traced && !transposeB ? transposed(traced.constant, b!.shape, [1, 0]) : undefined
    const weights =
      turned && 'constant' in traced
        ? tracer.initializer(traced.name, turned.data, turned.shape)
        : tracer.nameOf(b!)
    const y = tracer.node('Gemm', [tracer.nameOf(a!), weights], {
      transA: { int: transposeA ? 1 : 0 },
      transB: { int: transposeB || turned ? 1 : 0 },
    })
    return tracer.value(y, [rows, columns])
  },
}

/** A shape for ONNX: the batch is kept open; of maps only single pixels and vectors are the same in both orders. */
function reshaped(from: readonly number[], to: readonly number[]): number[] {
  const flat = (shape: readonly number[]) =>
    shape.length < 4 || (shape.length === 4 && shape[1] === 1 && shape[2] === 1)
  if (!flat(from) || !flat(to) || from[0] !== 1 || to[0] !== 1)
    throw unsupported(`a reshape of [${from}] to [${to}]`)
  return to.length === 4 ? [0, to[3]!, 1, 1] : [0, ...to.slice(1)]
}

const unsupported = (what: string) => new Error(`onnx: ${what}: no counterpart is written here`)

let registered = false

/** Registers the rules as kernels of the tracing backend, once. */
export function registerTracing(): void {
  if (registered) return
  registered = true
  for (const [kernelName, rule] of Object.entries(RULES))
    tf.registerKernel({
      kernelName,
      backendName: ONNX_BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => rule(backend as Tracer, inputs as Inputs, attrs ?? {}),
    })
}
