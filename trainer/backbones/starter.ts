import * as tf from '@tensorflow/tfjs-core'
import { LESIONS } from '../../data/records/vocabulary.ts'
import { packagePath } from '../../data/workspace/package-root.ts'
import type { Backbone, Parameters } from './backbone.ts'
import { SCATTERING_FEATURES, scatter, waveletBank } from './scattering.ts'

/**
 * The backbone that needs no download: wavelet scattering, and over it a small layer learned on the phantoms of
 * data/demo (learn-starter.ts; `node scripts/starter-weights.mjs`). Its features are the six numbers that layer makes
 * of the flag and the lesions: few enough for heads that learn from forty cases. It lets the demo run anywhere; for
 * real slices take a network learned on pictures.
 */
export const STARTER_UNITS = 24
/** What lies further from the phantoms' mean than this many deviations is taken as this far. */
const FAR = 4

const D = SCATTERING_FEATURES
const H = STARTER_UNITS

/** [B, 128, 128, 1] → [B, 6] */
function pooled(p: Parameters, input: tf.Tensor4D): tf.Tensor2D {
  const get = <T extends tf.Tensor>(name: string) => p.get(name) as T
  const raw = scatter(get('wavelets'), input) // [B, 244]
  const x = tf.clipByValue(
    tf.div(tf.sub(raw, get('features.mean')), get('features.std')),
    -FAR,
    FAR,
  ) as tf.Tensor2D
  const units = tf.relu(
    tf.add(tf.matMul(x, get<tf.Tensor2D>('trunk.weight')), get('trunk.bias')),
  ) as tf.Tensor2D
  const head = (name: string) =>
    tf.add(
      tf.add(tf.matMul(x, get<tf.Tensor2D>(`${name}.weight`)), get(`${name}.bias`)),
      tf.matMul(units, get<tf.Tensor2D>(`${name}.trunk.weight`)),
    ) as tf.Tensor2D
  return tf.concat([head('flag'), head('lesions')], 1)
}

export const starter: Backbone = {
  name: 'starter',
  about: 'wavelet scattering with a small layer learned on phantoms; needs no download',
  preprocessing: { size: 128, channels: 'grey', mean: [0], std: [1] },
  // As model/checkpoint.ts writes them.
  shapes: new Map([
    ['features.mean', [D]],
    ['features.std', [D]],
    ['flag.weight', [1, D]],
    ['flag.bias', [1]],
    ['lesions.weight', [LESIONS.length, D]],
    ['lesions.bias', [LESIONS.length]],
    ['trunk.weight', [H, D]],
    ['trunk.bias', [H]],
    ['flag.trunk.weight', [1, H]],
    ['lesions.trunk.weight', [LESIONS.length, H]],
  ]),
  weights: packagePath('trainer', 'backbones', 'starter.safetensors'),
  features: 1 + LESIONS.length,
  prepare: parameters =>
    new Map<string, tf.Tensor>([
      ['wavelets', waveletBank()],
      ...[...parameters].map(([name, value]): [string, tf.Tensor] => [
        name,
        value.rank === 2 ? tf.transpose(value) : tf.clone(value),
      ]),
    ]),
  pooled: (p, input) => tf.tidy(() => pooled(p, input)),
}
