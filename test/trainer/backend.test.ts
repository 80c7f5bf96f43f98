import { availableParallelism } from 'node:os'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ChosenBackend, chooseBackend } from '../../trainer/backend/choose-backend.ts'

describe('the backend', () => {
  const before = process.listenerCount('unhandledRejection')
  let chosen: ChosenBackend
  beforeAll(async () => {
    chosen = await chooseBackend('wasm')
  }, 300_000)

  it('runs WebAssembly on all cores, up to eight', () => {
    const threads = Math.min(8, availableParallelism())
    expect(chosen.reason).toBe(
      `wasm: WebAssembly with SIMD on ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    )
  })

  it('leaves no listener behind that would end the process at a rejected promise', () => {
    expect(process.listenerCount('unhandledRejection')).toBe(before)
  })

  it('says with auto what was taken and why nothing better was', async () => {
    const auto = await chooseBackend('auto')
    if (auto.name === 'wasm') {
      expect(auto.reason).toMatch(/not gpu: .+; not native: /)
      expect(auto.reason).toContain('@tensorflow/tfjs-node')
    } else expect(['gpu', 'native']).toContain(auto.name)
    await chooseBackend('wasm')
  })

  it('computes the same on several threads as plain JavaScript', async () => {
    const values = Float32Array.from({ length: 2 * 12 * 12 * 8 }, (_, at) => Math.sin(at * 0.37))
    const kernel = Float32Array.from({ length: 3 * 3 * 8 * 16 }, (_, at) => Math.cos(at * 0.11))
    const run = () =>
      tf.tidy(() =>
        tf
          .conv2d(tf.tensor4d(values, [2, 12, 12, 8]), tf.tensor4d(kernel, [3, 3, 8, 16]), 2, 'same')
          .dataSync(),
      )
    const onWasm = run()
    await chooseBackend('cpu')
    const onCpu = run()
    await tf.setBackend('wasm')
    expect(onWasm.length).toBe(onCpu.length)
    for (let at = 0; at < onCpu.length; at++) expect(onWasm[at]).toBeCloseTo(onCpu[at]!, 4)
  })

  it('refuses to go on where WebAssembly has no memory left, instead of writing to address 0', () => {
    const { wasm } = tf.backend() as unknown as {
      wasm: { _malloc(bytes: number): number; _free(address: number): void }
    }
    const most = wasm._malloc(3 * 2 ** 30)
    expect(() => wasm._malloc(2 ** 30)).toThrow(/memory: 1024 MiB more on the wasm backend.*--batch/)
    wasm._free(most)
  })

  it('refuses a name it does not know, and says which it knows', async () => {
    await expect(chooseBackend('webgpu')).rejects.toThrow(
      'backend: webgpu: expected auto, gpu, native, wasm, cpu',
    )
  })
})
