import { LesionloopError } from '../../data/errors.ts'
import type { Curve } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { groupFolds } from '../../data/splits/folds.ts'
import { chooseThreshold } from '../../data/statistics/confusion.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import {
  calibrated,
  type HeadSetting,
  modelProbabilities,
  type TrainedModel,
} from '../model/trained-model.ts'
import { calibrateHead } from './calibrate-heads.ts'
import { fitHeads, headLogits, type Replica } from './fit-heads.ts'
import { fitScaling, type Scaling, standardise } from './standardise.ts'
import { type HeadTruth, lessonValues, lessonWeights, type TeachingOptions } from './targets.ts'

/** A case as it is learned from: its features, its group, and what it teaches. */
export interface Example {
  features: Float32Array
  group: string
  lesson: HeadTruth[]
}

export interface LearnOptions extends RunOptions {
  teaching: TeachingOptions
  /** Units of the shared trunk; 0: linear heads. */
  hidden: number
  /** Penalties and λ to choose from, out of fold. */
  penalties: readonly number[]
  lambdas: readonly number[]
  folds: number
  epochs: number
  rate: number
  seed: number
}

export const DEFAULT_LEARNING = {
  hidden: 0,
  penalties: [10, 30, 100, 300, 1000],
  lambdas: [0.1, 0.3, 1],
  folds: 5,
  epochs: 150,
  rate: 0.02,
  seed: 1,
} as const

/** One setting and its loss out of fold, in nats a value. */
export interface Tried {
  l2: number
  lambda: number
  flagLoss: number
  lesionLoss: number
}

export interface Learned {
  model: TrainedModel
  /** Calibrated probabilities of each training example by heads that did not see its group, [n·6]. */
  outOfFold: Float64Array
  /** Their logits, before calibration, [n·6]. */
  outOfFoldLogits: Float32Array
  folds: Int32Array
  chosen: Tried
  tried: Tried[]
  keptAt: number
  loss: Curve[]
  warnings: string[]
}

/**
 * Learns LA-DNN's heads from examples outside validation and test. Settings are chosen by the joint loss out of fold;
 * the final heads learn from all examples, kept at the epoch of the lowest validation loss; probabilities are
 * calibrated out of fold; operating points are chosen on validation (out of fold where it has one class only).
 * @param examples also those without any truth: they get out-of-fold predictions like the rest.
 * @throws LesionloopError `nothing-to-learn`, `one-class`, `too-few-groups`, `fit-diverged`.
 */
export async function learn(
  examples: readonly Example[],
  validation: readonly Example[],
  options: LearnOptions,
): Promise<Learned> {
  const warnings: string[] = []
  checkClasses(examples.map(example => example.lesson))
  const width = examples[0]!.features.length
  const folds = foldsOf(examples, options, warnings)
  const k = Math.max(...folds) + 1
  // Those that teach nothing are only predicted: a large pool costs no memory while fitting.
  const taughtAt = examples.flatMap((example, at) =>
    example.lesson.some(one => one.value !== null) ? [at] : [],
  )
  const taught = taughtAt.map(at => examples[at]!)
  const taughtFolds = Int32Array.from(taughtAt, at => folds[at]!)
  const lessons = taught.map(example => example.lesson)
  const constants = HEADS.map((head, at) => baseRate(lessons, at, head, warnings))
  const raw = joined(taught, width)
  const scaling = fitScaling(raw, width)
  const rows = { n: taught.length, x: standardise(raw, scaling), values: lessonValues(lessons) }
  const learnable = withoutConstants(lessons, constants)
  const weights = lessonWeights(learnable, options.teaching)

  const fit = { hidden: options.hidden, seed: options.seed, epochs: options.epochs, rate: options.rate }
  const step = (name: string) => (epoch: number, trainLoss: number, valLoss: number | null) =>
    options.onProgress?.({
      step: name,
      done: epoch,
      total: options.epochs,
      detail: `loss ${trainLoss.toFixed(3)}${valLoss === null ? '' : `, validation ${valLoss.toFixed(3)}`}`,
      ...(name === 'learning'
        ? { point: { epoch, trainLoss, ...(valLoss === null ? {} : { valLoss }) } }
        : {}),
    })
  const passed = options.signal ? { signal: options.signal } : {}

  // All settings and folds at once, side by side.
  const settings = options.penalties.flatMap(l2 => options.lambdas.map(lambda => ({ l2, lambda })))
  const ofFold = Array.from({ length: k }, (_, fold) =>
    without(learnable, taughtFolds, fold, options.teaching),
  )
  const replicas = settings.flatMap(setting =>
    Array.from(
      { length: k },
      (_, fold): Replica => ({
        ...setting,
        weights: ofFold[fold]!,
      }),
    ),
  )
  const many = await fitHeads(rows, replicas, { ...fit, ...passed, onLoss: step('choosing settings') })
  const logits = headLogits(many, rows.x)
  const tried = settings.map((setting, at) => ({
    ...setting,
    ...losses(heldOut(logits, at * k, taughtFolds), rows.values, weights),
  }))
  const best = tried.reduce((low, one, at) => (total(one) < total(tried[low]!) ? at : low), 0)
  const chosen = tried[best]!
  const taughtLogits = heldOut(logits, best * k, taughtFolds)
  const allLogits = new Float32Array(examples.length * HEAD_COUNT)
  taughtAt.forEach((at, row) => {
    allLogits.set(taughtLogits.subarray(row * HEAD_COUNT, (row + 1) * HEAD_COUNT), at * HEAD_COUNT)
  })
  const rest = examples.flatMap((example, at) => (example.lesson.some(one => one.value !== null) ? [] : [at]))
  for (let from = 0; from < rest.length; from += CHUNK) {
    options.signal?.throwIfAborted()
    const part = rest.slice(from, from + CHUNK)
    const x = standardise(
      joined(
        part.map(at => examples[at]!),
        width,
      ),
      scaling,
    )
    const found = heldOut(
      headLogits(many, x),
      best * k,
      Int32Array.from(part, at => folds[at]!),
    )
    part.forEach((at, row) => {
      allLogits.set(found.subarray(row * HEAD_COUNT, (row + 1) * HEAD_COUNT), at * HEAD_COUNT)
    })
  }
  many.dispose()

  const watch = validationRows(validation, width, scaling, constants, options.teaching)
  const train: Curve = { name: 'train', points: [] }
  const val: Curve = { name: 'validation', points: [] }
  const final = await fitHeads(rows, [{ l2: chosen.l2, lambda: chosen.lambda, weights }], {
    ...fit,
    ...passed,
    ...(watch ? { watch } : {}),
    onLoss: (epoch, trainLoss, valLoss) => {
      train.points.push([epoch, trainLoss])
      if (valLoss !== null) val.points.push([epoch, valLoss])
      step('learning')(epoch, trainLoss, valLoss)
    },
  })

  const heads = constants.map((constant, at) => headSetting(constant, at, taughtLogits, lessons, warnings))
  const model: TrainedModel = {
    features: width,
    hidden: options.hidden,
    parameters: final.parameters,
    scaling,
    heads,
  }
  chooseThresholds(model, validation, calibrated(taughtLogits, heads), lessons)
  return {
    model,
    outOfFold: calibrated(allLogits, heads),
    outOfFoldLogits: allLogits,
    folds,
    chosen,
    tried,
    keptAt: final.keptAt[0]!,
    loss: val.points.length > 0 ? [train, val] : [train],
    warnings,
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

/** Features of examples, row after row. */
export function joined(examples: readonly Pick<Example, 'features'>[], width: number): Float32Array {
  const all = new Float32Array(examples.length * width)
  examples.forEach(({ features }, at) => {
    all.set(features, at * width)
  })
  return all
}

function checkClasses(lessons: readonly HeadTruth[][]): void {
  const known = (head: number, value: 0 | 1) => lessons.filter(row => row[head]!.value === value).length
  const all = lessons.reduce((sum, row) => sum + row.filter(one => one.value !== null).length, 0)
  if (all === 0)
    throw new LesionloopError(
      'nothing-to-learn',
      `training: ${lessons.length} cases outside validation and test, none with a label to learn from: mine documents, import a labelled dataset or label cases; leave --only-expert out where it is set`,
    )
  const [negatives, positives] = [known(0, 0), known(0, 1)]
  if (negatives === 0 || positives === 0)
    throw new LesionloopError(
      'one-class',
      `training: the flag has ${positives} positive and ${negatives} negative cases outside validation and test: both were expected; add cases of the other kind`,
      { positives, negatives },
    )
}

/** The base rate of a head that can't be learned; null where it can. */
function baseRate(
  lessons: readonly HeadTruth[][],
  at: number,
  head: string,
  warnings: string[],
): number | null {
  const values = lessons.flatMap(row => row[at]!.value ?? [])
  const positives = values.reduce<number>((sum, value) => sum + value, 0)
  if (positives > 0 && positives < values.length) return null
  warnings.push(
    values.length === 0
      ? `${head}: no label to learn from: the head was not learned`
      : `${head}: ${positives} positive and ${values.length - positives} negative cases to learn from: the head was not learned and answers with its base rate`,
  )
  // Laplace's rule of succession.
  return (positives + 1) / (values.length + 2)
}

function withoutConstants(
  lessons: readonly HeadTruth[][],
  constants: readonly (number | null)[],
): HeadTruth[][] {
  return lessons.map(row =>
    row.map((one, at) => (constants[at] === null ? one : { value: null, source: null })),
  )
}

function foldsOf(examples: readonly Example[], options: LearnOptions, warnings: string[]): Int32Array {
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

function validationRows(
  validation: readonly Example[],
  width: number,
  scaling: Scaling,
  constants: readonly (number | null)[],
  teaching: TeachingOptions,
) {
  if (validation.length === 0) return undefined
  const lessons = withoutConstants(
    validation.map(example => example.lesson),
    constants,
  )
  return {
    n: validation.length,
    x: standardise(joined(validation, width), scaling),
    values: lessonValues(lessons),
    weights: lessonWeights(lessons, teaching),
  }
}

function headSetting(
  constant: number | null,
  at: number,
  logits: Float32Array,
  lessons: readonly HeadTruth[][],
  warnings: string[],
): HeadSetting {
  if (constant !== null) return { constant, calibrator: null, threshold: null }
  const probabilities: number[] = []
  const labels: number[] = []
  lessons.forEach((row, example) => {
    const { value } = row[at]!
    if (value === null) return
    probabilities.push(sigmoid(logits[example * HEAD_COUNT + at]!))
    labels.push(value)
  })
  const { calibrator, blind } = calibrateHead(probabilities, labels)
  if (blind)
    warnings.push(`${HEADS[at]}: no better than chance out of fold: its probabilities are near the base rate`)
  return { constant: null, calibrator, threshold: null }
}

function chooseThresholds(
  model: TrainedModel,
  validation: readonly Example[],
  outOfFold: Float64Array,
  lessons: readonly HeadTruth[][],
): void {
  const onValidation = modelProbabilities(model, joined(validation, model.features))
  const choose = (rows: readonly HeadTruth[][], probabilities: Float64Array, at: number) => {
    const known = rows.flatMap((row, example) => (row[at]!.value === null ? [] : [example]))
    return chooseThreshold(
      known.map(example => probabilities[example * HEAD_COUNT + at]!),
      known.map(example => rows[example]![at]!.value as number),
    )
  }
  model.heads.forEach((setting, at) => {
    if (setting.constant !== null) return
    setting.threshold =
      choose(
        validation.map(example => example.lesson),
        onValidation,
        at,
      ) ?? choose(lessons, outOfFold, at)
  })
}
