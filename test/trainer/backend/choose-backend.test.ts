import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { installBackend } from '../../../trainer/backend/install/install.ts'
import { listBackends } from '../../../trainer/backend/install/inventory.ts'
import { canCompile } from './can-compile.ts'
import { layCudaLibraries, layDriver } from './stand-in-driver.ts'
import { tinyIndex } from './tiny-index.ts'
import { tinyGpuRelease, tinyRelease } from './tiny-wheel.ts'

/** The order matters: a process keeps the libtensorflow it has loaded, which the last test does. */
describe.skipIf(!canCompile)('a backend that is not to be had', () => {
  const cache = mkdtempSync(join(tmpdir(), 'lesionloop-cache-'))
  const driver = mkdtempSync(join(tmpdir(), 'lesionloop-driver-'))
  beforeAll(() => {
    vi.stubEnv('LESIONLOOP_CACHE', cache)
    // No libcuda.so.1 of this machine, should it have one: the stand-in's folder comes before it.
    layDriver(driver)
    layCudaLibraries(driver)
  }, 60_000)
  afterAll(() => {
    vi.unstubAllEnvs()
    for (const folder of [cache, driver]) rmSync(folder, { recursive: true, force: true })
  })

  it('is an error that says what to run', async () => {
    await expect(chooseBackend('native')).rejects.toMatchObject({
      code: 'backend-missing',
      message:
        'backend: native: @tensorflow/tfjs-node is not installed; run lesionloop backend install native, or use --backend auto',
    })
  })

  it('is named with its reason in the line of the one that was taken', async () => {
    const { name, reason } = await chooseBackend('auto')
    expect(name).toBe('wasm')
    expect(reason).toMatch(
      /^wasm: WebAssembly .*; not gpu: .*@tensorflow\/tfjs-node-gpu is not installed; not native: @tensorflow\/tfjs-node is not installed$/,
    )
  })

  it('is not the GPU that is there but does not compute: TensorFlow falling back to the CPU is an error', async () => {
    const tiny = await tinyRelease()
    const gpu = await tinyGpuRelease(tiny)
    onTestFinished(() => {
      for (const { folder } of [tiny, gpu]) rmSync(folder, { recursive: true, force: true })
    })
    const { url } = await tinyIndex({ files: gpu.files })
    const { library, folder: from } = gpu
    const { folder } = await installBackend('gpu', { cache, index: url, from, pauseMs: 1, library })
    expect(listBackends(cache).map(({ backend, state }) => [backend, state])).toEqual([
      ['gpu', 'installed'],
      ['native', 'absent'],
    ])
    vi.stubEnv('LD_LIBRARY_PATH', driver)
    vi.stubEnv('FAKE_INIT', '100')
    vi.stubEnv('FAKE_ERROR', 'CUDA_ERROR_NO_DEVICE')
    await expect(chooseBackend('gpu')).rejects.toThrow(
      /^backend: gpu: the driver shows no GPU \(CUDA_ERROR_NO_DEVICE\).*; see docs\/backends.md, or use --backend auto$/,
    )
    vi.stubEnv('FAKE_INIT', '0')
    await expect(chooseBackend('gpu')).rejects.toThrow(
      /^backend: gpu: TensorFlow found no GPU it can use; run it again with TF_CPP_MIN_LOG_LEVEL=0/,
    )
    vi.stubEnv('FAKE_INIT', '100')
    truncateSync(join(folder, 'site', 'tensorflow', 'libtensorflow_cc.so.2'), 10)
    expect(listBackends(cache)[0]).toMatchObject({ backend: 'gpu', state: 'damaged' })
    await expect(chooseBackend('gpu')).rejects.toThrow(
      /the driver shows no GPU .*; the installed @tensorflow\/tfjs-node-gpu is damaged: site\/tensorflow\/libtensorflow_cc\.so\.2 has 10 bytes/,
    )
  }, 60_000)
})
