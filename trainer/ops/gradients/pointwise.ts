import * as tf from '@tensorflow/tfjs-core'
import { hasKernel, type Rule, rule, runKernel } from './rule.ts'

/** f(x) of one input: the gradient is dy · f′, written with x. */
const byInput = (kernel: string, slope: (x: tf.Tensor) => tf.Tensor): Rule =>
  rule(kernel, { inputs: ['x'] }, ({ dy, saved: [x] }) => ({
    x: () => tf.mul(dy, slope(tf.cast(x!, 'float32'))),
  }))

/** The same, where f′ is shorter to say with y = f(x), so that x need not be kept. */
const byOutput = (kernel: string, slope: (y: tf.Tensor) => tf.Tensor): Rule =>
  rule(kernel, { output: true }, ({ dy, saved: [y] }) => ({ x: () => tf.mul(dy, slope(y!)) }))

/** As `byOutput`, in one kernel {dy, y} → dx on a backend that has it under the name `fused`. */
const fusedByOutput = (kernel: string, fused: string, slope: (y: tf.Tensor) => tf.Tensor): Rule =>
  rule(kernel, { output: true }, ({ dy, saved: [y] }) => ({
    x: () => (hasKernel(fused) ? runKernel(fused, { dy, y: y! }) : tf.mul(dy, slope(y!))),
  }))

/** 1 where `condition` holds, else 0. */
const one = (condition: tf.Tensor) => tf.cast(condition, 'float32')

export const POINTWISE: readonly Rule[] = [
  rule(tf.Neg, {}, ({ dy }) => ({ x: () => tf.neg(dy) })),
  byInput(tf.Abs, x => tf.sign(x)),
  byInput(tf.Square, x => tf.mul(x, 2)),
  byInput(tf.Log, x => tf.reciprocal(x)),
  byInput(tf.Log1p, x => tf.reciprocal(tf.add(x, 1))),
  byInput(tf.Softplus, x => tf.sigmoid(x)),
  byInput(tf.Sin, x => tf.cos(x)),
  byInput(tf.Cos, x => tf.neg(tf.sin(x))),
  byInput(tf.Erf, x => tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI))),
  byOutput(tf.Exp, y => y),
  byOutput(tf.Expm1, y => tf.add(y, 1)),
  byOutput(tf.Sqrt, y => tf.div(0.5, y)),
  byOutput(tf.Rsqrt, y => tf.mul(tf.mul(tf.mul(y, y), y), -0.5)),
  byOutput(tf.Reciprocal, y => tf.neg(tf.square(y))),
  fusedByOutput(tf.Tanh, 'TanhGrad', y => tf.sub(1, tf.square(y))),
  byOutput(tf.Elu, y => tf.where(tf.greater(y, 0), tf.onesLike(y), tf.add(y, 1))),
  fusedByOutput(tf.Sigmoid, 'SigmoidGrad', y => tf.mul(y, tf.sub(1, y))),
  // At the kinks the gradient is nought, as in torch: y = 0 and y = 6 count as flat.
  fusedByOutput(tf.Relu, 'ReluGrad', y => one(tf.greater(y, 0))),
  fusedByOutput(tf.Relu6, 'Relu6Grad', y => tf.mul(one(tf.greater(y, 0)), one(tf.less(y, 6)))),
  rule<{ alpha: number }>(tf.LeakyRelu, { inputs: ['x'] }, ({ dy, saved: [x], attrs: { alpha } }) => ({
    x: () => tf.where(tf.greater(x!, 0), dy, tf.mul(dy, alpha)),
  })),
  // On the bounds the gradient passes, as in torch.
  rule<{ clipValueMin: number; clipValueMax: number }>(
    tf.ClipByValue,
    { inputs: ['x'] },
    ({ dy, saved: [x], attrs: { clipValueMin, clipValueMax } }) => ({
      x: () =>
        tf.where(
          tf.logicalAnd(tf.greaterEqual(x!, clipValueMin), tf.lessEqual(x!, clipValueMax)),
          dy,
          tf.zerosLike(dy),
        ),
    }),
  ),
]

const flat = (kernel: string, inputs: readonly string[]): Rule =>
  rule(kernel, { inputs }, ({ saved }) =>
    Object.fromEntries(inputs.map((name, at) => [name, () => tf.zeros(saved[at]!.shape)])),
  )

/** Steps: their gradient is nought wherever there is one. Without these rules a path through them would be an error. */
export const STEPS: readonly Rule[] = [
  ...[tf.Step, tf.Sign, tf.Floor, tf.Ceil, tf.Round, tf.ZerosLike, tf.OnesLike].map(name =>
    flat(name, ['x']),
  ),
  ...[tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual].map(name =>
    flat(name, ['a', 'b']),
  ),
]
