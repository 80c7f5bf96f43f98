import * as tf from '@tensorflow/tfjs-core'
import * as ort from 'onnxruntime-web'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { networkToOnnx } from '../../../trainer/export/onnx/export-network.ts'
import { networkLogits } from '../../../trainer/finetune/network.ts'
import { networkParameters } from '../../../trainer/model/network-checkpoint.ts'
import { EVALUATION } from '../../../trainer/ops/mode.ts'
import { noise } from './noise.ts'
import { tiny } from './own-backbone.ts'
import { disposeAll, imagesOf, NOISE, parametersOf } from './parity-case.ts'

const CONFIGURATION = {
  format: 'lesionloop-network-1' as const,
  backbone: 'tiny',
  weights: 'noise',
  weightsSha256: '',
  preprocessing: { size: 32, channels: 'rgb' as const, mean: [0, 0, 0], std: [1, 1, 1] },
  loss: 'lesion-attention',
  lambda: 0.5,
  heads: [],
}

describe("a backbone of one's own, as the guide shows it", () => {
  beforeAll(() => chooseBackend('wasm'), 300_000)
  const { arrange, restore, maps, channels } = tiny.trainable!
  const images = () => imagesOf([4, 3, 32, 32], NOISE)

  it('has the same features frozen, with folded norms, as it has unfolded', () => {
    const raw = parametersOf(tiny, NOISE, false)
    const [plain, folded] = [arrange(raw), tiny.prepare(raw)]
    const off = tf.tidy(() => {
      const features = tf.mean<tf.Tensor2D>(maps(plain, images(), EVALUATION), [1, 2])
      const frozen = tiny.pooled(folded, images())
      expect(frozen.shape).toEqual([4, channels])
      return tf.max(tf.abs(tf.sub(features, frozen))).dataSync()[0]!
    })
    expect(off).toBeLessThan(1e-5)
    for (const tensors of [raw, plain, folded]) disposeAll(tensors)
  })

  it('goes to the layout of TensorFlow.js and back without a change', () => {
    const raw = parametersOf(tiny, NOISE, false)
    const there = arrange(raw)
    const back = restore(there)
    for (const [name, tensor] of raw) {
      expect(back.get(name)!.shape).toEqual(tensor.shape)
      expect(back.get(name)!.dataSync()).toEqual(tensor.dataSync())
    }
    for (const tensors of [raw, there, back]) disposeAll(tensors)
  })

  it('learns: a few steps down its gradient lower the loss', () => {
    const raw = parametersOf(tiny, NOISE, false)
    const arranged = arrange(raw)
    const learned = [...arranged.keys()].filter(name => !name.includes('running_'))
    const p = new Map(arranged)
    for (const name of learned) p.set(name, tf.variable(arranged.get(name)!))
    const wanted = tf.tensor1d([0, 1, 0, 1])
    const loss = () => {
      const pooled = tf.mean<tf.Tensor2D>(maps(p, images(), { training: true }), [1, 2])
      return tf.mean(tf.square(tf.sub(tf.mean(pooled, 1), wanted))) as tf.Scalar
    }
    const losses = Array.from({ length: 5 }, () =>
      tf.tidy(() => {
        const variables = learned.map(name => p.get(name) as tf.Variable)
        const { value, grads } = tf.variableGrads(loss, variables)
        for (const variable of variables)
          variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, 0.05)) as tf.Tensor)
        return value.dataSync()[0]!
      }),
    )
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
    expect(losses.every((value, at) => at === 0 || value < losses[at - 1]!)).toBe(true)
    for (const tensors of [raw, arranged, p]) disposeAll(tensors)
    wanted.dispose()
  })

  it('is exported as ONNX by the same rules', async () => {
    const raw = parametersOf(tiny, NOISE, false)
    const host = (tensor: tf.Tensor) => ({ shape: [...tensor.shape], data: tensor.dataSync<'float32'>() })
    const head = (shape: number[], seed: number) => ({
      shape,
      data: noise(shape[0]! * (shape[1] ?? 1), seed),
    })
    const tensors = new Map([
      ...[...raw].map(([name, tensor]) => [name, host(tensor)] as const),
      ['flag.weight', head([1, channels], 1)],
      ['flag.bias', head([1], 2)],
      ['lesions.weight', head([5, channels], 3)],
      ['lesions.bias', head([5], 4)],
    ])
    const network = { backbone: tiny, tensors, heads: [], configuration: { ...CONFIGURATION } }
    const pictures = noise(3 * 32 * 32, 5)
    ort.env.wasm.numThreads = 1
    const session = await ort.InferenceSession.create(await networkToOnnx(network))
    const { flag } = await session.run({ picture: new ort.Tensor('float32', pictures, [1, 3, 32, 32]) })
    const parameters = networkParameters(network)
    const expected = tf.tidy(() => {
      const input = tf.transpose(tf.tensor4d(pictures, [1, 3, 32, 32]), [0, 2, 3, 1])
      return networkLogits({ maps }, parameters, input, EVALUATION).dataSync()[0]!
    })
    expect(Math.abs((flag!.data[0] as number) - expected)).toBeLessThan(1e-4)
    await session.release()
    for (const all of [raw, parameters]) disposeAll(all)
  })
})
