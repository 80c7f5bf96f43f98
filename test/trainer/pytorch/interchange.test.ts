import { execFile } from 'node:child_process'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { loadBackbone } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { networkLogits } from '../../../trainer/finetune/network.ts'
import { networkParameters, readNetwork } from '../../../trainer/model/network-checkpoint.ts'
import { EVALUATION } from '../../../trainer/ops/mode.ts'
import { temporaryFolder } from '../../data/stores/sample.ts'
import { noise } from '../backbones/noise.ts'
import { disposeAll } from '../backbones/parity-case.ts'
import { noiseNetworkFile } from '../onnx/noise-network.ts'

/** A Python that has torch, torchvision, timm and safetensors. */
const python = process.env['LESIONLOOP_PYTHON'] ?? ''
const script = (name: string) => packagePath('test', 'trainer', 'pytorch', name)

function hasPyTorch(): boolean {
  if (python) return true
  console.warn(
    'PyTorch: LESIONLOOP_PYTHON: not set: a Python with torch, torchvision, timm and safetensors was expected (skipped)',
  )
  return false
}

/** Runs a script of this folder; its output's lines as JSON. */
function run(name: string, args: string[], input: unknown = null): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const limits = { maxBuffer: 2 ** 28, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } }
    const child = execFile(python, [script(name), ...args], limits, (error, out) =>
      error
        ? reject(error)
        : resolve(
            out
              .trim()
              .split('\n')
              .map(line => JSON.parse(line) as unknown),
          ),
    )
    child.stdin?.end(JSON.stringify(input))
  })
}

/** Pictures of PyTorch's layout by formula, in ours. */
const pictures = (shape: [number, number, number, number], seed: number) =>
  tf.tidy(() =>
    tf.transpose(
      tf.tensor4d(
        noise(
          shape.reduce((product, extent) => product * extent, 1),
          seed,
        ),
        shape,
      ),
      [0, 2, 3, 1],
    ),
  ) as tf.Tensor4D

function difference(found: number[][], expected: number[][]): number {
  const largest = Math.max(...expected.flat().map(Math.abs))
  const off = expected.flatMap((row, at) => row.map((value, place) => Math.abs(found[at]![place]! - value)))
  return Math.max(...off) / largest
}

const NAMES = [
  'vgg16',
  'resnet18',
  'resnet50',
  'densenet121',
  'densenet169',
  'efficientnet-b0',
  'efficientnet-b1',
  'efficientnet-lite0',
]

describe.skipIf(!hasPyTorch())('PyTorch', () => {
  beforeAll(() => chooseBackend('wasm'), 300_000)

  it('opens our checkpoints of every backbone under the same names, and says the same within 1e-4', async () => {
    const shape: [number, number, number, number] = [2, 3, 64, 64]
    const files = await Promise.all(NAMES.map(name => noiseNetworkFile(name, 64)))
    const answers = (await run(
      'open_checkpoint.py',
      files,
      NAMES.map(() => ({ shape, seed: 42 })),
    )) as { backbone: string; features: number[][]; logits: number[][] }[]
    expect(answers.map(answer => answer.backbone)).toEqual(NAMES)
    for (const [at, file] of files.entries()) {
      const network = await readNetwork(file)
      const parameters = networkParameters(network)
      const { maps } = network.backbone.trainable!
      const ours: { features: number[][]; logits: number[][] } = { features: [], logits: [] }
      tf.tidy(() => {
        const input = pictures(shape, 42)
        ours.features = tf.mean<tf.Tensor2D>(maps(parameters, input, EVALUATION), [1, 2]).arraySync()
        ours.logits = networkLogits({ maps }, parameters, input, EVALUATION).arraySync()
      })
      disposeAll(parameters)
      expect(difference(ours.features, answers[at]!.features), NAMES[at]!).toBeLessThan(1e-4)
      expect(difference(ours.logits, answers[at]!.logits), NAMES[at]!).toBeLessThan(1e-4)
    }
  }, 600_000)

  it('has weights of its own read here, as float32, float16 and bfloat16', async () => {
    const folder = await temporaryFolder()
    const [expected] = (await run('save_weights.py', ['resnet18', folder])) as [number[][]]
    // Rounding of the weights to 11 and to 8 bits.
    for (const [type, tolerance] of [
      ['float32', 1e-4],
      ['float16', 2e-2],
      ['bfloat16', 1e-1],
    ] as const) {
      const init = join(folder, `${type}.safetensors`)
      const { pooled, parameters } = await loadBackbone('resnet18', { init })
      const found = tf.tidy(() => pooled(parameters, pictures([2, 3, 64, 64], 7)).arraySync())
      disposeAll(parameters)
      expect(difference(found, expected), type).toBeLessThan(tolerance)
    }
  }, 300_000)
})
