import * as tf from '@tensorflow/tfjs-core'
import type { Parameters, Preprocessing, Trainable } from '../backbones/backbone.ts'
import { networkLogits } from '../finetune/network.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { EVALUATION } from '../ops/mode.ts'
import { ROOM } from '../pictures/batches.ts'
import { inputOf } from '../pictures/input.ts'
import { prepare } from '../pictures/prepare.ts'
import { asAugmentation, isWhole, type View } from '../pictures/views.ts'

/**
 * Logits [6] of one picture by a network, the mean over the views, as `judge` has them of a file; here the bytes never
 * touch the disk, and nothing of them is kept in memory.
 * @throws LesionloopError `image-…`, `dicom-…`.
 */
export async function judgePicture(
  network: Pick<Trainable, 'maps'>,
  parameters: Parameters,
  { bytes, name }: { bytes: Uint8Array; name: string },
  preprocessing: Preprocessing,
  views: readonly View[],
): Promise<Float32Array> {
  const { size, mean, picture } = preprocessing
  const room = views.every(isWhole) ? size : Math.round(ROOM * size)
  const whole = await prepare(bytes, size, picture, name)
  const roomy = room === size ? whole : await prepare(bytes, room, picture, name)
  const logits = new Float32Array(HEAD_COUNT)
  for (const view of views) {
    const x = await inputOf(isWhole(view) ? whole : roomy, preprocessing, asAugmentation(view))
    const found = tf.tidy(() =>
      networkLogits(
        network,
        parameters,
        tf.tensor4d(x, [1, size, size, mean.length]),
        EVALUATION,
      ).dataSync<'float32'>(),
    )
    for (let head = 0; head < HEAD_COUNT; head++) logits[head]! += found[head]! / views.length
  }
  return logits
}
