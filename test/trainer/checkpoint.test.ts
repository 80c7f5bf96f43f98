import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../data/statistics/random.ts'
import { chooseBackend } from '../../trainer/backend/choose-backend.ts'
import { encodeCheckpoint, readCheckpoint } from '../../trainer/model/checkpoint.ts'
import { newParameters, variables } from '../../trainer/model/la-dnn.ts'
import { modelProbabilities, type TrainedModel } from '../../trainer/model/trained-model.ts'
import { encodeSafetensors, readSafetensors } from '../../trainer/weights/safetensors.ts'
import { temporaryFolder } from '../data/stores/sample.ts'

beforeAll(async () => {
  await chooseBackend('wasm')
}, 300_000)
const BACKBONE = { backbone: 'starter', weights: 'file', weightsSha256: 'abc', init: null }

function model(hidden: number): TrainedModel {
  const random = seededRandom(3)
  const parameters = newParameters({ features: 5, hidden, replicas: 1 }, 1)
  const { penalised, free } = variables(parameters)
  for (const one of [...penalised, ...free])
    one.assign(
      tf.tensor(
        Float32Array.from({ length: one.size }, () => random.normal()),
        one.shape,
      ),
    )
  return {
    features: 5,
    hidden,
    parameters,
    scaling: {
      mean: Float32Array.from([1, 2, 3, 4, 5]),
      deviation: Float32Array.from([1, 2, 1, 2, 1]),
    },
    heads: [
      { constant: null, calibrator: { kind: 'platt', slope: 0.7, intercept: 0.1 }, threshold: 0.4 },
      { constant: null, calibrator: { kind: 'temperature', temperature: 2 }, threshold: 0.5 },
      { constant: null, calibrator: null, threshold: null },
      { constant: null, calibrator: null, threshold: 0.1 },
      { constant: null, calibrator: null, threshold: 0.2 },
      { constant: 0.25, calibrator: null, threshold: null },
    ],
  }
}
const ROWS = Float32Array.from({ length: 15 }, (_, at) => Math.sin(at) * 3)

async function written(bytes: Uint8Array) {
  const path = join(await temporaryFolder(), 'checkpoint.safetensors')
  await writeFile(path, bytes)
  return path
}

describe('a checkpoint of the heads', () => {
  it.each([0, 4])('gives the same probabilities after reading, with %i hidden units', async hidden => {
    const made = model(hidden)
    const { model: read, configuration } = await readCheckpoint(
      await written(encodeCheckpoint(made, BACKBONE)),
    )
    expect([...modelProbabilities(read, ROWS)]).toEqual([...modelProbabilities(made, ROWS)])
    expect(configuration).toMatchObject(BACKBONE)
    expect(read.heads).toEqual(made.heads)
  })

  it('holds the layers under the names and in the layout PyTorch uses', async () => {
    const made = model(0)
    const { tensors } = await readSafetensors(await written(encodeCheckpoint(made, BACKBONE)))
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual({
      'features.mean': [5],
      'features.std': [5],
      'flag.weight': [1, 5],
      'flag.bias': [1],
      'lesions.weight': [5, 5],
      'lesions.bias': [5],
    })
    const direct = made.parameters.direct.arraySync()
    expect([...tensors.get('flag.weight')!.data]).toEqual(direct.map(row => row[0]))
    expect([...tensors.get('lesions.weight')!.data.slice(0, 5)]).toEqual(direct.map(row => row[1]))
  })

  it('is the same bytes for the same model', () => {
    expect(encodeCheckpoint(model(3), BACKBONE)).toEqual(encodeCheckpoint(model(3), BACKBONE))
  })

  it('answers with its base rate for a head that was not learned', () => {
    const probabilities = modelProbabilities(model(0), ROWS)
    expect([probabilities[5], probabilities[11], probabilities[17]]).toEqual([0.25, 0.25, 0.25])
  })

  it('is told from other safetensors files', async () => {
    const tensors = new Map([['x', { shape: [1], data: new Float32Array(1) }]])
    await expect(
      readCheckpoint(await written(encodeSafetensors({ tensors, metadata: {} }))),
    ).rejects.toMatchObject({ code: 'weights-mismatch' })
    await expect(
      readCheckpoint(
        await written(encodeSafetensors({ tensors, metadata: { lesionloop: '{"format":"other"}' } })),
      ),
    ).rejects.toMatchObject({ code: 'weights-mismatch' })
  })

  it('names a tensor that is missing', async () => {
    const bytes = encodeCheckpoint(model(0), BACKBONE)
    const { tensors, metadata } = await readSafetensors(await written(bytes))
    tensors.delete('lesions.bias')
    await expect(readCheckpoint(await written(encodeSafetensors({ tensors, metadata })))).rejects.toThrow(
      'missing lesions.bias',
    )
  })
})
