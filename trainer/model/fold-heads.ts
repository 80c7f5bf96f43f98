import * as tf from '@tensorflow/tfjs-core'
import { LesionloopError } from '../../data/errors.ts'
import type { FittedHeads } from '../fit/fit-heads.ts'
import { type Scaling, standardise } from '../fit/standardise.ts'
import { encodeSafetensors, type HostTensor, readSafetensors } from '../weights/safetensors.ts'
import { HEAD_COUNT, laDnn, type Parameters } from './la-dnn.ts'

/**
 * The heads that each left out one fold, side by side as they were fitted: `direct` [D, K·6], `bias` [K, 1, 6], and
 * with a trunk `trunk.weight` [D, K·H], `trunk.bias` [K·H], `trunk.heads` [K, H, 6]. Kept as `folds.safetensors`
 * beside a cycle's checkpoint: how far they lie apart says how much an answer hangs on which cases were learned from.
 */
export type FoldHeads = ReadonlyMap<string, HostTensor>

/** Copies `count` replicas from `first` on out of the backend. */
export function foldHeadsOf(fitted: FittedHeads, first: number, count: number): FoldHeads {
  const { parameters: p, features: d, hidden: h } = fitted
  const host = (tensor: tf.Tensor): HostTensor => {
    const data = new Float32Array(tensor.dataSync<'float32'>())
    tensor.dispose()
    return { shape: [...tensor.shape], data }
  }
  const w = HEAD_COUNT
  return new Map<string, HostTensor>([
    ['direct', host(tf.slice(p.direct, [0, first * w], [d, count * w]))],
    ['bias', host(tf.slice(p.bias, [first, 0, 0], [count, 1, w]))],
    ...(p.trunk
      ? ([
          ['trunk.weight', host(tf.slice(p.trunk.weight, [0, first * h], [d, count * h]))],
          ['trunk.bias', host(tf.slice(p.trunk.bias, [first * h], [count * h]))],
          ['trunk.heads', host(tf.slice(p.trunk.heads, [first, 0, 0], [count, h, w]))],
        ] as const)
      : []),
  ])
}

/** The bytes of `folds.safetensors`. */
export function encodeFoldHeads(folds: FoldHeads): Uint8Array {
  return encodeSafetensors({
    tensors: new Map(folds),
    metadata: { lesionloop: '{"format":"lesionloop-fold-heads-1"}' },
  })
}

/** Reads `folds.safetensors`. @throws LesionloopError `weights-…`; `weights-mismatch` where it is of other features. */
export async function readFoldHeads(
  path: string,
  features: number,
): Promise<{ folds: number; logits(x: Float32Array, scaling: Scaling): Float32Array[] }> {
  const { tensors } = await readSafetensors(path)
  const direct = tensors.get('direct')
  const bias = tensors.get('bias')
  if (!direct || !bias || direct.shape[0] !== features || direct.shape[1] !== bias.data.length)
    throw new LesionloopError(
      'weights-mismatch',
      `fold heads: ${path}: not of ${features} features: the file its cycle sealed was expected; run another cycle`,
    )
  const tensor = (name: string) => tf.tensor(tensors.get(name)!.data, tensors.get(name)!.shape)
  const parameters = {
    direct: tensor('direct'),
    bias: tensor('bias'),
    ...(tensors.has('trunk.weight')
      ? {
          trunk: {
            weight: tensor('trunk.weight'),
            bias: tensor('trunk.bias'),
            heads: tensor('trunk.heads'),
          },
        }
      : {}),
  } as unknown as Parameters
  const folds = bias.shape[0]!
  return {
    folds,
    logits(x, scaling) {
      const n = x.length / features
      const flat = tf.tidy(() =>
        laDnn(parameters, tf.tensor2d(standardise(x, scaling), [n, features])).logits.dataSync<'float32'>(),
      )
      const each = n * HEAD_COUNT
      return Array.from({ length: folds }, (_, at) => flat.slice(at * each, (at + 1) * each))
    },
  }
}
