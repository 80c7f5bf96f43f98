import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Parameters } from '../../../trainer/backbones/backbone.ts'
import { backboneNamed } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import type { Mode } from '../../../trainer/ops/mode.ts'
import { hasRealData } from '../../real-data.ts'
import { hasNative } from './has-native.ts'
import {
  disposeAll,
  type Formula,
  imagesOf,
  NETWORKS,
  NOISE,
  parametersOf,
  readParity,
  readTrainingFixture,
  type TrainingCase,
  WAVES,
} from './parity-case.ts'

type Step = ReturnType<typeof trainingStep>

/** One step of the parity files: loss, gradients in torch's layouts, new running statistics. */
function trainingStep(name: string, input: number[], formula: Formula) {
  const backbone = backboneNamed(name)
  const { arrange, restore, maps } = backbone.trainable!
  const raw = parametersOf(backbone, formula, false)
  const parameters = arrange(raw)
  const learned = [...parameters.keys()].filter(key => !key.includes('.running_'))
  const running = new Map<string, tf.Tensor1D>()
  const mode: Mode = { training: true, running }
  const images = imagesOf(input, formula)
  const loss = (...values: tf.Tensor[]) => {
    const p = new Map([...parameters, ...learned.map((key, at) => [key, values[at]!] as const)])
    return tf.mean(tf.square(tf.mean(maps(p, images, mode), [1, 2]))) as tf.Scalar
  }
  const { value, grads } = tf.valueAndGrads(loss)(learned.map(key => parameters.get(key)!))
  const inTorch = restore(new Map(learned.map((key, at) => [key, grads[at]!])) as Parameters)
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, one) => sum + one * one, 0))
  const read = (tensor: tf.Tensor) => tensor.dataSync<'float32'>()
  const step = {
    loss: read(value)[0]!,
    gradients: new Map(
      [...inTorch].map(([key, tensor]) => {
        const values = read(tensor)
        return [key, { l2: norm(values), first3: [...values.subarray(0, 3)] }]
      }),
    ),
    running: new Map([...running].map(([key, tensor]) => [key, norm(read(tensor))])),
  }
  tf.dispose([value, grads, images])
  for (const tensors of [raw, parameters, running, inTorch]) disposeAll(tensors)
  return step
}

/** How far a step is from PyTorch's, each number as a share of what was expected. */
function difference(step: Step, expected: TrainingCase) {
  const share = (found: number | undefined, wanted: number, scale = wanted) =>
    Math.abs(found! - wanted) / Math.abs(scale)
  const gradients = Object.entries(expected.gradients)
  // A bias whose shift the next batch norm takes away has no gradient but rounding: no share of itself means anything.
  const least = 1e-4 * Math.max(...gradients.map(([, { l2 }]) => l2))
  const norms = gradients.map(([key, { l2 }]) => share(step.gradients.get(key)?.l2, l2, Math.max(l2, least)))
  const first = gradients.flatMap(([key, { l2, first3 }]) =>
    first3.map((value, at) => share(step.gradients.get(key)?.first3[at], value, Math.max(l2, least))),
  )
  return {
    loss: share(step.loss, expected.loss),
    norms: norms.sort((a, b) => a - b),
    first: Math.max(...first),
    statistics: Math.max(
      0,
      ...Object.entries(expected.running).map(([key, value]) => share(step.running.get(key), value)),
    ),
  }
}

const native = await hasNative()
const backend = native ? 'native' : 'wasm'

describe.each([...Object.keys(NETWORKS), 'efficientnet-lite0'])(`%s in training, on ${backend}`, name => {
  /**
   * Float32 against float64: PyTorch's own float32 differs from the fixture by up to 7e-3 in single parameters (the
   * script that made it prints it), where a relu turns.
   */
  it('gives the loss, gradients and running statistics of PyTorch on noise', async () => {
    await chooseBackend(backend)
    const expected = readTrainingFixture(name)
    const step = trainingStep(name, expected.input, NOISE)
    expect([...step.gradients.keys()].sort()).toEqual(Object.keys(expected.gradients).sort())
    expect([...step.running.keys()].sort()).toEqual(Object.keys(expected.running).sort())
    const off = difference(step, expected)
    expect(off.loss).toBeLessThan(1e-5)
    expect(off.statistics).toBeLessThan(1e-4)
    expect(off.norms[Math.floor(off.norms.length / 2)]).toBeLessThan(1e-3)
    expect(off.norms.at(-1)).toBeLessThan(7e-3)
    expect(off.first).toBeLessThan(1e-2)
  }, 300_000)
})

/**
 * The parity files' waves make every channel of a layer nearly the same, so that batch norms divide by nearly nothing:
 * in ResNet and DenseNet PyTorch in float64 differs from the file's gradients by 10 % and more (also PyTorch in float32
 * of a later version), in ResNet50 the loss by 9 %. Only what float32 can tell is checked here.
 */
describe.skipIf(!hasRealData('parity'))(`parity files in training, on ${backend}`, () => {
  it.each(['efficientnet-b0', 'efficientnet-b1'] as const)(
    '%s gives the gradients of torchvision within 1e-3, nine in ten, and none off by more than 1e-2',
    async name => {
      await chooseBackend(backend)
      const { training } = readParity(NETWORKS[name])
      const off = difference(trainingStep(name, training!.input, WAVES), training!)
      expect(off.loss).toBeLessThan(1e-4)
      expect(off.statistics).toBeLessThan(1e-4)
      expect(off.norms[Math.floor(0.9 * off.norms.length)]).toBeLessThan(1e-3)
      expect(off.norms.at(-1)).toBeLessThan(1e-2)
    },
    300_000,
  )

  it.each(['resnet18', 'densenet121'] as const)(
    '%s gives the loss within 1e-3 and the running statistics within 2e-3 of torchvision',
    async name => {
      await chooseBackend(backend)
      const { training } = readParity(NETWORKS[name])
      const off = difference(trainingStep(name, training!.input, WAVES), training!)
      expect(off.loss).toBeLessThan(1e-3)
      expect(off.statistics).toBeLessThan(2e-3)
    },
    300_000,
  )
})
