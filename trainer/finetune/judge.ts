import * as tf from '@tensorflow/tfjs-core'
import type { Parameters, Preprocessing, Trainable } from '../backbones/backbone.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { EVALUATION } from '../ops/mode.ts'
import { openBatches, type PictureItem } from '../pictures/batches.ts'
import { testTimeViews } from '../pictures/views.ts'
import { networkLogits } from './network.ts'
import type { FinetuneOptions } from './options.ts'

/** Views of each way of test-time augmentation. */
export const VIEWS = { none: 1, flip: 2, 'flip-crops': 12 } as const

export interface Judged {
  /** Mean logits over the views, [n·6]; rows of pictures left out are NaN. */
  logits: Float32Array
  leftOut: { id: string; why: string }[]
}

export interface JudgeOptions {
  batch: number
  workers: number
  tta: FinetuneOptions['tta']
  signal?: AbortSignal
  /** Called after each batch with the pictures judged, counted over all views. */
  onBatch?: (done: number, total: number) => void
}

/**
 * Logits of pictures by a network as it stands, the mean over the views of test-time augmentation (Krizhevsky et al.
 * 2012). A picture that doesn't decode is left out and named.
 */
export async function judge(
  network: Pick<Trainable, 'maps'>,
  parameters: Parameters,
  items: readonly PictureItem[],
  preprocessing: Preprocessing,
  { batch, workers, tta, signal, onBatch }: JudgeOptions,
): Promise<Judged> {
  const { size, mean } = preprocessing
  const logits = new Float32Array(items.length * HEAD_COUNT)
  const leftOut = new Map<string, string>()
  const order = Int32Array.from(items, (_, at) => at)
  const views = testTimeViews(VIEWS[tta])
  let done = 0
  for (const view of views) {
    const batches = openBatches({
      items,
      order,
      batch,
      augment: null,
      view,
      preprocessing,
      seed: 0,
      epoch: 0,
      workers,
      ...(signal ? { signal } : {}),
    })
    for await (const { rows, x, leftOut: bad } of batches) {
      for (const { id, why } of bad) leftOut.set(id, why)
      if (rows.length > 0) {
        const found = tf.tidy(() =>
          networkLogits(
            network,
            parameters,
            tf.tensor4d(x, [rows.length, size, size, mean.length]),
            EVALUATION,
          ).dataSync<'float32'>(),
        )
        rows.forEach((place, row) => {
          for (let head = 0; head < HEAD_COUNT; head++)
            logits[place * HEAD_COUNT + head]! += found[row * HEAD_COUNT + head]! / views.length
        })
      }
      done += rows.length + bad.length
      onBatch?.(done, items.length * views.length)
      // Lets signals and messages in: the kernels themselves never wait.
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  items.forEach(({ id }, at) => {
    if (leftOut.has(id)) logits.fill(Number.NaN, at * HEAD_COUNT, (at + 1) * HEAD_COUNT)
  })
  return { logits, leftOut: [...leftOut].map(([id, why]) => ({ id, why })) }
}
