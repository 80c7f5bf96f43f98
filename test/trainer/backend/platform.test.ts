import { expect, it } from 'vitest'
import { expectPlatform, thisMachine } from '../../../trainer/backend/install/platform.ts'

const LINUX = { platform: 'linux', arch: 'x64', glibc: '2.36', avx: true }

it.each([
  [{ glibc: '2.12' }, /^platform: glibc 2\.12: 2\.17 or newer was expected; the wasm backend/],
  [{ glibc: null }, /^platform: a C library other than glibc: glibc 2\.17 or newer/],
  [{ platform: 'darwin', arch: 'arm64' }, /^platform: darwin arm64: Linux on x64/],
  [{ arch: 'arm64' }, /^platform: linux arm64: Linux on x64/],
  [{ avx: false }, /^platform: a processor without AVX/],
])('a machine with %o is refused with what was expected', (change, message) => {
  expect(() => expectPlatform({ ...LINUX, ...change })).toThrow(message)
})

it('a machine that will do is not refused, whether or not it can be told that it has AVX', () => {
  for (const change of [{}, { glibc: '2.17' }, { glibc: '3.0' }, { avx: null }])
    expect(() => expectPlatform({ ...LINUX, ...change })).not.toThrow()
})

it('this machine is told by what it runs', () => {
  expect(thisMachine()).toMatchObject({ platform: process.platform, arch: process.arch })
})
