import * as tf from '@tensorflow/tfjs-core'
import { EVALUATION } from '../ops/mode.ts'
import { globalMean } from '../ops/pooling.ts'
import type { Backbone, Trainable } from './backbone.ts'
import { foldNorms, type NormPairs } from './fold-norms.ts'
import { arrange, restore } from './layout.ts'

/** A network of torchvision, as its file tells it. */
export interface Network
  extends Pick<Backbone, 'name' | 'about' | 'shapes' | 'classifier' | 'rename' | 'weights'>,
    Pick<Trainable, 'channels' | 'maps' | 'logits' | 'stages'> {
  /** Height and width of the pictures it learned from. */
  size: number
  /** Batch norms that follow a convolution and can be taken into it. */
  norms: NormPairs
}

/** Mean and deviation of ImageNet's pictures, by channel (torchvision, "references/classification"). */
export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const

/** The counters PyTorch keeps beside each batch norm. */
export const isCounter = (name: string) => name.endsWith('.num_batches_tracked')

/** A network with ImageNet's weights; frozen, its features are the means of its last map and its norms are folded. */
export function imagenetBackbone({
  size,
  norms,
  channels,
  maps,
  logits,
  stages,
  ...network
}: Network): Backbone {
  return {
    ...network,
    preprocessing: { size, channels: 'rgb', ...IMAGENET },
    ignored: isCounter,
    features: channels,
    prepare: parameters => foldNorms(parameters, norms),
    pooled: (p, input) => tf.tidy(() => globalMean(maps(p, input, EVALUATION))),
    taps: (p, input) => [maps(p, input, EVALUATION)],
    trainable: { channels, arrange, restore, maps, ...(logits ? { logits } : {}), stages },
  }
}
