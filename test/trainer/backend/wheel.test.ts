import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isCudaMember, packagesOfExtra } from '../../../trainer/backend/install/cuda-packages.ts'
import { openWheel } from '../../../trainer/backend/install/wheel.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { wheelOf } from './tiny-wheel.ts'

const CONTENT = Buffer.from('the library '.repeat(10_000))

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'a-1-py3-none-any.whl')
  await writeFile(path, bytes)
  return path
}

async function opened(bytes: Uint8Array) {
  const wheel = await openWheel(await written(bytes))
  onTestFinished(() => wheel.close())
  return wheel
}

describe('a wheel', () => {
  it('hands out the members that are wanted, whole, and no others', async () => {
    const wheel = await opened(wheelOf('a', '1', { 'a/lib.so': CONTENT, 'a/other.py': Buffer.from('x') }))
    const folder = await temporaryFolder()
    const count = await wheel.extract(member => (member === 'a/lib.so' ? join(folder, 'x', 'lib.so') : null))
    expect(count).toBe(1)
    expect(await readFile(join(folder, 'x', 'lib.so'))).toEqual(CONTENT)
    expect(existsSync(join(folder, 'x', 'other.py'))).toBe(false)
  })

  it('keeps programs runnable', async () => {
    const all = unzipSync(wheelOf('a', '1', { 'a/bin/tool': Buffer.from('#!/bin/sh\n') }))
    const wheel = await opened(
      zipSync(
        Object.fromEntries(
          Object.entries(all).map(([name, bytes]) => [
            name,
            [bytes, { os: 3, attrs: (name === 'a/bin/tool' ? 0o100755 : 0o100644) << 16 }],
          ]),
        ),
      ),
    )
    const to = join(await temporaryFolder(), 'tool')
    await wheel.extract(member => (member === 'a/bin/tool' ? to : null))
    expect((await stat(to)).mode & 0o777).toBe(0o755)
  })

  it('is refused where a member is not as its RECORD says', async () => {
    const all = unzipSync(wheelOf('a', '1', { 'a/lib.so': CONTENT }))
    all['a/lib.so'] = Buffer.from('something else')
    const wheel = await opened(zipSync(all))
    const to = join(await temporaryFolder(), 'lib.so')
    await expect(wheel.extract(member => (member === 'a/lib.so' ? to : null))).rejects.toThrow(
      'wheel: a-1-py3-none-any.whl: a/lib.so is not as its RECORD; a whole wheel was expected',
    )
  })

  it('is refused where it is cut short, no zip, without a RECORD, or names a path that leads out', async () => {
    const whole = wheelOf('a', '1', { 'a/lib.so': CONTENT })
    for (const bytes of [
      whole.subarray(0, whole.length / 2),
      Buffer.from('no zip at all'),
      zipSync({ 'a/lib.so': CONTENT }),
      zipSync({ '../../etc/passwd': CONTENT, 'a-1.dist-info/RECORD': new Uint8Array() }),
    ])
      await expect(openWheel(await written(bytes))).rejects.toMatchObject({ code: 'wheel-damaged' })
  })

  it('is refused where a member does not unpack', async () => {
    const bytes = wheelOf('a', '1', { 'a/lib.so': CONTENT })
    // The first member's data starts after its local header of 30 bytes and its name.
    bytes.fill(0xff, 30 + 'a/lib.so'.length, 30 + 'a/lib.so'.length + 20)
    const wheel = await opened(bytes)
    const to = join(await temporaryFolder(), 'lib.so')
    await expect(wheel.extract(member => (member === 'a/lib.so' ? to : null))).rejects.toMatchObject({
      code: 'wheel-damaged',
    })
  })
})

describe('the CUDA packages of a wheel', () => {
  it('are those of its extra, at their exact releases', () => {
    const metadata = [
      'Metadata-Version: 2.1',
      'Requires-Dist: numpy <2.1.0,>=1.26.0',
      "Requires-Dist: nvidia-cublas-cu12 ==12.5.3.2 ; extra == 'and-cuda'",
      'Requires-Dist: nvidia-nccl-cu12 (==2.21.5) ; extra == "and-cuda"',
      "Requires-Dist: other ==1.0 ; extra == 'gcs'",
      '',
      "Requires-Dist: in-the-description ==1.0 ; extra == 'and-cuda'",
    ].join('\n')
    expect(packagesOfExtra(metadata, 'and-cuda')).toEqual([
      { project: 'nvidia-cublas-cu12', version: '12.5.3.2', sha256: null },
      { project: 'nvidia-nccl-cu12', version: '2.21.5', sha256: null },
    ])
  })

  it.each([
    ['nvidia/cudnn/lib/libcudnn.so.9', true],
    ['nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.5', true],
    ['nvidia/cuda_nvcc/bin/ptxas', true],
    ['nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc', true],
    ['nvidia/cudnn/include/cudnn.h', false],
    ['nvidia/cuda_nvcc/include/nvPTXCompiler.h', false],
    ['nvidia/__init__.py', false],
    ['nvidia_cudnn_cu12-9.3.0.75.dist-info/METADATA', false],
  ])('%s is needed: %s', (member, needed) => {
    expect(isCudaMember(member)).toBe(needed)
  })
})
