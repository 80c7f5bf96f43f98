import * as tf from '@tensorflow/tfjs-core'
import * as ort from 'onnxruntime-web'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { networkToOnnx } from '../../../trainer/export/onnx/export-network.ts'
import { networkLogits } from '../../../trainer/finetune/network.ts'
import { networkParameters, readNetwork } from '../../../trainer/model/network-checkpoint.ts'
import { EVALUATION } from '../../../trainer/ops/mode.ts'
import { noise } from '../backbones/noise.ts'
import { disposeAll } from '../backbones/parity-case.ts'
import { noiseNetworkFile } from './noise-network.ts'

// One thread: the runtime's own workers are of no use for pictures this small.
ort.env.wasm.numThreads = 1
ort.env.logLevel = 'error'

/** Pictures a network is tried with; VGG16's last map is 7 × 7, which it is at 224 only. */
const SIZES: Record<string, number> = {
  vgg16: 224,
  resnet18: 64,
  resnet50: 64,
  densenet121: 64,
  densenet169: 64,
  'efficientnet-b0': 64,
  'efficientnet-b1': 65,
  'efficientnet-lite0': 64,
}

/** The outputs of an .onnx file for pictures [B, c, h, w]. */
async function runOnnx(model: Uint8Array, pictures: Float32Array, shape: number[]) {
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] })
  const outputs = await session.run({ picture: new ort.Tensor('float32', pictures, shape) })
  const read = Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => [
      name,
      { data: Array.from(data as Float32Array), dims: [...dims] },
    ]),
  )
  await session.release()
  return read
}

describe('a fine-tuned network as ONNX', () => {
  beforeAll(() => chooseBackend('wasm'), 300_000)

  it.each(Object.entries(SIZES))(
    'says in onnxruntime what it says here, within 1e-4, for batches of any size: %s',
    async (name, size) => {
      const network = await readNetwork(await noiseNetworkFile(name, size))
      const model = await networkToOnnx(network)
      expect(tf.getBackend()).toBe('wasm')
      const batch = name === 'vgg16' ? 1 : 2
      const pictures = noise(batch * 3 * size * size, 42)
      const parameters = networkParameters(network)
      const logits = tf.tidy(() => {
        const input = tf.transpose(tf.tensor4d(pictures, [batch, 3, size, size]), [0, 2, 3, 1])
        return networkLogits(network.backbone.trainable!, parameters, input, EVALUATION).arraySync()
      })
      disposeAll(parameters)
      const outputs = await runOnnx(model, pictures, [batch, 3, size, size])
      expect(outputs['flag']!.dims).toEqual([batch, 1])
      expect(outputs['lesions']!.dims).toEqual([batch, 5])
      const scale = Math.max(1, ...logits.flat().map(Math.abs))
      const expected = {
        flag: logits.map(row => row[0]!),
        lesions: logits.flatMap(row => row.slice(1)),
      }
      for (const [head, values] of Object.entries(expected))
        for (const [at, value] of values.entries())
          expect(Math.abs(outputs[head]!.data[at]! - value) / scale).toBeLessThan(1e-4)
      const sigmoid = (z: number) => 1 / (1 + Math.exp(-z))
      for (const [at, value] of expected.flag.entries())
        expect(outputs['flag_probability']!.data[at]).toBeCloseTo(sigmoid(value), 4)
      for (const [at, value] of expected.lesions.entries())
        expect(outputs['lesion_probabilities']!.data[at]).toBeCloseTo(sigmoid(value), 4)
    },
    300_000,
  )
})
