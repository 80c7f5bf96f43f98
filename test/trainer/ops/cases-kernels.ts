import * as tf from '@tensorflow/tfjs-core'
import type { Case } from './agree.ts'
import {
  broadcast,
  byPlace,
  map,
  meanOf,
  type Nd,
  nd,
  product,
  ravel,
  reduce,
  size,
  sumOf,
  transposed,
  wave,
} from './plain.ts'

type Unary = [
  name: string,
  tensors: (x: tf.Tensor) => tf.Tensor,
  plain: (x: number) => number,
  positive?: boolean,
]

const UNARY: Unary[] = [
  ['neg', tf.neg, x => -x],
  ['abs', tf.abs, Math.abs],
  ['square', tf.square, x => x * x],
  ['exp', tf.exp, Math.exp],
  ['expm1', tf.expm1, Math.expm1],
  ['log', tf.log, Math.log, true],
  ['log1p', tf.log1p, Math.log1p, true],
  ['sqrt', tf.sqrt, Math.sqrt, true],
  ['rsqrt', tf.rsqrt, x => 1 / Math.sqrt(x), true],
  ['reciprocal', tf.reciprocal, x => 1 / x, true],
  ['sigmoid', tf.sigmoid, x => 1 / (1 + Math.exp(-x))],
  ['tanh', tf.tanh, Math.tanh],
  ['sin', tf.sin, Math.sin],
  ['cos', tf.cos, Math.cos],
  ['softplus', tf.softplus, x => Math.log1p(Math.exp(x))],
  ['relu', tf.relu, x => Math.max(0, x)],
  ['relu6', x => tf.relu6(tf.mul(x, 8)), x => Math.min(6, Math.max(0, 8 * x))],
  ['elu', x => tf.elu(x), x => (x > 0 ? x : Math.expm1(x))],
  ['leakyRelu', x => tf.leakyRelu(x, 0.1), x => (x > 0 ? x : 0.1 * x)],
  ['clipByValue', x => tf.clipByValue(x, -0.4, 0.5), x => Math.min(0.5, Math.max(-0.4, x))],
  [
    'step, floor, sign (no gradient)',
    x => tf.add(tf.step(x), tf.add(tf.floor(x), tf.sign(x))),
    x => (x > 0 ? 1 : 0) + Math.floor(x) + Math.sign(x),
  ],
]

type Binary = [
  name: string,
  tensors: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  plain: (a: number, b: number) => number,
]

const BINARY: Binary[] = [
  ['add', tf.add, (a, b) => a + b],
  ['sub', tf.sub, (a, b) => a - b],
  ['mul', tf.mul, (a, b) => a * b],
  ['div', (a, b) => tf.div(a, tf.add(b, 2)), (a, b) => a / (b + 2)],
  ['pow', (a, b) => tf.pow(tf.add(a, 2), b), (a, b) => (a + 2) ** b],
  ['maximum', tf.maximum, Math.max],
  ['minimum', tf.minimum, Math.min],
  ['squaredDifference', tf.squaredDifference, (a, b) => (a - b) ** 2],
  [
    'where(a > b, a, 2b)',
    (a, b) => {
      const [left, right] = [tf.add(a, tf.zerosLike(b)), tf.add(b, tf.zerosLike(a))]
      return tf.where(tf.greater(left, right), left, tf.mul(right, 2))
    },
    (a, b) => (a > b ? a : 2 * b),
  ],
]

const SHAPES: [number[], number[]][] = [
  [
    [2, 3, 5],
    [2, 3, 5],
  ],
  [[2, 3, 5], [5]],
  [
    [1, 3, 1],
    [2, 1, 5],
  ],
  [[], [4]],
  [
    [2, 3, 2, 5],
    [2, 1, 1, 5],
  ],
]

/** Rows `from` … of `x` along an axis, `stride` apart. */
const taken = (x: Nd, axis: number, indices: readonly number[]): Nd => {
  const shape = x.shape.map((length, at) => (at === axis ? indices.length : length))
  return byPlace(
    shape,
    place =>
      x.data[
        ravel(
          place.map((p, at) => (at === axis ? indices[p]! : p)),
          x.shape,
        )
      ]!,
  )
}

const joined = (parts: readonly Nd[], axis: number): Nd => {
  const owners = parts.flatMap((part, at) =>
    Array.from({ length: part.shape[axis]! }, (_, row) => [at, row] as const),
  )
  const shape = parts[0]!.shape.map((length, at) => (at === axis ? owners.length : length))
  return byPlace(shape, place => {
    const [at, row] = owners[place[axis]!]!
    const part = parts[at]!
    return part.data[
      ravel(
        place.map((p, d) => (d === axis ? row : p)),
        part.shape,
      )
    ]!
  })
}

const reshaped = (x: Nd, shape: number[]): Nd => ({ shape, data: x.data })

const padded = (x: Nd, sides: [number, number][], value = 0): Nd =>
  byPlace(
    x.shape.map((length, axis) => length + sides[axis]![0] + sides[axis]![1]),
    place => {
      const from = place.map((p, axis) => p - sides[axis]![0])
      return from.every((p, axis) => p >= 0 && p < x.shape[axis]!) ? x.data[ravel(from, x.shape)]! : value
    },
  )

const softmaxed = (x: Nd): Nd => {
  const exp = map(x, Math.exp)
  return broadcast(exp, reduce(exp, [x.shape.length - 1], sumOf, true), (a, b) => a / b)
}

/** Kernels that networks and losses are made of, with awkward shapes. */
export const KERNEL_CASES: Case[] = [
  ...UNARY.map(([name, tensors, plain, positive]) => ({
    name,
    inputs: [map(wave([3, 7], 2), x => Math.fround(positive ? x + 1.5 : x))],
    tensors,
    plain: (x: Nd) => map(x, plain),
  })),
  ...BINARY.flatMap(([name, tensors, plain]) =>
    SHAPES.map(([a, b]) => ({
      name: `${name} of [${a}] and [${b}]`,
      inputs: [wave(a, 1), wave(b, 4)],
      tensors,
      plain: (x: Nd, y: Nd) => broadcast(x, y, plain),
    })),
  ),
  ...([[[0]], [[1]], [[0, 2]], [[0, 1, 2]]] as number[][][]).flatMap(([axes]) =>
    (
      [
        ['sum', (x: tf.Tensor) => tf.sum(x, axes), sumOf],
        ['mean', (x: tf.Tensor) => tf.mean(x, axes), meanOf],
        ['max', (x: tf.Tensor) => tf.max(x, axes), (v: number[]) => Math.max(...v)],
        ['min', (x: tf.Tensor) => tf.min(x, axes), (v: number[]) => Math.min(...v)],
      ] as const
    ).map(([name, tensors, f]) => ({
      name: `${name} over [${axes}]`,
      inputs: [wave([2, 3, 5], 3)],
      tensors,
      plain: (x: Nd) => reduce(x, axes!, f),
    })),
  ),
  {
    name: 'mean with the axes kept',
    inputs: [wave([2, 3, 5], 3)],
    tensors: x => tf.mean(x, [0, 2], true),
    plain: x => reduce(x, [0, 2], meanOf, true),
  },
  {
    name: 'cumsum backwards, without itself',
    inputs: [wave([2, 5])],
    tensors: x => tf.cumsum(x, 1, true, true),
    plain: x =>
      byPlace([2, 5], ([row, column]) => sumOf([...x.data].slice(row! * 5 + column! + 1, row! * 5 + 5))),
  },
  {
    name: 'reshape',
    inputs: [wave([2, 6])],
    tensors: x => tf.reshape(x, [3, 1, 4]),
    plain: x => reshaped(x, [3, 1, 4]),
  },
  {
    name: 'expandDims and squeeze',
    inputs: [wave([2, 1, 3])],
    tensors: x => tf.squeeze(tf.expandDims(x, 0)),
    plain: x => reshaped(x, [2, 3]),
  },
  {
    name: 'clone and cast',
    inputs: [wave([4])],
    tensors: x => tf.cast(tf.clone(x), 'float32'),
    plain: x => x,
  },
  ...[
    [1, 0, 2],
    [2, 0, 1],
    [2, 1, 0],
  ].map(perm => ({
    name: `transpose to [${perm}]`,
    inputs: [wave([2, 3, 5])],
    tensors: (x: tf.Tensor) => tf.transpose(x, perm),
    plain: (x: Nd) => transposed(x, perm),
  })),
  {
    name: 'tile',
    inputs: [wave([2, 1, 3])],
    tensors: x => tf.tile(x, [1, 3, 2]),
    plain: x => taken(taken(x, 1, [0, 0, 0]), 2, [0, 1, 2, 0, 1, 2]),
  },
  {
    name: 'broadcastTo',
    inputs: [wave([2, 1])],
    tensors: x => tf.broadcastTo(x, [3, 2, 4]),
    plain: x =>
      broadcast(
        x,
        nd([3, 2, 4], () => 0),
        a => a,
      ),
  },
  {
    name: 'reverse',
    inputs: [wave([2, 3])],
    tensors: x => tf.reverse(x, 1),
    plain: x => taken(x, 1, [2, 1, 0]),
  },
  {
    name: 'slice',
    inputs: [wave([4, 5])],
    tensors: x => tf.slice(x, [1, 2], [2, -1]),
    plain: x => taken(taken(x, 0, [1, 2]), 1, [2, 3, 4]),
  },
  {
    name: 'stridedSlice',
    inputs: [wave([5, 7])],
    tensors: x => tf.stridedSlice(x, [1, 0], [5, 7], [2, 3]),
    plain: x => taken(taken(x, 0, [1, 3]), 1, [0, 3, 6]),
  },
  {
    name: 'stridedSlice backwards',
    inputs: [wave([5, 7])],
    tensors: x => tf.stridedSlice(x, [3, 6], [0, 0], [-1, -2]),
    plain: x => taken(taken(x, 0, [3, 2, 1]), 1, [6, 4, 2]),
  },
  {
    name: 'stridedSlice that drops an axis',
    inputs: [wave([5, 7])],
    tensors: x => tf.stridedSlice(x, [2, 1], [3, 6], [1, 1], 0, 0, 0, 0, 1),
    plain: x => reshaped(taken(taken(x, 0, [2]), 1, [1, 2, 3, 4, 5]), [5]),
  },
  {
    name: 'pad',
    inputs: [wave([2, 3])],
    tensors: x =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 3],
        ],
        0.5,
      ),
    plain: x =>
      padded(
        x,
        [
          [1, 0],
          [2, 3],
        ],
        0.5,
      ),
  },
  {
    name: 'concat',
    inputs: [wave([2, 1, 3]), wave([2, 4, 3], 1), wave([2, 2, 3], 2)],
    tensors: (...xs) => tf.concat(xs, 1),
    plain: (...xs) => joined(xs, 1),
  },
  {
    name: 'stack',
    inputs: [wave([2, 3]), wave([2, 3], 1)],
    tensors: (...xs) => tf.stack(xs, -1),
    plain: (...xs) =>
      joined(
        xs.map(x => reshaped(x, [2, 3, 1])),
        2,
      ),
  },
  {
    name: 'split, one part unused',
    inputs: [wave([2, 6])],
    tensors: x => {
      const [first, , last] = tf.split(x, [1, 2, 3], 1) as tf.Tensor[]
      return tf.mul(first!, last!)
    },
    plain: x => broadcast(taken(x, 1, [0]), taken(x, 1, [3, 4, 5]), (a, b) => a * b),
  },
  {
    name: 'unstack',
    inputs: [wave([2, 3])],
    tensors: x => tf.mul(...(tf.unstack(x, 0) as [tf.Tensor, tf.Tensor])),
    plain: x =>
      reshaped(
        broadcast(taken(x, 0, [0]), taken(x, 0, [1]), (a, b) => a * b),
        [3],
      ),
  },
  {
    name: 'addN',
    inputs: [wave([5]), wave([5], 1), wave([5], 2)],
    tensors: (...xs) => tf.addN(xs),
    plain: (...xs) => nd([5], at => sumOf(xs.map(x => x.data[at]!))),
  },
  ...[0, 1].map(axis => ({
    name: `gather along ${axis}, with a row taken twice and one not at all`,
    inputs: [wave([3, 4])],
    tensors: (x: tf.Tensor) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), axis),
    plain: (x: Nd) => taken(x, axis, [2, 0, 2]),
  })),
  ...(
    [
      [2, 3, 5, 4],
      [1, 1, 1, 1],
      [9, 5, 9, 6],
    ] as const
  ).flatMap(([, m, k, n]) =>
    [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ].map(([left, right]) => ({
      name: `matMul ${m}×${k}×${n}${left ? ', left transposed' : ''}${right ? ', right transposed' : ''}`,
      inputs: [wave(left ? [k, m] : [m, k], 1), wave(right ? [n, k] : [k, n], 2)],
      tensors: (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, left, right),
      plain: (a: Nd, b: Nd) => product(left ? transposed(a, [1, 0]) : a, right ? transposed(b, [1, 0]) : b),
    })),
  ),
  {
    name: 'matMul of a batch',
    inputs: [wave([2, 3, 4]), wave([2, 4, 5], 1)],
    tensors: (a, b) => tf.matMul(a, b),
    plain: product,
  },
  { name: 'softmax', inputs: [wave([3, 5])], tensors: x => tf.softmax(x as tf.Tensor2D), plain: softmaxed },
  {
    name: 'logSoftmax',
    inputs: [wave([3, 5])],
    tensors: x => tf.logSoftmax(x as tf.Tensor2D),
    plain: x => map(softmaxed(x), Math.log),
  },
  {
    name: 'moments',
    inputs: [wave([2, 3, 4])],
    tensors: x => {
      const { mean, variance } = tf.moments(x, [0, 1])
      return tf.concat([mean, variance])
    },
    plain: x => {
      const mean = reduce(x, [0, 1], meanOf)
      return joined(
        [
          mean,
          reduce(
            broadcast(x, mean, (a, b) => (a - b) ** 2),
            [0, 1],
            meanOf,
          ),
        ],
        0,
      )
    },
  },
  {
    name: 'cross-entropy from logits, as losses write it',
    inputs: [wave([size([3, 5])], 1, 4), map(wave([15], 2), Math.abs)],
    tensors: (x, t) => tf.mean(tf.sub(tf.softplus(x), tf.mul(x, t)), undefined, true),
    plain: (x, t) =>
      reduce(
        broadcast(x, t, (a, b) => Math.log1p(Math.exp(a)) - a * b),
        [0],
        meanOf,
        true,
      ),
  },
]
