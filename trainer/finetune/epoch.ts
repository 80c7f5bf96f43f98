import * as tf from '@tensorflow/tfjs-core'
import type { RunOptions } from '../../data/records/job.ts'
import { seededRandom } from '../../data/statistics/random.ts'
import { type LossTable, mixedTable, tableRows } from '../model/losses/loss-table.ts'
import { LOSSES } from '../model/losses/losses.ts'
import { openBatches } from '../pictures/batches.ts'
import { diverged } from './diverged.ts'
import type { FinetuneExample } from './examples.ts'
import { fittingBatch, isOutOfMemory, outOfMemory } from './memory.ts'
import { drawShare, mixInputs } from './mixup.ts'
import { type FinetuneBackbone, withSize } from './network.ts'
import type { FinetuneOptions } from './options.ts'
import type { Pace } from './pace.ts'
import { rateShare } from './schedule.ts'
import { type Learning, learningNames, trainingStep } from './training-step.ts'

/** Steps of an epoch: whole batches, the rest comes up in another epoch; one step where there is less than a batch. */
export const stepsInEpoch = (examples: number, batch: number) => Math.max(1, Math.floor(examples / batch))

export interface EpochInput {
  train: readonly FinetuneExample[]
  table: LossTable
  backbone: FinetuneBackbone
  learning: Learning
  options: FinetuneOptions
  epoch: number
  pace: Pace
  run: RunOptions
}

/**
 * One epoch over the training pictures in an order of its own. Everything drawn depends on the seed and the epoch only,
 * so that an epoch done again gives the same.
 * @throws LesionloopError `fit-diverged`, `out-of-memory`, or the signal's reason.
 */
export async function learnEpoch(input: EpochInput) {
  const { train, table, backbone, learning, options, epoch, pace, run } = input
  const { trainable } = backbone
  const preprocessing = withSize(backbone.preprocessing, options.trainSize)
  const { size, mean } = preprocessing
  const steps = stepsInEpoch(train.length, options.batch)
  const total = steps * options.epochs
  const random = seededRandom(`${options.seed}/epoch/${epoch}`)
  const order = Int32Array.from(
    random
      .fork('order')
      .shuffle(train.map((_, at) => at))
      .slice(0, steps * options.batch),
  )
  const mixing = random.fork('mixup')
  const names = learningNames(
    trainable,
    learning.parameters.keys(),
    options,
    epoch,
    LOSSES[options.loss].lesions,
  )
  const leftOut: { id: string; why: string }[] = []
  let [sum, images, step, rate] = [0, 0, 0, 0]
  let before = performance.now()
  const batches = openBatches({
    items: train,
    order,
    batch: options.batch,
    augment: options.augment,
    preprocessing,
    seed: options.seed,
    epoch,
    workers: options.workers,
    ...(run.signal ? { signal: run.signal } : {}),
  })
  for await (const { rows, x, leftOut: bad, waitedMs } of batches) {
    leftOut.push(...bad)
    rate = rateShare(options, (epoch - 1) * steps + step++, total)
    if (rows.length > 0) {
      const plain = tableRows(table, rows)
      const share = options.mixup > 0 ? drawShare(mixing, options.mixup) : 1
      const partners = Int32Array.from(rows, (_, row) => rows.length - 1 - row)
      const mixed = share < 1 ? mixedTable(plain, tableRows(plain, partners), share) : plain
      if (share < 1) mixInputs(x, partners, share)
      const { loss, norm } = await guardMemory(x, rows.length, mixed)
      if (!Number.isFinite(loss) || !Number.isFinite(norm))
        throw diverged(epoch, `step ${step}: loss ${loss}, gradient norm ${norm}`, epoch - 1)
      sum += loss * rows.length
      images += rows.length
      const now = performance.now()
      pace.step(epoch, options.epochs, Math.min(order.length, step * options.batch), order.length, {
        loss,
        images: rows.length,
        ms: now - before,
        waitedMs,
      })
      before = now
    }
    // Lets signals and messages in: the kernels themselves never wait.
    await new Promise(resolve => setImmediate(resolve))
  }
  return { loss: images === 0 ? 0 : sum / images, rate, images, leftOut }

  function take(x: Float32Array, rows: number, wanted: LossTable) {
    const tensor = tf.tensor4d(x, [rows, size, size, mean.length])
    try {
      return trainingStep(trainable, learning, names, { input: tensor, table: wanted, rate }, options)
    } finally {
      tensor.dispose()
    }
  }

  /** A step; where memory ends it is found out which batch would fit, and said. */
  async function guardMemory(x: Float32Array, rows: number, wanted: LossTable) {
    try {
      return take(x, rows, wanted)
    } catch (error) {
      if (!isOutOfMemory(error)) throw error
      // Nothing of the trial is kept: the state on the disk is that of the last whole epoch.
      const fits = await fittingBatch(rows, batch => {
        const first = Int32Array.from({ length: batch }, (_, at) => at)
        take(x.slice(0, batch * (x.length / rows)), batch, tableRows(wanted, first))
      })
      throw outOfMemory(rows, fits, size, error)
    }
  }
}
