import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { phantomSlice } from '../../data/demo/phantom/slice.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { LESIONS } from '../../data/records/vocabulary.ts'
import { fitHeads, type Rows } from '../fit/fit-heads.ts'
import { fitScaling, standardise } from '../fit/standardise.ts'
import { encodeCheckpoint } from '../model/checkpoint.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { SCATTERING_FEATURES, scatter, waveletBank } from './scattering.ts'
import { STARTER_UNITS, starter } from './starter.ts'

export interface LearnStarterOptions extends RunOptions {
  /** Phantoms to learn from, and to stop by. */
  train: number
  watch: number
  seed: number
}

/**
 * Learns the layer of `starter` on freshly drawn phantoms (none of them in the demo corpus: their seeds carry another
 * name). The backend must have been chosen before. @returns the bytes of starter.safetensors.
 */
export async function learnStarter({ train, watch, seed, ...run }: LearnStarterOptions): Promise<Uint8Array> {
  const all = await phantomRows(train + watch, seed, run)
  const part = (from: number, to: number): Rows => ({
    n: to - from,
    x: all.x.slice(from * SCATTERING_FEATURES, to * SCATTERING_FEATURES),
    values: all.values.slice(from * HEAD_COUNT, to * HEAD_COUNT),
  })
  const [learn, seen] = [part(0, train), part(train, train + watch)]
  const scaling = fitScaling(learn.x, SCATTERING_FEATURES)
  const every = (n: number) => new Float32Array(n * HEAD_COUNT).fill(1)
  const fitted = await fitHeads(
    { ...learn, x: standardise(learn.x, scaling) },
    [{ l2: 3, lambda: 3, weights: every(train) }],
    {
      hidden: STARTER_UNITS,
      seed,
      epochs: 400,
      rate: 0.01,
      watch: { ...seen, x: standardise(seen.x, scaling), weights: every(watch) },
      ...(run.signal ? { signal: run.signal } : {}),
      onLoss: (epoch, loss, watched) =>
        run.onProgress?.({
          step: 'learning',
          done: epoch,
          total: 400,
          detail: `loss ${loss.toFixed(3)}, on other phantoms ${watched?.toFixed(3)}`,
        }),
    },
  )
  const heads = Array.from({ length: HEAD_COUNT }, () => ({
    constant: null,
    calibrator: null,
    threshold: null,
  }))
  const { features, hidden, parameters } = fitted
  return encodeCheckpoint(
    { features, hidden, parameters, scaling, heads },
    { backbone: 'scattering', weights: 'by formula', weightsSha256: '', init: null },
  )
}

/** Scattering of phantoms and what they show: [n, 244] and [n, 6]. */
async function phantomRows(n: number, seed: number, { signal, onProgress }: RunOptions): Promise<Rows> {
  const { size } = starter.preprocessing
  const bank = waveletBank()
  const x = new Float32Array(n * SCATTERING_FEATURES)
  const values = new Float32Array(n * HEAD_COUNT)
  for (let at = 0; at < n; at++) {
    signal?.throwIfAborted()
    const slice = phantomSlice(`starter/${seed}/${at}`)
    const { width, height, pixels, covid, lesions } = slice
    const { data, info } = await sharp(pixels, { raw: { width, height, channels: 1 } })
      .resize(size, size, { fit: 'fill', kernel: 'linear' })
      .raw()
      .toBuffer({ resolveWithObject: true })
    const grey = Float32Array.from({ length: size * size }, (_, pixel) => data[pixel * info.channels]! / 255)
    x.set(
      tf.tidy(() => scatter(bank, tf.tensor4d(grey, [1, size, size, 1])).dataSync<'float32'>()),
      at * SCATTERING_FEATURES,
    )
    values.set([Number(covid), ...LESIONS.map(lesion => Number(lesions.includes(lesion)))], at * HEAD_COUNT)
    if ((at + 1) % 20 === 0 || at + 1 === n)
      onProgress?.({ step: 'drawing phantoms', done: at + 1, total: n })
  }
  bank.dispose()
  return { n, x, values }
}
