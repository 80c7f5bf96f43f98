import * as tf from '@tensorflow/tfjs-core'
import { HEADS } from '../../data/records/vocabulary.ts'
import type { LoadedBackbone } from '../backbones/load.ts'
import { learnedHeads, type TrainedModel } from '../model/trained-model.ts'
import type { FeatureMap } from './grad-cam-plus-plus.ts'
import { headGradient, headWeights } from './head-gradient.ts'
import { type MapModel, spreadGradient } from './heat-map.ts'
import { tapsOf } from './taps.ts'

/**
 * Heads on frozen features as a model with maps. The features are means of taps, standardised; standardising a mean
 * is the same as taking the mean of the standardised map, so the maps here are those: they are what the heads read,
 * centred, where raw outputs of a block without a rectifier may have any sum, and α any sign. null where the backbone's
 * features are no means of maps (`starter`).
 */
export function frozenMaps(backbone: LoadedBackbone, model: TrainedModel): MapModel | null {
  const taps = tapsOf(backbone)
  if (!taps) return null
  const weights = headWeights(model)
  const { size, mean } = backbone.preprocessing
  return {
    learned: learnedHeads(model.heads),
    preprocessing: backbone.preprocessing,
    maps(input) {
      const outputs = tf.tidy(() => taps(tf.tensor4d(input, [1, size, size, mean.length])))
      const raw = outputs.map(readMap)
      tf.dispose(outputs)
      let from = 0
      return raw.map(tap => {
        const start = from
        from += tap.channels
        return {
          ...tap,
          data: Float64Array.from(tap.data, (value, at) => {
            const feature = start + (at % tap.channels)
            return (value - weights.mean[feature]!) / weights.deviation[feature]!
          }),
        }
      })
    },
    gradients(maps, head) {
      // Back to raw features: the trunk's units are told by these.
      const pooled = maps
        .flatMap(means)
        .map((value, at) => value * weights.deviation[at]! + weights.mean[at]!)
      const gradient = headGradient(weights, pooled, HEADS.indexOf(head))
      let from = 0
      return maps.map(tap => {
        const part = gradient.subarray(from, from + tap.channels)
        from += tap.channels
        return spreadGradient(tap, part)
      })
    },
  }
}

/** Mean of every channel over the places of a map. */
export function means({ height, width, channels, data }: FeatureMap): number[] {
  const sums = new Array<number>(channels).fill(0)
  for (let at = 0; at < data.length; at++) sums[at % channels]! += data[at]!
  return sums.map(sum => sum / (height * width))
}

/** A map [1, h, w, c] out of the backend. */
export function readMap(tap: tf.Tensor4D): FeatureMap {
  const [, height, width, channels] = tap.shape
  return { height, width, channels, data: tap.dataSync<'float32'>() }
}
