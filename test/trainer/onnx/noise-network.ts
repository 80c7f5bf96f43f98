import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { backboneNamed } from '../../../trainer/backbones/load.ts'
import { encodeNetwork, type NetworkDescription } from '../../../trainer/model/network-checkpoint.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { disposeAll, NOISE, parametersOf } from '../backbones/parity-case.ts'

/** Heads on `channels` means, by formula, in the layout of tfjs. */
function heads(channels: number): Map<string, tf.Tensor> {
  const draw = (shape: number[], step: number) => {
    const size = shape.reduce((product, extent) => product * extent, 1)
    return tf.tensor(
      Float32Array.from({ length: size }, (_, at) => Math.sin(step * (at + 1)) / Math.sqrt(channels)),
      shape,
    )
  }
  return new Map([
    ['flag.weight', draw([channels, 1], 0.7)],
    ['flag.bias', draw([1], 0.3)],
    ['lesions.weight', draw([channels, 5], 1.3)],
    ['lesions.bias', draw([5], 0.9)],
  ])
}

export const DESCRIPTION: Omit<NetworkDescription, 'backbone' | 'preprocessing'> = {
  weights: 'noise',
  weightsSha256: '0'.repeat(64),
  loss: 'lesion-attention',
  lambda: 0.5,
  heads: HEADS.map((_, at) => ({
    constant: at === 5 ? 0.1 : null,
    calibrator: at === 0 ? { kind: 'temperature' as const, temperature: 1.5 } : null,
    threshold: at === 5 ? null : 0.4,
  })),
}

/** The bytes of a checkpoint of a network whose weights are noise, for pictures of `size`. A backend must run. */
export function noiseNetwork(name: string, size: number): Uint8Array {
  const backbone = backboneNamed(name)
  const raw = parametersOf(backbone, NOISE, false)
  const parameters = backbone.trainable!.arrange(raw)
  for (const [head, tensor] of heads(backbone.trainable!.channels)) parameters.set(head, tensor)
  const preprocessing = { ...backbone.preprocessing, size }
  const bytes = encodeNetwork(parameters, { ...DESCRIPTION, backbone: name, preprocessing })
  disposeAll(raw)
  disposeAll(parameters)
  return bytes
}

/** The same as a file. */
export async function noiseNetworkFile(name: string, size: number): Promise<string> {
  const path = join(await temporaryFolder(), 'network.safetensors')
  await writeFile(path, noiseNetwork(name, size))
  return path
}
