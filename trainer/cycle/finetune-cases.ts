import type { Curve, CycleMetrics } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { logit } from '../../data/statistics/logit.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { bringPictures } from '../../data/workspace/picture-at.ts'
import { loadTrainable } from '../backbones/load.ts'
import type { FinetuneData } from '../finetune/examples.ts'
import type { Finetuned } from '../finetune/finetune.ts'
import type { FinetuneOptions } from '../finetune/options.ts'
import { resumeOrBegin } from '../finetune/resume-or-begin.ts'
import type { TeachingOptions } from '../fit/targets.ts'
import type { MapModel } from '../gradcam/heat-map.ts'
import { networkMaps } from '../gradcam/network-maps.ts'
import { encodeNetwork, networkParameters, readNetwork } from '../model/network-checkpoint.ts'
import { calibrated, type HeadSetting } from '../model/trained-model.ts'
import type { CorpusCase } from './corpus.ts'
import { measureCycle } from './metrics.ts'
import type { Scored } from './predict.ts'

export interface FinetunedCases {
  checkpoint: Uint8Array
  maps: MapModel
  heads: HeadSetting[]
  /** All cases: validation and test by the fine-tuned network, the rest as the frozen heads of other folds said. */
  scored: Scored[]
  loss: Curve[]
  /** Of the flag on validation, over the epochs. */
  auc: Curve[]
  keptAt: number
  warnings: string[]
}

/** What the record of a cycle says of where its scores come from. */
export const SCORED_BY = {
  validationAndTest: 'the fine-tuned network',
  outOfFoldAndPool: 'heads on frozen features of the same weights, each case by a fold that did not see it',
} as const

/**
 * Fine-tunes a network on the cases that teach and scores validation and test by it. The pool keeps its out-of-fold
 * scores by frozen heads: a network fine-tuned once for each fold would cost as many times the time.
 * @param folder where the run's state lies; the same cases and options go on there.
 * @throws LesionloopError as `finetune` does.
 */
export async function finetuneCases(
  workspace: Workspace,
  cases: readonly CorpusCase[],
  frozen: readonly Scored[],
  how: {
    backbone: string
    init: string | null
    options: FinetuneOptions
    teaching: TeachingOptions
    folder: string
    /** The checkpoint to start from; absent: the backbone's weights and fresh heads. */
    from?: { checkpoint: string; sha256: string }
  },
  run: RunOptions,
): Promise<FinetunedCases> {
  const backbone = await loadTrainable(how.backbone, {
    ...run,
    ...(how.init === null ? {} : { init: how.init }),
  })
  // Held: every epoch reads them again.
  const brought = await bringPictures(
    workspace,
    cases.map(({ state }) => state.imageFile),
    run.signal,
  )
  const warm = how.from ? networkParameters(await readNetwork(how.from.checkpoint)) : null
  try {
    const item = ({ state, lesson }: CorpusCase) => ({
      id: state.image,
      path: workspace.paths.image(state.imageFile),
      lesson,
    })
    const side = (name: CorpusCase['side']) => cases.filter(one => one.side === name).map(item)
    const data: FinetuneData = {
      train: side('train'),
      validation: side('val'),
      judged: [...side('val'), ...side('test')],
      teaching: how.teaching,
    }
    const begun =
      warm && how.from
        ? {
            ...backbone,
            parameters: new Map([...backbone.parameters, ...warm]),
            // A run begun elsewhere is another run: its state must not be gone on with.
            weightsSha256: `${backbone.weightsSha256}, from ${how.from.sha256}`,
          }
        : backbone
    const tuned = await resumeOrBegin(data, begun, how.options, {
      ...run,
      folder: how.folder,
      files: workspace.files,
    })
    const { options } = how
    const checkpoint = encodeNetwork(tuned.parameters, {
      backbone: how.backbone,
      weights: backbone.weightsName,
      weightsSha256: backbone.weightsSha256,
      preprocessing: tuned.preprocessing,
      loss: options.loss,
      lambda: options.lambda,
      heads: tuned.heads,
      options: { ...options },
    })
    return {
      checkpoint,
      maps: networkMaps({ trainable: backbone.trainable, ...tuned }),
      heads: tuned.heads,
      scored: frozen.flatMap(one => (one.fold === null ? byNetwork(one.case, tuned) : [one])),
      ...learningCurves(tuned),
      keptAt: tuned.keptAt,
      warnings: tuned.warnings,
    }
  } finally {
    await brought.release()
    for (const tensor of [...backbone.parameters.values(), ...(warm?.values() ?? [])]) tensor.dispose()
  }
}

/** A case as the network scores it; none where its picture was left out. */
function byNetwork(one: CorpusCase, { logits: byId, heads }: Finetuned): Scored[] {
  const logits = byId.get(one.state.image)
  if (!logits) return []
  return [{ case: one, fold: null, logits: [...logits], probabilities: [...calibrated(logits, heads)] }]
}

function learningCurves({ history }: Finetuned): Pick<FinetunedCases, 'loss' | 'auc'> {
  const curve = (name: string, of: (one: Finetuned['history'][number]) => number | null | undefined) => {
    const points = history.flatMap((one): [number, number][] => {
      const value = of(one)
      return typeof value === 'number' ? [[one.epoch, value]] : []
    })
    return points.length > 0 ? [{ name, points }] : []
  }
  return {
    loss: [...curve('train', one => one.trainLoss), ...curve('validation', one => one.valLoss)],
    auc: curve('validation', one => one.valAuc),
  }
}

/**
 * Measures with the operating points of whoever scored: validation and test by the network's, out of fold by the frozen
 * heads'.
 */
export function measureBoth(
  tuned: Pick<FinetunedCases, 'scored' | 'heads'>,
  frozenHeads: readonly HeadSetting[],
  bootstrap: { samples: number; seed: number },
): Omit<CycleMetrics, 'warnings'> {
  const byNetwork = measureCycle(tuned.scored, tuned.heads, bootstrap)
  const outside = measureCycle(
    tuned.scored.filter(one => one.fold !== null),
    frozenHeads,
    bootstrap,
  )
  const withOof = <T>(network: Partial<Record<string, T>>, frozen: Partial<Record<string, T>>) => ({
    ...network,
    ...(frozen['oof'] === undefined ? {} : { oof: frozen['oof'] }),
  })
  const notOof = <T extends { side: string }>(
    rows: readonly T[] | undefined,
    frozen: readonly T[] | undefined,
  ) => [
    ...(rows ?? []).filter(row => row.side !== 'oof'),
    ...(frozen ?? []).filter(row => row.side === 'oof'),
  ]
  return {
    ...byNetwork,
    flag: withOof(byNetwork.flag, outside.flag),
    lesions: withOof(byNetwork.lesions, outside.lesions),
    bySource: notOof(byNetwork.bySource, outside.bySource),
    calibration: notOof(byNetwork.calibration, outside.calibration),
    confusion: notOof(byNetwork.confusion, outside.confusion),
  }
}

/**
 * The same cases with calibrated logits: those of the network and of the frozen heads are then of one scale, and may
 * stand in one column beside the shortcut.
 */
export const onOneScale = (scored: readonly Scored[]): Scored[] =>
  scored.map(one => ({ ...one, logits: one.probabilities.map(probability => logit(probability, 1e-6)) }))
