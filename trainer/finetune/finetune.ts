import type { RunOptions } from '../../data/records/job.ts'
import { auc } from '../../data/statistics/roc.ts'
import type { FileOperations } from '../../data/workspace/files.ts'
import type { Preprocessing } from '../backbones/backbone.ts'
import { baseRates } from '../fit/learnable-heads.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { lossOf, smoothed, tableRows } from '../model/losses/loss-table.ts'
import { LOSSES } from '../model/losses/losses.ts'
import type { HeadSetting } from '../model/trained-model.ts'
import { begin, copies, identity, release } from './beginning.ts'
import { diverged } from './diverged.ts'
import { learnEpoch } from './epoch.ts'
import { EventLog } from './event-log.ts'
import { checkedData, type FinetuneData } from './examples.ts'
import type { EpochRecord } from './history.ts'
import { judge } from './judge.ts'
import { type FinetuneBackbone, withSize } from './network.ts'
import { firstOpen } from './open-stages.ts'
import type { Tensors } from './optimizer.ts'
import type { FinetuneOptions } from './options.ts'
import { Pace } from './pace.ts'
import { guardDisk, openRunFolder, type RunFolder, type RunProgress } from './run-folder.ts'
import { settingsOnValidation } from './settings.ts'

export interface FinetuneRun extends RunOptions {
  /** Where the run's state lies; the same call on the same folder goes on where it was stopped. */
  folder: string
  files?: FileOperations
}

export interface Finetuned {
  /** Parameters of backbone and heads in the layout of tfjs; the caller gives them back. */
  parameters: Tensors
  preprocessing: Preprocessing
  history: EpochRecord[]
  /** The epoch whose parameters these are. */
  keptAt: number
  /** Calibration and operating points, chosen on validation, in the order of `HEADS`. */
  heads: HeadSetting[]
  /** Logits before calibration, by image id: validation and `judged`. */
  logits: Map<string, Float32Array>
  warnings: string[]
  leftOut: { id: string; why: string }[]
}

/**
 * Fine-tunes a backbone with LA-DNN's two heads on pictures. After each epoch the whole state is on the disk: a run that
 * was killed and is called again goes on from there and ends with the same bytes (on the same backend). Validation
 * decides when to stop and what to keep, calibrates and sets the operating points; `judged` pictures are only scored.
 * @throws LesionloopError `nothing-to-learn`, `one-class`, `fit-diverged`, `out-of-memory`, `disk-full`, `run-other`,
 * or the signal's reason; in each case the folder holds the state of the last whole epoch.
 */
export async function finetune(
  data: FinetuneData,
  backbone: FinetuneBackbone,
  options: FinetuneOptions,
  run: FinetuneRun,
): Promise<Finetuned> {
  const warnings: string[] = []
  const { train, validation, judged } = checkedData(data, warnings)
  const loss = LOSSES[options.loss]
  const tableOf = (of: typeof train) =>
    loss.table(
      of.map(example => example.lesson),
      { lambda: options.lambda, ...(data.teaching ? { teaching: data.teaching } : {}) },
    )
  const table = smoothed(tableOf(train), options.smoothing)
  const watched = tableOf(validation)
  const folder = await openRunFolder(
    run.folder,
    identity(train, validation, backbone, options, data.teaching),
    run.files,
  )
  const resumed = await folder.resume()
  const learning = resumed?.learning ?? begin(backbone, options)
  const progress: RunProgress = resumed?.progress ?? { epoch: 0, history: [], best: null, leftOut: [] }
  const testing = withSize(backbone.preprocessing, options.testSize)
  const pace = new Pace(options.epochs - progress.epoch, run.onProgress)
  const curves = new EventLog(run.folder, run.files)
  try {
    while (progress.epoch < options.epochs && !isOver(progress, options)) {
      const epoch = progress.epoch + 1
      const record = await oneEpoch(epoch)
      progress.history.push(record)
      progress.epoch = epoch
      if (options.keep === 'best' && isBest(record, progress))
        await folder.keep(learning.average ?? learning.parameters, epoch)
      if (isBest(record, progress)) progress.best = { epoch, loss: record.valLoss! }
      await folder.save(learning, progress)
      await guardDisk(run.folder, () => curves.epoch(record, pace))
      pace.epochDone(record, options.epochs)
    }
    return await finish(folder)
  } finally {
    release(learning)
  }

  async function oneEpoch(epoch: number): Promise<EpochRecord> {
    const learned = await learnEpoch({ train, table, backbone, learning, options, epoch, pace, run })
    leaveOut(learned.leftOut)
    const record: EpochRecord = {
      epoch,
      trainLoss: learned.loss,
      rate: learned.rate,
      open: backbone.trainable.stages.length - firstOpen(backbone.trainable.stages.length, options, epoch),
      images: learned.images,
    }
    const before = progress.history[0]?.trainLoss ?? record.trainLoss
    if (record.trainLoss > 10 * before + 10)
      throw diverged(epoch, `the loss rose to ${record.trainLoss.toFixed(1)}`, progress.epoch)
    return validation.length === 0 ? record : { ...record, ...(await watch(epoch)) }
  }

  async function watch(epoch: number) {
    const { logits, leftOut } = await judge(
      backbone.trainable,
      learning.average ?? learning.parameters,
      validation,
      testing,
      {
        ...judging(),
        tta: 'none',
        onBatch: (done, total) => pace.watching(epoch, options.epochs, done, total),
      },
    )
    leaveOut(leftOut)
    const known = validation.flatMap((_, at) => (Number.isNaN(logits[at * HEAD_COUNT]!) ? [] : [at]))
    const rows = rowsOf(logits, known)
    const { total, flag, lesions } = lossOf(rows, tableRows(watched, known))
    const flags = known.filter(at => validation[at]!.lesson[0]!.value !== null)
    const valAuc = auc(
      flags.map(at => logits[at * HEAD_COUNT]!),
      flags.map(at => validation[at]!.lesson[0]!.value as number),
    )
    return { valLoss: total, valFlagLoss: flag, valLesionLoss: lesions, valAuc }
  }

  async function finish({ kept }: RunFolder): Promise<Finetuned> {
    const keptAt = options.keep === 'best' && progress.best ? progress.best.epoch : progress.epoch
    const parameters =
      keptAt === progress.epoch ? copies(learning.average ?? learning.parameters) : await kept(keptAt)
    const items = [...new Map([...validation, ...judged].map(item => [item.id, item])).values()]
    const { logits, leftOut } = await judge(backbone.trainable, parameters, items, testing, {
      ...judging(),
      tta: options.tta,
      onBatch: (done, total) => pace.judging(done, total),
    })
    leaveOut(leftOut)
    const byId = new Map(
      items.flatMap(({ id }, at) => {
        const row = logits.slice(at * HEAD_COUNT, (at + 1) * HEAD_COUNT)
        return Number.isNaN(row[0]!) ? [] : [[id, row] as const]
      }),
    )
    const constants = baseRates(
      train.map(({ lesson }) =>
        lesson.map((one, head) => (head > 0 && !loss.lesions ? { value: null, source: null } : one)),
      ),
      warnings,
    )
    const onValidation = rowsOf(
      logits,
      validation.map(({ id }) => items.findIndex(item => item.id === id)),
    )
    const heads = settingsOnValidation(
      constants,
      onValidation,
      validation.map(example => example.lesson),
      warnings,
    )
    if (progress.leftOut.length > 0)
      warnings.push(
        `${progress.leftOut.length} pictures could not be decoded and were left out: ${progress.leftOut
          .slice(0, 5)
          .map(one => one.id)
          .join(', ')}`,
      )
    return {
      parameters,
      preprocessing: testing,
      history: progress.history,
      keptAt,
      heads,
      logits: byId,
      warnings,
      leftOut: progress.leftOut,
    }
  }

  function judging() {
    const { batch, workers } = options
    return { batch: Math.max(batch, 16), workers, ...(run.signal ? { signal: run.signal } : {}) }
  }

  /** Each picture is told of once, however often it comes up. */
  function leaveOut(found: readonly { id: string; why: string }[]): void {
    for (const one of found) {
      if (progress.leftOut.some(({ id }) => id === one.id)) continue
      progress.leftOut.push(one)
      run.onProgress?.({
        step: 'learning',
        done: progress.leftOut.length,
        total: null,
        problem: {
          item: one.id,
          code: 'image-undecodable',
          message: `image: ${one.id}: left out: ${one.why}`,
        },
      })
    }
  }
}

const isBest = ({ valLoss }: EpochRecord, { best }: RunProgress) =>
  valLoss !== undefined && (best === null || valLoss < best.loss)

/** Whether validation has not become better for `patience` epochs. */
function isOver({ epoch, best }: RunProgress, { patience }: FinetuneOptions): boolean {
  return patience > 0 && best !== null && epoch - best.epoch >= patience
}

function rowsOf(logits: Float32Array, rows: readonly number[]): Float32Array {
  const part = new Float32Array(rows.length * HEAD_COUNT)
  rows.forEach((at, row) => {
    part.set(logits.subarray(at * HEAD_COUNT, (at + 1) * HEAD_COUNT), row * HEAD_COUNT)
  })
  return part
}
