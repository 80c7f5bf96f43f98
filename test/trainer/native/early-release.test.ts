import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { handedOn, releasedEarly } from '../../../trainer/ops/early-release.ts'

describe('memory given back on the way', () => {
  beforeAll(async () => {
    await chooseBackend('cpu')
  })

  const weights = () => [0.3, -0.7, 1.1, 0.9].map(value => tf.scalar(value))
  /** A chain with a fork in it: x feeds two branches, and a sum hands its gradient on as it is. */
  const chain = (x: tf.Tensor, [a, b, c, d]: tf.Tensor[]) => {
    const left = tf.tanh(tf.mul(x, a!))
    const right = tf.sigmoid(tf.add(left, b!))
    return tf.sum(tf.square(tf.add(tf.mul(right, c!), tf.add(left, d!)))) as tf.Scalar
  }

  it('gives the same gradients as without', () => {
    const [x, inputs] = [tf.linspace(-1, 1, 7), weights()]
    const gradients = (release: boolean) =>
      tf
        .grads((...each: tf.Tensor[]) => {
          const loss = chain(x, each)
          return release ? releasedEarly(loss) : loss
        })(inputs)
        .map(gradient => gradient.dataSync()[0])
    expect(gradients(true)).toEqual(gradients(false))
  })

  it('holds fewer bytes at the gradient’s end than without', () => {
    const held = (release: boolean) => {
      const x = tf.linspace(-1, 1, 1000)
      let most = 0
      const watch = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc) => ({
        value: tf.clone(input as tf.Tensor),
        gradFunc: dy => {
          most = tf.memory().numBytes
          return tf.clone(dy as tf.Tensor)
        },
      }))
      tf.grads((input: tf.Tensor) => {
        let y = watch(input)
        for (let at = 0; at < 20; at++) y = handedOn(y, one => tf.tanh(one))
        const loss = tf.sum(y) as tf.Scalar
        return release ? releasedEarly(loss) : loss
      })([x])
      return most
    }
    expect(held(true)).toBeLessThan(held(false) / 3)
  })

  it('leaves no tensor behind', () => {
    const [x, inputs] = [tf.linspace(-1, 1, 7), weights()]
    const before = tf.memory().numTensors
    tf.dispose(tf.grads((...each: tf.Tensor[]) => releasedEarly(chain(x, each)))(inputs))
    expect(tf.memory().numTensors).toBe(before)
  })

  it('outside of gradients the loss is only passed through', () => {
    const loss = tf.scalar(3)
    expect(releasedEarly(loss)).toBe(loss)
  })

  it('maps handed on are given back, an unchanged one is not', () => {
    const x = tf.ones([2, 2])
    expect(handedOn(x, same => same).isDisposed).toBe(false)
    const y = handedOn(x, one => tf.add(tf.square(one), 1))
    expect(x.isDisposed).toBe(true)
    expect(Array.from(y.dataSync())).toEqual([2, 2, 2, 2])
  })
})
