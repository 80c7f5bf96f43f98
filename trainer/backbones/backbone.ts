import type * as tf from '@tensorflow/tfjs-core'
import type { Mode } from '../ops/mode.ts'
import type { PictureOptions } from '../pictures/picture-options.ts'
import type { Shapes } from '../weights/fit-shapes.ts'

/** Parameters of a network by name, in the layout its functions want. */
export type Parameters = ReadonlyMap<string, tf.Tensor>

/** How a picture becomes a network's input. Part of the key of cached features. */
export interface Preprocessing {
  /** Height and width in pixels; the picture is stretched to it, as the LA-DNN and COVID-CT code does. */
  size: number
  /** `rgb`: three channels (grey repeated); `grey`: one, by luminance. */
  channels: 'rgb' | 'grey'
  /** (x / 255 − mean) / std, a number for each channel. */
  mean: readonly number[]
  std: readonly number[]
  /** Cleaning before that; absent: the picture as it came in. */
  picture?: PictureOptions
}

/**
 * A network that turns pictures into feature maps: a readable function over a flat map of parameters. A backbone of
 * one's own is one object like this, put into the registry.
 */
export interface Backbone {
  name: string
  /** What it is, for people: one line. */
  about: string
  preprocessing: Preprocessing
  /** Parameters it needs, under torchvision's or timm's names, in torch's shapes and in `state_dict()` order. */
  shapes: Shapes
  /** Parameters of its ImageNet classes. They may stand in a weights' file; only `logits` reads them. */
  classifier?: Shapes
  /** Names that may stand in its weights' files unused. */
  ignored?: (name: string) => boolean
  /** The name a tensor has here, where a weights' file of another library calls it otherwise. */
  rename?: (name: string) => string
  /** Its weights by default: a file shipped with the package, or a name on the model hub. */
  weights: string
  /** Length of `pooled`'s rows. */
  features: number
  /** Brings tensors from torch's layout into the layout `pooled` wants. */
  prepare(parameters: Parameters): Parameters
  /** Frozen features of a batch: [B, S, S, C] → [B, features]. */
  pooled(parameters: Parameters, input: tf.Tensor4D): tf.Tensor2D
  /** The maps whose means, one after the other, are `pooled`'s row; absent where it is made otherwise. */
  taps?(parameters: Parameters, input: tf.Tensor4D): tf.Tensor4D[]
  /** What fine-tuning needs; absent where a backbone is only ever frozen. */
  trainable?: Trainable
}

/** A network that learns: a differentiable function on every backend, made of the layers in `trainer/ops`. */
export interface Trainable {
  /** Channels of the last feature map. */
  channels: number
  /** Torch's layouts → those `maps` wants, and back again for checkpoints. Same names both ways; new tensors. */
  arrange(parameters: Parameters): Map<string, tf.Tensor>
  restore(parameters: Parameters): Map<string, tf.Tensor>
  /** The last feature map: [B, S, S, C] → [B, h, w, channels]. */
  maps(parameters: Parameters, input: tf.Tensor4D, mode: Mode): tf.Tensor4D
  /** The ImageNet classes of that map, → [B, 1000]; to check parity and weights. Needs `classifier`'s parameters too. */
  logits?(parameters: Parameters, maps: tf.Tensor4D): tf.Tensor2D
  /**
   * Beginnings of parameter names in groups from the input to the output: every parameter of `shapes` is in one of
   * them. Gradual unfreezing opens them from the end.
   */
  stages: readonly (readonly string[])[]
}
