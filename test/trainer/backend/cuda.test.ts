import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { CUDA_LIBRARIES, probeGpu, readProbe } from '../../../trainer/backend/cuda.ts'
import { compileProbe, findCompiler } from '../../../trainer/backend/install/compiler.ts'
import { canCompile } from './can-compile.ts'
import { layCudaLibraries, layDriver } from './stand-in-driver.ts'

describe.skipIf(!canCompile)('the way to the GPU', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lesionloop-cuda-'))
  const probe = join(folder, 'cuda-probe')
  const driverOnly = join(folder, 'driver')
  const complete = join(folder, 'complete')
  beforeAll(async () => {
    await compileProbe(await findCompiler(), {
      source: packagePath('trainer', 'backend', 'install', 'cuda-probe.cc'),
      output: probe,
      runpaths: ['nowhere'],
    })
    layDriver(driverOnly)
    layDriver(complete)
    layCudaLibraries(complete)
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const obstacles = (place: string, environment: Record<string, string> = {}) =>
    probeGpu({ probe }, { environment: { LD_LIBRARY_PATH: place, ...environment } }).obstacles

  it('is free where driver, device and every library are there', () => {
    const state = probeGpu({ probe }, { environment: { LD_LIBRARY_PATH: complete } })
    expect(state).toEqual({
      missing: [],
      driver: '12.4',
      devices: [{ name: 'NVIDIA Test 1', capability: '9.0', bytes: 85899345920 }],
      obstacles: [],
    })
  })

  it('ends at a missing library, which is named with the reason', () => {
    rmSync(join(complete, 'libcudnn.so.9'))
    try {
      expect(obstacles(complete)).toEqual([
        expect.stringMatching(/^CUDA library libcudnn\.so\.9 does not load \(libcudnn\.so\.9: cannot open/),
      ])
    } finally {
      symlinkSync('empty.so', join(complete, 'libcudnn.so.9'))
    }
    expect(obstacles(driverOnly).map(text => /^CUDA library (\S+) does not load/.exec(text)?.[1])).toEqual([
      ...CUDA_LIBRARIES,
    ])
  })

  it.each([
    [
      { FAKE_DRIVER: '11080' },
      'the NVIDIA driver is too old: it speaks CUDA 11.8, 12.0 was expected (driver 525 or newer)',
    ],
    [
      { FAKE_COUNT: '0' },
      'the driver shows no GPU; in a container start it with the GPU (docker run --gpus all)',
    ],
    [
      { FAKE_INIT: '100', FAKE_ERROR: 'CUDA_ERROR_NO_DEVICE', CUDA_VISIBLE_DEVICES: '' },
      'the driver shows no GPU (CUDA_ERROR_NO_DEVICE): CUDA_VISIBLE_DEVICES is ""',
    ],
    [
      { FAKE_INIT: '803', FAKE_ERROR: 'CUDA_ERROR_SYSTEM_DRIVER_MISMATCH' },
      'driver and libcuda.so.1 are of different releases (CUDA_ERROR_SYSTEM_DRIVER_MISMATCH): restart the machine, or update the driver',
    ],
    [
      { FAKE_INIT: '999', FAKE_ERROR: 'CUDA_ERROR_UNKNOWN' },
      'the driver does not answer (CUDA_ERROR_UNKNOWN): is its kernel module loaded (nvidia-smi)?',
    ],
    [
      { FAKE_INIT: '2', FAKE_ERROR: 'CUDA_ERROR_OUT_OF_MEMORY' },
      'the driver refused with error 2 (CUDA_ERROR_OUT_OF_MEMORY)',
    ],
    [{ FAKE_MAJOR: '5' }, 'NVIDIA Test 1 has compute capability 5.0, 6.0 (Pascal) or newer was expected'],
  ])('with %o is told in words', (environment, words) => {
    expect(obstacles(complete, environment)).toEqual([words])
  })

  it('ends at the driver where there is none, before 2.6 GB of libraries are loaded', () => {
    const state = readProbe(
      'nodriver\tlibcuda.so.1: cannot open shared object file: No such file or directory\n',
    )
    expect(state.obstacles).toEqual(['no NVIDIA driver (libcuda.so.1) was found'])
  })

  it('ends at a driver that does not load, with the loader’s reason', () => {
    const place = mkdtempSync(join(folder, 'broken-'))
    writeFileSync(join(place, 'libcuda.so.1'), 'no library')
    expect(obstacles(place)).toEqual([
      expect.stringMatching(/^no NVIDIA driver .* was found: .*(file too short|invalid ELF header)/),
    ])
  })
})
