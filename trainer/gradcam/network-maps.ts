import * as tf from '@tensorflow/tfjs-core'
import { LESIONS } from '../../data/records/vocabulary.ts'
import type { Parameters, Preprocessing, Trainable } from '../backbones/backbone.ts'
import { type HeadSetting, learnedHeads } from '../model/trained-model.ts'
import { EVALUATION } from '../ops/mode.ts'
import { readMap } from './frozen-maps.ts'
import { type MapModel, spreadGradient } from './heat-map.ts'

/** A fine-tuned network: backbone and heads as one set of parameters, in the layout of tfjs. */
export interface NetworkWithHeads {
  trainable: Pick<Trainable, 'maps'>
  /** The backbone's, and `flag.weight` [C, 1], `lesions.weight` [C, 5]. */
  parameters: Parameters
  preprocessing: Preprocessing
  /** In the order of `HEADS`. */
  heads: readonly HeadSetting[]
}

/**
 * A fine-tuned network as a model with maps: its last map, of whose means the heads are linear, so that the gradient
 * by the map is the head's weights, the same at every place.
 */
export function networkMaps({ trainable, parameters, preprocessing, heads }: NetworkWithHeads): MapModel {
  const { size, mean } = preprocessing
  const columns = (name: string, outputs: number) => {
    const values = parameters.get(name)!.dataSync<'float32'>()
    return Array.from({ length: outputs }, (_, head) =>
      Float64Array.from({ length: values.length / outputs }, (_, at) => values[at * outputs + head]!),
    )
  }
  const [flag, ...lesions] = [...columns('flag.weight', 1), ...columns('lesions.weight', LESIONS.length)]
  return {
    learned: learnedHeads(heads),
    preprocessing,
    maps(input) {
      const map = tf.tidy(() =>
        trainable.maps(parameters, tf.tensor4d(input, [1, size, size, mean.length]), EVALUATION),
      )
      const tap = readMap(map)
      map.dispose()
      return [tap]
    },
    gradients(taps, head) {
      const byMean = head === 'flag' ? flag! : lesions[LESIONS.indexOf(head)]!
      return taps.map(tap => spreadGradient(tap, byMean))
    },
  }
}
