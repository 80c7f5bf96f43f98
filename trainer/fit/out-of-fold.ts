import { LesionloopError } from '../../data/errors.ts'
import { groupFolds } from '../../data/splits/folds.ts'
import { type FoldHeads, foldHeadsOf } from '../model/fold-heads.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { type Example, joined } from './example.ts'
import { type FitOptions, fitHeads, headLogits, type Replica, type Rows } from './fit-heads.ts'
import { type Scaling, standardise } from './standardise.ts'
import { type HeadTruth, lessonWeights, type TeachingOptions } from './targets.ts'

/** One setting and its loss out of fold, in nats a value. */
export interface Tried {
  l2: number
  lambda: number
  flagLoss: number
  lesionLoss: number
}

export interface OutOfFold {
  chosen: Tried
  tried: Tried[]
  /** Logits of every example by the heads that did not see its fold, [n·6], and of the taught ones alone. */
  logits: Float32Array
  taughtLogits: Float32Array
  /** The heads of the chosen setting, one set a fold. */
  heads: FoldHeads
}

/** The examples that teach, as rows; `at` is their place among all examples. */
export interface Taught {
  at: readonly number[]
  rows: Rows
  lessons: readonly HeadTruth[][]
  weights: Float32Array
}

/**
 * Fits all settings and folds side by side, takes the setting with the lowest joint loss out of fold, and gives the
 * logits of every example by the heads that did not see its fold. Those that teach nothing are only predicted: a
 * large pool costs no memory while fitting.
 */
export async function chooseOutOfFold(
  examples: readonly Example[],
  folds: Int32Array,
  taught: Taught,
  scaling: Scaling,
  {
    penalties,
    lambdas,
    teaching,
    ...fit
  }: FitOptions & { penalties: readonly number[]; lambdas: readonly number[]; teaching: TeachingOptions },
): Promise<OutOfFold> {
  const k = Math.max(...folds) + 1
  const width = scaling.mean.length
  const taughtFolds = Int32Array.from(taught.at, at => folds[at]!)
  const settings = penalties.flatMap(l2 => lambdas.map(lambda => ({ l2, lambda })))
  const ofFold = Array.from({ length: k }, (_, fold) => without(taught.lessons, taughtFolds, fold, teaching))
  const replicas = settings.flatMap(setting => ofFold.map((weights): Replica => ({ ...setting, weights })))
  const fitted = await fitHeads(taught.rows, replicas, fit)
  try {
    const all = headLogits(fitted, taught.rows.x)
    const tried = settings.map((setting, at) => ({
      ...setting,
      ...losses(heldOut(all, at * k, taughtFolds), taught.rows.values, taught.weights),
    }))
    const best = tried.reduce((low, one, at) => (total(one) < total(tried[low]!) ? at : low), 0)
    const taughtLogits = heldOut(all, best * k, taughtFolds)
    const logits = new Float32Array(examples.length * HEAD_COUNT)
    const put = (places: readonly number[], rows: Float32Array) =>
      places.forEach((at, row) => {
        logits.set(rows.subarray(row * HEAD_COUNT, (row + 1) * HEAD_COUNT), at * HEAD_COUNT)
      })
    put(taught.at, taughtLogits)
    const teaches = new Set(taught.at)
    const rest = examples.map((_, at) => at).filter(at => !teaches.has(at))
    for (let from = 0; from < rest.length; from += CHUNK) {
      fit.signal?.throwIfAborted()
      const part = rest.slice(from, from + CHUNK)
      const x = joined(
        part.map(at => examples[at]!),
        width,
      )
      const partFolds = Int32Array.from(part, at => folds[at]!)
      put(part, heldOut(headLogits(fitted, standardise(x, scaling)), best * k, partFolds))
    }
    return { chosen: tried[best]!, tried, logits, taughtLogits, heads: foldHeadsOf(fitted, best * k, k) }
  } finally {
    fitted.dispose()
  }
}

/** Rows predicted at a time, of those that teach nothing. */
const CHUNK = 2000

/** Of each row the logits by the network that did not see its fold; `first` is the network of fold 0. */
function heldOut(logits: readonly Float32Array[], first: number, folds: Int32Array): Float32Array {
  const all = new Float32Array(folds.length * HEAD_COUNT)
  for (let at = 0; at < all.length; at++) all[at] = logits[first + folds[Math.floor(at / HEAD_COUNT)]!]![at]!
  return all
}

const total = ({ flagLoss, lesionLoss }: Tried) => flagLoss + lesionLoss

/**
 * The fold of each example, groups kept together, labels spread evenly; fewer folds where there are fewer groups.
 * @throws LesionloopError `too-few-groups`.
 */
export function foldsOf(
  examples: readonly Example[],
  options: { folds: number; seed: number },
  warnings: string[],
): Int32Array {
  const groups = examples.map(example => example.group)
  const distinct = new Set(groups).size
  if (distinct < 2)
    throw new LesionloopError(
      'too-few-groups',
      `training: all cases come from one patient or document: at least 2 were expected; mine or import more`,
    )
  const k = Math.min(options.folds, distinct)
  if (k < options.folds)
    warnings.push(`${distinct} patients or documents: ${k} folds instead of ${options.folds}`)
  return groupFolds(
    groups,
    examples.map(example => example.lesson.map(one => one.value)),
    k,
    options.seed,
  )
}

/**
 * Weights without one fold. Classes are balanced anew: left as they were, a fold with many positives would lower the
 * base rate of the heads that judge it, and pooled out-of-fold scores would fall below chance.
 */
function without(
  lessons: readonly HeadTruth[][],
  folds: Int32Array,
  fold: number,
  teaching: TeachingOptions,
): Float32Array {
  const masked: HeadTruth = { value: null, source: null }
  return lessonWeights(
    lessons.map((row, at) => (folds[at] === fold ? row.map(() => masked) : row)),
    teaching,
  )
}

/** Weighted cross-entropy of the flag and of the lesions. */
function losses(logits: Float32Array, values: Float32Array, weights: Float32Array) {
  const sums = { flag: 0, lesion: 0 }
  const counts = { flag: 0, lesion: 0 }
  logits.forEach((z, at) => {
    const part = at % HEAD_COUNT === 0 ? 'flag' : 'lesion'
    const weight = weights[at]!
    sums[part] += weight * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - values[at]! * z)
    counts[part] += weight
  })
  return {
    flagLoss: counts.flag > 0 ? sums.flag / counts.flag : 0,
    lesionLoss: counts.lesion > 0 ? sums.lesion / counts.lesion : 0,
  }
}
