import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { gradientsAgree, valuesAgree } from './agree.ts'
import { backendsHere, left } from './backends.ts'
import { KERNEL_CASES } from './cases-kernels.ts'
import { LAYER_CASES } from './cases-layers.ts'

const backends = await backendsHere()

describe.each(backends)('on %s', backend => {
  beforeAll(async () => {
    await chooseBackend(backend)
  })

  describe('a kernel', () => {
    it.each(KERNEL_CASES)('$name: values as plain float64 gives them', valuesAgree)
    it.each(KERNEL_CASES)('$name: gradients as finite differences give them', gradientsAgree)
  })

  describe('a layer', () => {
    it.each(LAYER_CASES)('$name: values as plain float64 gives them', valuesAgree)
    it.each(LAYER_CASES)('$name: gradients as finite differences give them', gradientsAgree)
  })

  it('runs on the backend that is being tested', () => {
    expect(tf.getBackend()).toBe(backend === 'native' || backend === 'gpu' ? 'tensorflow' : backend)
    expect(left(() => {})).toBe(0)
  })
})
