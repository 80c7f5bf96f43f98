import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { startWasm } from '../../../trainer/backend/wasm.ts'
import { registerGradients } from '../../../trainer/ops/gradients/register.ts'
import { gradientsAgree, valuesAgree } from './agree.ts'
import { left } from './backends.ts'
import { KERNEL_CASES } from './cases-kernels.ts'
import { LAYER_CASES } from './cases-layers.ts'

const folder = packagePath('trainer', 'backend', 'wasm-kernels')
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('our WebAssembly kernels', () => {
  const record = JSON.parse(readFileSync(join(folder, 'kernels.json'), 'utf8')) as {
    sources: Record<string, string>
    built: Record<string, string>
  }

  it('were built from the C beside them: after a change run scripts/build-wasm-kernels.mjs', () => {
    const names = readdirSync(join(folder, 'source')).sort()
    expect(record.sources).toEqual(
      Object.fromEntries(names.map(name => [name, digest(join(folder, 'source', name))])),
    )
  })

  it('are the files that were built', () => {
    for (const [name, sha256] of Object.entries(record.built)) expect(digest(join(folder, name))).toBe(sha256)
  })
})

/** This file runs in a process of its own, so that TensorFlow.js' WebAssembly starts without threads here. */
describe('wasm on one thread, where there is one core', () => {
  beforeAll(async () => {
    registerGradients()
    expect(await startWasm(1)).toBe(1)
  })

  const cases = [
    ...LAYER_CASES,
    ...KERNEL_CASES.filter(({ name }) => /matMul|sum|mean|concat|slice|gather/.test(name)),
  ]
  it.each(cases)('$name: values', valuesAgree)
  it.each(cases)('$name: gradients', gradientsAgree)

  it('gives all scratch memory back', () => {
    const host = (
      tf.backend() as unknown as { wasm: { _malloc(bytes: number): number; _free(at: number): void } }
    ).wasm
    const x = tf.zeros<tf.Rank.R4>([1, 16, 16, 8])
    const w = tf.zeros<tf.Rank.R4>([3, 3, 8, 8])
    const run = () =>
      tf.tidy(() =>
        tf
          .grad(() => tf.sum(tf.conv2d(x, w, 1, 'same')))(x)
          .dataSync(),
      )
    run()
    const probe = () => {
      const address = host._malloc(1 << 22)
      host._free(address)
      return address
    }
    const before = probe()
    expect(left(() => Array.from({ length: 50 }, run))).toBe(0)
    expect(probe()).toBe(before)
  })
})
