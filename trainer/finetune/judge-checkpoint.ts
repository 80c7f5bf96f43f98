import type { RunOptions } from '../../data/records/job.ts'
import type { Preprocessing } from '../backbones/backbone.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { networkParameters, type ReadNetwork } from '../model/network-checkpoint.ts'
import { calibrated } from '../model/trained-model.ts'
import type { PictureItem } from '../pictures/batches.ts'
import { judge } from './judge.ts'
import { finetuneOptions } from './options.ts'

export interface JudgedByCheckpoint {
  /** By the picture's id, in the order of `HEADS`; pictures left out are not in it. */
  rows: Map<string, { logits: number[]; probabilities: number[] }>
  leftOut: { id: string; why: string }[]
}

/** Scores pictures by a fine-tuned network read from its checkpoint, over the views it was judged by. */
export async function judgeByCheckpoint(
  read: ReadNetwork,
  items: readonly PictureItem[],
  { signal, onProgress, batch = 16, workers = 0 }: RunOptions & { batch?: number; workers?: number } = {},
): Promise<JudgedByCheckpoint> {
  const parameters = networkParameters(read)
  const tta = finetuneOptions.shape.tta.safeParse(read.configuration.options?.['tta'])
  try {
    const { logits, leftOut } = await judge(
      read.backbone.trainable!,
      parameters,
      items,
      read.configuration.preprocessing as Preprocessing,
      {
        batch,
        workers,
        tta: tta.success ? tta.data : 'none',
        ...(signal ? { signal } : {}),
        onBatch: (done, total) => onProgress?.({ step: 'scoring pictures', done, total }),
      },
    )
    const probabilities = calibrated(logits, read.heads)
    const part = (all: ArrayLike<number>, at: number) =>
      Array.from({ length: HEAD_COUNT }, (_, head) => all[at * HEAD_COUNT + head]!)
    return {
      rows: new Map(
        items.flatMap(({ id }, at) =>
          Number.isNaN(logits[at * HEAD_COUNT]!)
            ? []
            : [[id, { logits: part(logits, at), probabilities: part(probabilities, at) }] as const],
        ),
      ),
      leftOut,
    }
  } finally {
    for (const tensor of parameters.values()) tensor.dispose()
  }
}
