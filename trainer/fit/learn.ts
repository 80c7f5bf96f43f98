import type { Curve } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { FoldHeads } from '../model/fold-heads.ts'
import { calibrated, type TrainedModel } from '../model/trained-model.ts'
import { type Example, joined } from './example.ts'
import { fitHeads } from './fit-heads.ts'
import { baseRates, checkClasses, withoutConstants } from './learnable-heads.ts'
import { chooseThresholds, headSettings } from './operating-points.ts'
import { chooseOutOfFold, foldsOf, type Tried } from './out-of-fold.ts'
import { fitScaling, type Scaling, standardise } from './standardise.ts'
import { lessonValues, lessonWeights, type TeachingOptions } from './targets.ts'
import { carriedOver } from './warm-start.ts'

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
  /** Trained heads the final ones start from; absent: afresh. Those out of fold always start afresh. */
  from?: TrainedModel
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

export interface Learned {
  model: TrainedModel
  /** Calibrated probabilities of each training example by heads that did not see its group, [n·6]. */
  outOfFold: Float64Array
  /** Their logits, before calibration, [n·6]. */
  outOfFoldLogits: Float32Array
  folds: Int32Array
  /** The heads that each left out one fold. */
  foldHeads: FoldHeads
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
  const at = examples.flatMap((example, place) =>
    example.lesson.some(one => one.value !== null) ? [place] : [],
  )
  const taught = at.map(place => examples[place]!)
  const constants = baseRates(
    taught.map(example => example.lesson),
    warnings,
  )
  const scaling = fitScaling(joined(taught, width), width)
  const rows = rowsOf(taught, constants, scaling, options.teaching)
  const { lessons, weights } = rows

  const { hidden, seed, epochs, rate, signal, penalties, lambdas, teaching } = options
  const fit = { hidden, seed, epochs, rate, ...(signal ? { signal } : {}) }
  const tell = progressOf(options)
  const found = await chooseOutOfFold(examples, folds, { at, rows, lessons, weights }, scaling, {
    ...fit,
    penalties,
    lambdas,
    teaching,
    onLoss: tell('choosing settings'),
  })

  const train: Curve = { name: 'train', points: [] }
  const val: Curve = { name: 'validation', points: [] }
  const { l2, lambda } = found.chosen
  const final = await fitHeads(rows, [{ l2, lambda, weights }], {
    ...fit,
    ...(options.from ? { first: carriedOver(options.from, scaling, hidden) } : {}),
    ...(validation.length > 0 ? { watch: rowsOf(validation, constants, scaling, teaching) } : {}),
    onLoss: (epoch, trainLoss, valLoss) => {
      train.points.push([epoch, trainLoss])
      if (valLoss !== null) val.points.push([epoch, valLoss])
      tell('learning')(epoch, trainLoss, valLoss)
    },
  })

  const heads = headSettings(constants, found.taughtLogits, lessons, warnings)
  const model: TrainedModel = { features: width, hidden, parameters: final.parameters, scaling, heads }
  chooseThresholds(model, validation, calibrated(found.taughtLogits, heads), lessons)
  return {
    model,
    outOfFold: calibrated(found.logits, heads),
    outOfFoldLogits: found.logits,
    folds,
    foldHeads: found.heads,
    chosen: found.chosen,
    tried: found.tried,
    keptAt: final.keptAt[0]!,
    loss: val.points.length > 0 ? [train, val] : [train],
    warnings,
  }
}

/** Examples as rows to fit or to watch: heads that can't be learned are masked. */
function rowsOf(
  examples: readonly Example[],
  constants: readonly (number | null)[],
  scaling: Scaling,
  teaching: TeachingOptions,
) {
  const lessons = withoutConstants(
    examples.map(example => example.lesson),
    constants,
  )
  return {
    n: examples.length,
    x: standardise(joined(examples, scaling.mean.length), scaling),
    values: lessonValues(lessons),
    weights: lessonWeights(lessons, teaching),
    lessons,
  }
}

/** Losses as progress; those of the final heads also as points for live curves. */
const progressOf =
  ({ onProgress, epochs }: LearnOptions) =>
  (step: 'choosing settings' | 'learning') =>
  (epoch: number, trainLoss: number, valLoss: number | null) =>
    onProgress?.({
      step,
      done: epoch,
      total: epochs,
      detail: `loss ${trainLoss.toFixed(3)}${valLoss === null ? '' : `, validation ${valLoss.toFixed(3)}`}`,
      ...(step === 'learning'
        ? { point: { epoch, trainLoss, ...(valLoss === null ? {} : { valLoss }) } }
        : {}),
    })
