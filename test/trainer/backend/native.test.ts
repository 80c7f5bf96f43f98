import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { backendLayout, readInstallation } from '../../../trainer/backend/install/layout.ts'
import { resolveAddon } from '../../../trainer/backend/install/resolve-addon.ts'

const installation = readInstallation(backendLayout('native'))
const there = resolveAddon('native') !== null || (installation !== null && typeof installation !== 'string')
if (!there)
  console.log('native backend: not tried, it is not installed; run lesionloop backend install native')

describe.skipIf(!there)('the installed native backend', () => {
  it('computes a convolution as plain JavaScript does, on the one engine and class of tensors', async () => {
    const values = Float32Array.from({ length: 2 * 12 * 12 * 8 }, (_, at) => Math.sin(at * 0.37))
    const kernel = Float32Array.from({ length: 3 * 3 * 8 * 16 }, (_, at) => Math.cos(at * 0.11))
    const run = () =>
      tf.tidy(() => {
        const out = tf.conv2d(
          tf.tensor4d(values, [2, 12, 12, 8]),
          tf.tensor4d(kernel, [3, 3, 8, 16]),
          2,
          'same',
        )
        expect(out).toBeInstanceOf(tf.Tensor)
        return out.dataSync()
      })
    const { reason } = await chooseBackend('native')
    expect(reason).toMatch(/^native: TensorFlow \d+\.\d+\.\d+ on the CPU, \d+ threads?$/)
    expect(tf.getBackend()).toBe('tensorflow')
    const onNative = run()
    await chooseBackend('cpu')
    const onCpu = run()
    expect(onNative.length).toBe(onCpu.length)
    for (let at = 0; at < onCpu.length; at++) expect(onNative[at]).toBeCloseTo(onCpu[at]!, 4)
  })

  it('is taken again after another was, and lets go of its tensors', async () => {
    await chooseBackend('wasm')
    await chooseBackend('native')
    const before = tf.memory().numTensors
    const sum = tf.tidy(() => tf.sum(tf.ones([3, 4])).dataSync()[0])
    expect([sum, tf.memory().numTensors]).toEqual([12, before])
  })

  it('runs the kernels that call methods of the tensors', async () => {
    await chooseBackend('native')
    tf.tidy(() => {
      expect([...tf.exp(tf.tensor1d([0, 1], 'int32')).dataSync()]).toEqual([1, expect.closeTo(Math.E, 5)])
      expect(tf.argMax(tf.tensor1d([false, true], 'bool')).dataSync()[0]).toBe(1)
      expect([...tf.prelu(tf.tensor1d([-2, 3]), tf.tensor1d([0.5, 0.5])).dataSync()]).toEqual([-1, 3])
    })
  })

  it('runs a kernel of libtensorflow that TensorFlow.js has no operation for', async () => {
    await chooseBackend('native')
    const backend = tf.backend() as unknown as {
      executeMultipleOutputs(
        name: string,
        attributes: unknown[],
        inputs: tf.Tensor[],
        count: number,
      ): tf.Tensor[]
      binding: { TF_ATTR_TYPE: number; TF_FLOAT: number }
    }
    const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
    tf.tidy(() => {
      const inputs = [tf.tensor1d([5, 5]), tf.tensor1d([-1, 2])]
      const [gradient] = backend.executeMultipleOutputs('ReluGrad', [type], inputs, 1)
      expect([...gradient!.dataSync()]).toEqual([0, 5])
    })
  })
})
