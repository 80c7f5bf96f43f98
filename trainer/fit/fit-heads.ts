import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError } from '../../data/errors.ts'
import type { RunOptions } from '../../data/records/job.ts'
import {
  HEAD_COUNT,
  laDnn,
  laDnnGradients,
  newParameters,
  type Parameters,
  variables,
} from '../model/la-dnn.ts'
import { jointLoss, jointLossGradient, lossShares } from '../model/loss.ts'
import type { FirstValues } from './warm-start.ts'

/** Rows to fit or to watch: standardised features [n, D] and values 0 or 1 [n, 6], row by row. */
export interface Rows {
  n: number
  x: Float32Array
  values: Float32Array
}

/** One network of those fitted side by side. */
export interface Replica {
  /** Penalty of the squared weights: l2 / (2n), n the rows that count (scikit-learn's C is 1 / l2). */
  l2: number
  /** Weight of the lesions' loss against the flag's. */
  lambda: number
  /** How much each value of the training rows counts, [n, 6]; 0: masked, or another fold's. */
  weights: Float32Array
}

export interface FitOptions extends RunOptions {
  hidden: number
  seed: number
  epochs: number
  /** Adam's step; it falls to nought along a cosine. */
  rate: number
  /** Rows whose loss is watched, each replica kept at the epoch where it was lowest; absent: the last epoch. */
  watch?: Rows & { weights: Float32Array }
  /** Where the weights begin, of one replica; absent: afresh. */
  first?: FirstValues
  /** Called every few epochs with the losses of the first replica. */
  onLoss?: (epoch: number, train: number, watch: number | null) => void
}

export interface FittedHeads {
  features: number
  hidden: number
  replicas: number
  parameters: Parameters
  /** Epoch each replica was kept at. */
  keptAt: number[]
  /** Gives back the memory of its parameters. */
  dispose(): void
}

const EVERY = 10

/**
 * Fits all replicas by full-batch Adam on the joint loss; the same seed and rows give the same weights.
 * @throws LesionloopError `fit-diverged`, or the signal's reason.
 */
export async function fitHeads(
  rows: Rows,
  replicas: readonly Replica[],
  options: FitOptions,
): Promise<FittedHeads> {
  const { n } = rows
  const d = rows.x.length / n
  const R = replicas.length
  const shape = { features: d, hidden: options.hidden, replicas: R }
  const parameters = newParameters(shape, options.seed)
  if (options.first) beginAt(parameters, options.first)
  const { penalised, free } = variables(parameters)
  const trained = [...penalised, ...free]
  const scope = tf.tidy(() => {
    const x = tf.tensor2d(rows.x, [n, d])
    return {
      x,
      transposed: tf.transpose(x),
      targets: { values: tf.tensor3d(rows.values, [1, n, HEAD_COUNT]), shares: stacked(replicas, n) },
      ...watched(options.watch, d, replicas),
    }
  })
  // Of each replica's weights, l2 / n each: their gradient is added by hand, which spares a pass over them.
  const decays = tf.tidy(() => {
    const rate = replicas.map(({ l2, weights }) => l2 / Math.max(1, countRows(weights)))
    return penalised.map(variable => tf.keep(perReplica(rate, variable, R)))
  })
  const copyOf = (of: (variable: tf.Variable) => tf.Tensor) =>
    trained.map(variable => tf.tidy(() => tf.variable(of(variable), false) as never) as tf.Variable)
  const [first, second, best] = [copyOf(tf.zerosLike), copyOf(tf.zerosLike), copyOf(tf.clone)]
  const moments = trained.map((_, at) => ({ first: first[at]!, second: second[at]! }))
  const keptAt = new Array<number>(R).fill(options.epochs)
  const lowest = new Array<number>(R).fill(Number.POSITIVE_INFINITY)
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      options.signal?.throwIfAborted()
      const rate = options.rate * 0.5 * (1 + Math.cos((Math.PI * (epoch - 1)) / options.epochs))
      const losses = tf.tidy(() => {
        const outputs = laDnn(parameters, scope.x)
        const byLogits = jointLossGradient(outputs.logits, scope.targets)
        laDnnGradients(parameters, scope.transposed, outputs, byLogits).forEach((raw, at) => {
          const variable = trained[at]!
          const decay = decays[at]
          const gradient = decay ? tf.add(raw, tf.mul(decay, variable)) : raw
          adam(variable, gradient, moments[at]!, rate, epoch)
        })
        return jointLoss(outputs.logits, scope.targets)
      })
      const last = epoch === options.epochs
      if (epoch % EVERY === 0 || epoch === 1 || last) {
        const train = losses.dataSync<'float32'>()
        if (!train.every(Number.isFinite))
          throw new LesionloopError(
            'fit-diverged',
            `fit: epoch ${epoch}: the loss is no longer a number: sound features and a rate below ${options.rate} were expected; use a smaller --rate`,
          )
        const seen = watchLoss()
        options.onLoss?.(epoch, train[0]!, seen ? seen[0]! : null)
        if (seen) {
          const better = Array.from(seen, (loss, r) => loss < lowest[r]! - 1e-7)
          better.forEach((is, r) => {
            if (!is) return
            lowest[r] = seen[r]!
            keptAt[r] = epoch
          })
          keep(better)
        }
        await new Promise(resolve => setImmediate(resolve))
      }
      losses.dispose()
    }
    if (scope.watchX)
      trained.forEach((variable, at) => {
        variable.assign(best[at]!)
      })
    return { ...shape, parameters, keptAt, dispose: () => tf.dispose(trained) }
  } catch (error) {
    tf.dispose(trained)
    throw error
  } finally {
    tf.dispose([scope as never, decays, first, second, best])
  }

  function watchLoss(): Float32Array | null {
    const { watchX, watchTargets } = scope
    if (!watchX || !watchTargets) return null
    return tf.tidy(
      () => new Float32Array(jointLoss(laDnn(parameters, watchX).logits, watchTargets).dataSync()),
    )
  }

  /** Copies the replicas that got better into `best`. */
  function keep(better: readonly boolean[]): void {
    tf.tidy(() => {
      trained.forEach((variable, at) => {
        const chosen = perReplica(better.map(Number), variable, R)
        best[at]!.assign(tf.add(tf.mul(variable, chosen), tf.mul(best[at]!, tf.sub(1, chosen))))
      })
    })
  }
}

/** Puts first values in the place of fresh ones. */
function beginAt(parameters: Parameters, first: FirstValues): void {
  const put = (variable: tf.Variable, values: Float32Array) =>
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)))
  put(parameters.direct, first.direct)
  put(parameters.bias, first.bias)
  if (!parameters.trunk || !first.trunk) return
  put(parameters.trunk.weight, first.trunk.weight)
  put(parameters.trunk.bias, first.trunk.bias)
  put(parameters.trunk.heads, first.trunk.heads)
}

/** Adam (Kingma and Ba 2015), written out: one code for every backend, its state ours to keep. */
function adam(
  variable: tf.Variable,
  gradient: tf.Tensor,
  { first, second }: { first: tf.Variable; second: tf.Variable },
  rate: number,
  step: number,
): void {
  first.assign(tf.add(tf.mul(first, 0.9), tf.mul(gradient, 0.1)))
  second.assign(tf.add(tf.mul(second, 0.999), tf.mul(tf.square(gradient), 0.001)))
  const mean = tf.div(first, 1 - 0.9 ** step)
  const scale = tf.add(tf.sqrt(tf.div(second, 1 - 0.999 ** step)), 1e-8)
  variable.assign(tf.sub(variable, tf.mul(rate, tf.div(mean, scale))))
}

/** A number for each replica, spread to the layout of a variable: [D, R·w], [R·w] or [R, …]. */
function perReplica(values: readonly number[], variable: tf.Tensor, replicas: number): tf.Tensor {
  if (variable.rank === 3) return tf.tensor3d(values as number[], [replicas, 1, 1])
  const width = variable.shape.at(-1)! / replicas
  const spread = tf.tensor1d(values.flatMap(value => new Array<number>(width).fill(value)))
  return variable.rank === 2 ? tf.reshape(spread, [1, replicas * width]) : spread
}

function stacked(replicas: readonly Replica[], n: number): tf.Tensor3D {
  const all = new Float32Array(replicas.length * n * HEAD_COUNT)
  replicas.forEach(({ weights, lambda }, at) => {
    all.set(lossShares(weights, lambda), at * n * HEAD_COUNT)
  })
  return tf.tensor3d(all, [replicas.length, n, HEAD_COUNT])
}

function watched(watch: FitOptions['watch'], d: number, replicas: readonly Replica[]) {
  if (!watch || watch.n === 0 || !watch.weights.some(weight => weight > 0)) return {}
  const same = replicas.map(({ l2, lambda }) => ({ l2, lambda, weights: watch.weights }))
  return {
    watchX: tf.tensor2d(watch.x, [watch.n, d]),
    watchTargets: {
      values: tf.tensor3d(watch.values, [1, watch.n, HEAD_COUNT]),
      shares: stacked(same, watch.n),
    },
  }
}

/** Rows that count for anything. */
function countRows(weights: Float32Array): number {
  let rows = 0
  for (let at = 0; at < weights.length; at += HEAD_COUNT)
    if (weights.subarray(at, at + HEAD_COUNT).some(weight => weight > 0)) rows++
  return rows
}

/** Logits of rows by every replica, [R][n·6]. */
export function headLogits(fitted: FittedHeads, x: Float32Array): Float32Array[] {
  const n = x.length / fitted.features
  if (n === 0) return Array.from({ length: fitted.replicas }, () => new Float32Array(0))
  const flat = tf.tidy(() => {
    const rows = tf.tensor2d(x, [n, fitted.features])
    return laDnn(fitted.parameters, rows).logits.dataSync<'float32'>()
  })
  const each = n * HEAD_COUNT
  return Array.from({ length: fitted.replicas }, (_, at) => flat.slice(at * each, (at + 1) * each))
}
