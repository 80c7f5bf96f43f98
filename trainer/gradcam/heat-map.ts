import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import type { Preprocessing } from '../backbones/backbone.ts'
import { type FeatureMap, signedGradCamPlusPlus } from './grad-cam-plus-plus.ts'
import { resizeMap } from './resize-map.ts'

/** A network as its heat maps need it: maps of a picture, and how a head's score changes with them. */
export interface MapModel {
  /** Heads that were learned, in the order of `HEADS`; the others have no map. */
  learned: readonly Head[]
  /** How a picture becomes its input: what `pictureInput` takes. */
  preprocessing: Preprocessing
  /** The maps the heads read, of one input made by `pictureInput`: one tap or several. */
  maps(input: Float32Array): FeatureMap[]
  /** dScore/dMaps of a head's logit for each tap, of the tap's shape. */
  gradients(taps: readonly FeatureMap[], head: Head): Float64Array[]
}

/** Where in the picture a head's evidence lies; the picture was stretched to a square, and so is the map. */
export interface HeatMap {
  height: number
  width: number
  /** [height · width], 0 and above, in the unit of the score. */
  values: Float32Array
  /** The greatest value; 0 where nothing in the picture speaks for the head. */
  peak: number
}

/**
 * Grad-CAM++ of one head on one picture. Taps of several sizes are brought to the largest and added before what is
 * below zero is cut off. null where the head was not learned.
 * @param input [S · S · C], as `pictureInput` makes it.
 */
export function heatMap(model: MapModel, input: Float32Array, head: Head): HeatMap | null {
  return heatMaps(model, input, [head]).get(head) ?? null
}

/** `heatMap` of several heads over one pass through the network; heads that were not learned are left out. */
export function heatMaps(
  model: MapModel,
  input: Float32Array,
  heads: readonly Head[] = HEADS,
): Map<Head, HeatMap> {
  const wanted = heads.filter(head => model.learned.includes(head))
  const found = new Map<Head, HeatMap>()
  if (wanted.length === 0) return found
  const taps = model.maps(input)
  const height = Math.max(...taps.map(tap => tap.height))
  const width = Math.max(...taps.map(tap => tap.width))
  for (const head of wanted) {
    const sum = new Float64Array(height * width)
    model.gradients(taps, head).forEach((gradients, at) => {
      const tap = taps[at]!
      resizeMap(signedGradCamPlusPlus(tap, gradients), tap, { height, width }).forEach((value, place) => {
        sum[place]! += value
      })
    })
    const values = Float32Array.from(sum, value => Math.max(0, value))
    found.set(head, { height, width, values, peak: values.reduce((most, value) => Math.max(most, value), 0) })
  }
  return found
}

/** The gradient of a score by maps of which only the means are read: the same at every place, g / (h · w). */
export function spreadGradient(
  { height, width, channels }: Pick<FeatureMap, 'height' | 'width' | 'channels'>,
  byMean: ArrayLike<number>,
): Float64Array {
  const places = height * width
  return Float64Array.from({ length: places * channels }, (_, at) => byMean[at % channels]! / places)
}
