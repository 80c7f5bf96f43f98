import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageOf } from '../../../data/errors.ts'
import type { Progress } from '../../../data/records/job.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { lite0 } from '../../../trainer/backbones/efficientnet-lite0.ts'
import { loadTrainable } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import type { FinetuneData } from '../../../trainer/finetune/examples.ts'
import { finetune } from '../../../trainer/finetune/finetune.ts'
import { readFinetuneOptions } from '../../../trainer/finetune/options.ts'
import { writeDrawnWeights } from './drawn-weights.ts'
import { patchPictures } from './tiny-network.ts'

/** Two epochs of EfficientNet-Lite0 on small pictures, with everything switched on that draws or remembers. */
const OPTIONS = readFinetuneOptions({
  epochs: 2,
  batch: 8,
  trainSize: 64,
  testSize: 64,
  mixup: 0.3,
  dropout: 0.2,
  gradual: 1,
  keep: 'best',
  workers: 0,
})

describe.each(['native', 'wasm'] as const)('fine-tuning EfficientNet-Lite0 on %s', backend => {
  let dir: string
  let data: FinetuneData
  let here = false

  beforeAll(async () => {
    try {
      await chooseBackend(backend)
      here = true
    } catch (error) {
      console.warn(`fine-tuning on ${backend}: skipped: ${messageOf(error)}`)
      return
    }
    dir = await mkdtemp(join(tmpdir(), 'lesionloop-finetune-'))
    await writeDrawnWeights(join(dir, 'drawn.safetensors'), lite0.shapes)
    const pictures = await patchPictures(join(dir, 'pictures'), 22)
    data = { train: pictures.slice(0, 16), validation: pictures.slice(16), judged: [] }
  }, 300_000)
  afterAll(() => (here ? nodeFiles.remove(dir) : undefined))

  const run = async (folder: string, stopAt?: number) => {
    const controller = new AbortController()
    const backbone = await loadTrainable('efficientnet-lite0', { init: join(dir, 'drawn.safetensors') })
    const done = await finetune(data, backbone, OPTIONS, {
      folder: join(dir, folder),
      signal: controller.signal,
      onProgress: ({ step, done }: Progress) => {
        if (step === 'learning' && done === stopAt) controller.abort(new Error('stopped'))
      },
    })
    return {
      history: done.history,
      logits: [...done.logits].map(([id, row]) => [id, [...row]]),
      parameters: [...done.parameters].map(([name, tensor]) => [
        name,
        Buffer.from(tensor.dataSync().slice().buffer).toString('base64'),
      ]),
    }
  }

  it('ends with the same bytes whether or not it was stopped and gone on with', async context => {
    if (!here) context.skip()
    const whole = await run('whole')
    await expect(run('parted', 1)).rejects.toThrow('stopped')
    const parted = await run('parted')
    expect(parted.history).toEqual(whole.history)
    expect(parted.logits).toEqual(whole.logits)
    expect(parted.parameters).toEqual(whole.parameters)
  })
})
