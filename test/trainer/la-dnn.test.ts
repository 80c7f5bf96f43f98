import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { logisticProbabilities, logisticRegression } from '../../data/statistics/logistic-regression.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { seededRandom } from '../../data/statistics/random.ts'
import { chooseBackend } from '../../trainer/backend/choose-backend.ts'
import { fitHeads, headLogits, type Replica, type Rows } from '../../trainer/fit/fit-heads.ts'
import { HEAD_COUNT, laDnn, laDnnGradients, newParameters, variables } from '../../trainer/model/la-dnn.ts'
import { jointLoss, jointLossGradient, lossShares } from '../../trainer/model/loss.ts'

beforeAll(async () => {
  await chooseBackend('wasm')
}, 300_000)

/** Rows whose flag and lesions depend on the first features, with noise. */
function rowsOf(n: number, d: number, seed: number): Rows {
  const random = seededRandom(seed)
  const x = Float32Array.from({ length: n * d }, () => random.normal())
  const values = new Float32Array(n * HEAD_COUNT)
  for (let row = 0; row < n; row++)
    for (let head = 0; head < HEAD_COUNT; head++)
      values[row * HEAD_COUNT + head] = x[row * d + (head % d)]! + 0.7 * random.normal() > 0 ? 1 : 0
  return { n, x, values }
}
const every = (n: number) => new Float32Array(n * HEAD_COUNT).fill(1)

describe('LA-DNN', () => {
  it.each([0, 3])('has the gradient that finite differences give, with %i hidden units', hidden => {
    const [n, d, R] = [5, 4, 2]
    const { x, values } = rowsOf(n, d, 3)
    const random = seededRandom(5)
    const parameters = newParameters({ features: d, hidden, replicas: R }, 7)
    const { penalised, free } = variables(parameters)
    const all = [...penalised, ...free]
    // Away from nought, so that no unit sits in relu's corner.
    for (const variable of all)
      variable.assign(
        tf.tensor(
          Float32Array.from({ length: variable.size }, () => random.normal(0.2, 0.6)),
          variable.shape,
        ),
      )
    const weights = Float32Array.from({ length: n * HEAD_COUNT }, (_, at) =>
      at % 5 === 0 ? 0 : random.between(0.5, 2),
    )
    const shares = new Float32Array(R * n * HEAD_COUNT)
    shares.set(lossShares(weights, 0.5))
    shares.set(lossShares(weights, 2), n * HEAD_COUNT)
    const input = tf.tensor2d(x, [n, d])
    const targets = {
      values: tf.tensor3d(values, [1, n, HEAD_COUNT]),
      shares: tf.tensor3d(shares, [R, n, HEAD_COUNT]),
    }
    const loss = () =>
      tf.tidy(() => tf.sum(jointLoss(laDnn(parameters, input).logits, targets)).dataSync()[0]!)
    const outputs = laDnn(parameters, input)
    const gradients = laDnnGradients(
      parameters,
      tf.transpose(input),
      outputs,
      jointLossGradient(outputs.logits, targets),
    ).map(gradient => gradient.dataSync())
    all.forEach((variable, place) => {
      const base = variable.dataSync().slice()
      const step = 1e-2
      for (let at = 0; at < base.length; at += 3) {
        const at2 = (delta: number) => {
          const moved = base.slice()
          moved[at]! += delta
          variable.assign(tf.tensor(moved, variable.shape))
          return loss()
        }
        const slope = (at2(step) - at2(-step)) / (2 * step)
        expect(Math.abs(gradients[place]![at]! - slope)).toBeLessThan(5e-3)
      }
      variable.assign(tf.tensor(base, variable.shape))
    })
  })

  it('counts the flag once and the lesions λ times, whatever is masked', () => {
    const weights = new Float32Array(3 * HEAD_COUNT).fill(1)
    weights[0] = 0
    weights[HEAD_COUNT + 2] = 0
    const shares = lossShares(weights, 0.3)
    const flag = shares.filter((_, at) => at % HEAD_COUNT === 0).reduce((sum, share) => sum + share, 0)
    const lesions = shares.filter((_, at) => at % HEAD_COUNT !== 0).reduce((sum, share) => sum + share, 0)
    expect([flag, lesions]).toEqual([expect.closeTo(1, 5), expect.closeTo(0.3, 5)])
    expect([shares[0], shares[HEAD_COUNT + 2]]).toEqual([0, 0])
  })

  it('has no lesion loss where no lesion was assessed', () => {
    const weights = Float32Array.from({ length: 2 * HEAD_COUNT }, (_, at) => (at % HEAD_COUNT === 0 ? 1 : 0))
    expect([...lossShares(weights, 1)].every(Number.isFinite)).toBe(true)
  })
})

describe('fitting the heads', () => {
  const options = { hidden: 0, seed: 1, epochs: 300, rate: 0.05 }

  it('finds what exact logistic regression finds', async () => {
    const rows = rowsOf(200, 6, 1)
    const fitted = await fitHeads(rows, [{ l2: 5, lambda: 1, weights: every(200) }], options)
    const logits = headLogits(fitted, rows.x)[0]!
    const features = Array.from({ length: 200 }, (_, row) => rows.x.slice(row * 6, row * 6 + 6))
    const flags = features.map((_, row) => rows.values[row * HEAD_COUNT]!)
    const exact = logisticProbabilities(
      logisticRegression(features, flags, { l2: 5, standardise: false }),
      features,
    )
    exact.forEach((probability, row) => {
      expect(sigmoid(logits[row * HEAD_COUNT]!)).toBeCloseTo(probability, 2)
    })
  })

  it('gives the same weights for the same seed', async () => {
    const rows = rowsOf(40, 5, 2)
    const replica = { l2: 1, lambda: 0.5, weights: every(40) }
    const run = async () => {
      const fitted = await fitHeads(rows, [replica], { ...options, hidden: 4, epochs: 30 })
      return headLogits(fitted, rows.x)[0]!
    }
    expect(await run()).toEqual(await run())
  })

  it('fits networks side by side as if each were alone', async () => {
    const rows = rowsOf(40, 5, 2)
    const replicas: Replica[] = [1, 100].map(l2 => ({ l2, lambda: 0.5, weights: every(40) }))
    const settings = { ...options, hidden: 3, epochs: 40 }
    const both = headLogits(await fitHeads(rows, replicas, settings), rows.x)
    for (const [at, replica] of replicas.entries()) {
      const alone = headLogits(await fitHeads(rows, [replica], settings), rows.x)[0]!
      alone.forEach((logit, place) => {
        expect(both[at]![place]).toBeCloseTo(logit, 3)
      })
    }
  })

  it('does not see the value of what is masked', async () => {
    const rows = rowsOf(30, 4, 6)
    const weights = every(30)
    for (let at = 0; at < weights.length; at += 4) weights[at] = 0
    const other = { ...rows, values: rows.values.map((value, at) => (weights[at] === 0 ? 1 - value : value)) }
    const run = async (of: Rows) =>
      headLogits(await fitHeads(of, [{ l2: 1, lambda: 1, weights }], { ...options, epochs: 30 }), rows.x)[0]!
    expect(await run(other)).toEqual(await run(rows))
  })

  it('keeps the epoch whose loss on watched rows was lowest', async () => {
    const rows = rowsOf(24, 20, 8)
    const watch = { ...rowsOf(200, 20, 9), weights: every(200) }
    const losses: number[] = []
    const fitted = await fitHeads(rows, [{ l2: 0, lambda: 1, weights: every(24) }], {
      ...options,
      watch,
      onLoss: (_, __, watched) => losses.push(watched!),
    })
    const kept = fitted.keptAt[0]!
    expect(kept).toBeLessThan(300)
    expect(Math.min(...losses)).toBe(losses[kept === 1 ? 0 : kept / 10])
  })

  it('stops with a clear word where the loss is no longer a number', async () => {
    const rows = rowsOf(20, 3, 4)
    rows.x[4] = Number.NaN
    await expect(fitHeads(rows, [{ l2: 1, lambda: 1, weights: every(20) }], options)).rejects.toMatchObject({
      code: 'fit-diverged',
    })
  })

  it('stops when asked to, and leaves no tensor behind', async () => {
    const rows = rowsOf(20, 3, 4)
    const before = tf.memory().numTensors
    const controller = new AbortController()
    const fit = fitHeads(rows, [{ l2: 1, lambda: 1, weights: every(20) }], {
      ...options,
      signal: controller.signal,
      onLoss: epoch => {
        if (epoch === 10) controller.abort(new Error('stopped'))
      },
    })
    await expect(fit).rejects.toThrow('stopped')
    expect(tf.memory().numTensors).toBe(before)
  })

  it('leaves nothing but its parameters behind, and these until they are given back', async () => {
    const rows = rowsOf(20, 3, 4)
    const before = tf.memory().numTensors
    const fitted = await fitHeads(rows, [{ l2: 1, lambda: 1, weights: every(20) }], {
      ...options,
      epochs: 20,
    })
    expect(tf.memory().numTensors).toBe(before + 2)
    fitted.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
