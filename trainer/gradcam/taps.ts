import type * as tf from '@tensorflow/tfjs-core'
import { lite0, lite0Blocks } from '../backbones/efficientnet-lite0.ts'
import type { LoadedBackbone } from '../backbones/load.ts'
import { EVALUATION } from '../ops/mode.ts'
import { namedCleaning } from '../pictures/named-cleaning.ts'

/** [1, S, S, C] → the maps whose means, one after the other, are the frozen features. */
export type Taps = (input: tf.Tensor4D) => tf.Tensor4D[]

/**
 * The maps behind a backbone's frozen features: of EfficientNet-Lite0 the outputs of blocks 10 and 15, of a network
 * whose features are the means of its last map, that map. null where they are no means of maps (`starter`).
 */
export function tapsOf({ name, parameters, features, trainable }: LoadedBackbone): Taps | null {
  if (namedCleaning(name)?.base === lite0.name)
    return input => {
      const blocks = lite0Blocks(parameters, input, EVALUATION)
      return [blocks[10]!, blocks[15]!] // [1, 14, 14, 112], [1, 7, 7, 320]
    }
  if (trainable && trainable.channels === features)
    return input => [trainable.maps(parameters, input, EVALUATION)]
  return null
}
