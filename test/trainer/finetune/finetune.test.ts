import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Progress } from '../../../data/records/job.ts'
import { auc } from '../../../data/statistics/roc.ts'
import { type FileOperations, nodeFiles } from '../../../data/workspace/files.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { diverged } from '../../../trainer/finetune/diverged.ts'
import type { FinetuneData, FinetuneExample } from '../../../trainer/finetune/examples.ts'
import { type Finetuned, finetune } from '../../../trainer/finetune/finetune.ts'
import { readFinetuneOptions } from '../../../trainer/finetune/options.ts'
import { LOSS_NAMES } from '../../../trainer/model/losses/losses.ts'
import { patchPictures, tinyBackbone } from './tiny-network.ts'

let dir: string
let pictures: FinetuneExample[]
let data: FinetuneData
let folders = 0

beforeAll(async () => {
  await chooseBackend('wasm')
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-finetune-'))
  pictures = await patchPictures(join(dir, 'pictures'), 44)
  data = { train: pictures.slice(0, 24), validation: pictures.slice(24, 34), judged: pictures.slice(34) }
}, 300_000)
afterAll(() => nodeFiles.remove(dir))

const OPTIONS = {
  epochs: 3,
  batch: 8,
  headRate: 0.05,
  backboneRate: 0.02,
  ema: 0.5,
  dropout: 0.1,
  tta: 'none' as const,
  workers: 0,
  augment: null,
  mixup: 0,
  smoothing: 0,
}
const options = (given: object = {}) => readFinetuneOptions({ ...OPTIONS, ...given })
const newFolder = () => join(dir, `run-${folders++}`)

async function run(given: object = {}, how: Partial<Parameters<typeof finetune>[3]> = {}, from = data) {
  return await finetune(from, tinyBackbone(), options(given), { folder: newFolder(), ...how })
}

const bytesOf = ({ parameters }: Finetuned) =>
  [...parameters].map(([name, tensor]) => [
    name,
    Buffer.from(tensor.dataSync().slice().buffer).toString('hex'),
  ])
const logitsOf = ({ logits }: Finetuned) => [...logits].map(([id, row]) => [id, [...row]])

/** Aborts at the end of an epoch, as Ctrl-C or a kill would end the process. */
function stopAfter(epoch: number) {
  const controller = new AbortController()
  const onProgress = ({ step, done }: Progress) => {
    if (step === 'learning' && done === epoch) controller.abort(new Error('stopped'))
  }
  return { signal: controller.signal, onProgress }
}

describe('fine-tuning', () => {
  it('learns to tell pictures it has not seen', async () => {
    const done = await run({ epochs: 12 })
    const rows = data.judged.map(({ id }) => done.logits.get(id)![0]!)
    const labels = pictures.slice(34).map(({ lesson }) => lesson[0]!.value as number)
    expect(auc(rows, labels)).toBeGreaterThan(0.9)
    expect(done.history.at(-1)!.trainLoss).toBeLessThan(done.history[0]!.trainLoss)
    expect(done.history).toHaveLength(12)
    expect(done.heads[0]!.threshold).not.toBeNull()
  })

  it.each(LOSS_NAMES)(
    'runs with the loss %s, and a head no loss reaches answers with its base rate',
    async loss => {
      const done = await run({ loss, epochs: 1 })
      expect(done.heads[0]!.constant).toBeNull()
      expect(done.heads[1]!.constant === null).toBe(loss !== 'flag-only')
      expect(done.history[0]!.valLoss).toBeGreaterThan(0)
    },
  )

  it.each([
    { optimizer: 'sgd', schedule: 'one-cycle' },
    { mixup: 0.4, smoothing: 0.1 },
    { frozenNorms: true, ema: 0, clip: 0 },
    { trainSize: 40, testSize: 48, tta: 'flip-crops' },
    { gradual: 1, stageDecay: 0.5, schedule: 'constant', warmup: 0 },
  ] as const)('runs with %o, twice the same', async given => {
    const [one, other] = [await run(given), await run(given)]
    expect(logitsOf(other)).toEqual(logitsOf(one))
    expect([...one.logits.values()].every(row => row.every(Number.isFinite))).toBe(true)
  })

  it('gives other weights by another seed', async () => {
    expect(logitsOf(await run({ seed: 2, epochs: 1 }))).not.toEqual(logitsOf(await run({ epochs: 1 })))
  })

  it('leaves frozen stages as they came, and their norms’ statistics', async () => {
    const before = tinyBackbone()
    const done = await run({ freeze: 1, epochs: 2, ema: 0 })
    const moved = [...before.parameters].filter(([name, tensor]) => {
      const after = done.parameters.get(name)!.dataSync()
      return tensor.dataSync().some((value, at) => value !== after[at])
    })
    expect(moved.length).toBeGreaterThan(0)
    expect(moved.every(([name]) => name.startsWith('body.'))).toBe(true)
  })

  it('learns the heads alone where every stage is frozen', async () => {
    const done = await run({ freeze: 2, epochs: 1, ema: 0 })
    expect(done.history[0]!.open).toBe(0)
    const before = tinyBackbone().parameters
    for (const [name, tensor] of before)
      expect([...done.parameters.get(name)!.dataSync()]).toEqual([...tensor.dataSync()])
  })

  it('keeps the epoch of the lowest validation loss where asked to', async () => {
    const done = await run({ epochs: 5, keep: 'best', headRate: 0.5, backboneRate: 0.3, ema: 0 })
    const losses = done.history.map(one => one.valLoss!)
    expect(done.keptAt).toBe(losses.indexOf(Math.min(...losses)) + 1)
  })

  it('stops when validation has not become better for so many epochs', async () => {
    const done = await run({ epochs: 40, patience: 2, headRate: 1, backboneRate: 0.5, ema: 0, clip: 0.5 })
    const losses = done.history.map(one => one.valLoss!)
    expect(done.history.length).toBeLessThan(40)
    expect(losses.length - 1 - losses.indexOf(Math.min(...losses))).toBe(2)
  })

  it('tells epoch, loss and speed, and gives points for live curves', async () => {
    const told: Progress[] = []
    await run({ epochs: 2 }, { onProgress: progress => told.push(progress) })
    expect(
      told.some(({ step, detail }) => step === 'epoch 1 of 2' && /loss .* images\/s/.test(detail!)),
    ).toBe(true)
    expect(told.flatMap(({ point }) => point?.['epoch'] ?? [])).toEqual([1, 2])
  })

  it('leaves no tensor behind but what it gives back', async () => {
    const backbone = tinyBackbone()
    const before = tf.memory().numTensors
    const done = await finetune(data, backbone, options(), { folder: newFolder() })
    for (const tensor of done.parameters.values()) tensor.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('a run that was stopped', () => {
  it.each([1, 2])('after epoch %d goes on to the very same bytes', async epoch => {
    const given = { keep: 'best', mixup: 0.3, gradual: 1 }
    const whole = await run(given)
    const folder = newFolder()
    await expect(
      finetune(data, tinyBackbone(), options(given), { folder, ...stopAfter(epoch) }),
    ).rejects.toThrow('stopped')
    const resumed = await finetune(data, tinyBackbone(), options(given), { folder })
    expect(resumed.history).toEqual(whole.history)
    expect(bytesOf(resumed)).toEqual(bytesOf(whole))
    expect(logitsOf(resumed)).toEqual(logitsOf(whole))
  })

  it('is only judged again where it was done, other pictures too', async () => {
    const folder = newFolder()
    const once = await finetune({ ...data, judged: [] }, tinyBackbone(), options(), { folder })
    const told: Progress[] = []
    const again = await finetune(data, tinyBackbone(), options(), {
      folder,
      onProgress: progress => told.push(progress),
    })
    expect(told.some(({ step }) => step.startsWith('epoch'))).toBe(false)
    expect(bytesOf(again)).toEqual(bytesOf(once))
    expect(again.logits.size).toBe(once.logits.size + data.judged.length)
  })

  it('is refused another’s folder', async () => {
    const folder = newFolder()
    await finetune(data, tinyBackbone(), options({ epochs: 1 }), { folder })
    await expect(finetune(data, tinyBackbone(), options({ epochs: 2 }), { folder })).rejects.toMatchObject({
      code: 'run-other',
    })
    await expect(finetune(data, tinyBackbone(2), options({ epochs: 1 }), { folder })).rejects.toMatchObject({
      code: 'run-other',
    })
  })
})

describe('what goes wrong', () => {
  it('a full disk at a checkpoint leaves the last whole state, from which the run goes on', async () => {
    const folder = newFolder()
    let states = 0
    const full: FileOperations = {
      ...nodeFiles,
      open: async (path, flags) => {
        if (path.includes('state.safetensors') && ++states === 2)
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        return await nodeFiles.open(path, flags)
      },
    }
    await expect(finetune(data, tinyBackbone(), options(), { folder, files: full })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('make room'),
    })
    const left = await readdir(folder)
    expect(left).toEqual(expect.arrayContaining(['run.json', 'state.safetensors']))
    // Whole files only, no half-written one beside them.
    for (const name of left)
      expect(name).toMatch(/^(best-\d{4}\.safetensors|events\..+|run\.json|state\.safetensors)$/)
    const resumed = await finetune(data, tinyBackbone(), options(), { folder })
    expect(bytesOf(resumed)).toEqual(bytesOf(await run()))
  })

  it('a picture that doesn’t decode is left out, named once and counted', async () => {
    const path = join(dir, 'broken.png')
    await writeFile(path, 'no picture')
    const broken = { ...pictures[0]!, id: 'broken', path }
    const told: Progress[] = []
    const done = await run(
      {},
      { onProgress: progress => told.push(progress) },
      {
        ...data,
        train: [...data.train, broken],
      },
    )
    expect(done.leftOut.map(one => one.id)).toEqual(['broken'])
    expect(told.flatMap(({ problem }) => problem?.item ?? [])).toEqual(['broken'])
    expect(done.warnings.join()).toContain('1 pictures could not be decoded and were left out: broken')
    expect(done.history.at(-1)!.images).toBeLessThanOrEqual(24)
  })

  it('a loss that is no number stops at its step with what to do, before anything is learned from it', async () => {
    const folder = newFolder()
    const backbone = tinyBackbone()
    const kernel = backbone.parameters.get('body.conv.weight')!
    backbone.parameters.set('body.conv.weight', tf.mul(kernel, Number.NaN))
    const error = await finetune(data, backbone, options(), { folder }).catch(error => error)
    expect(error).toMatchObject({ code: 'fit-diverged' })
    expect(error.message).toMatch(/epoch 1: step 1: loss NaN.*diverged; use lower rates \(--backbone-rate/)
    expect(await readdir(folder)).toEqual(['run.json'])
  })

  it('a run that diverges says which epoch’s state stands', () => {
    expect(diverged(4, 'the loss rose to 99.0', 3).message).toContain(
      "the state of epoch 3 stands in the run's folder",
    )
  })

  it('one class only is refused before anything is written', async () => {
    const folder = newFolder()
    const only = data.train.filter(({ lesson }) => lesson[0]!.value === 1)
    await expect(
      finetune({ ...data, train: only }, tinyBackbone(), options(), { folder }),
    ).rejects.toMatchObject({ code: 'one-class' })
    expect(await readdir(dir)).not.toContain(folder.split('/').at(-1))
  })

  it('a training side without a picture is refused, and so is one without a label', async () => {
    await expect(run({}, {}, { ...data, train: [] })).rejects.toMatchObject({ code: 'nothing-to-learn' })
    const masked = data.train.map(one => ({
      ...one,
      lesson: one.lesson.map(() => ({ value: null, source: null })),
    }))
    await expect(run({}, {}, { ...data, train: masked })).rejects.toMatchObject({ code: 'nothing-to-learn' })
  })

  it('an empty validation side is warned of: nothing is calibrated and the last epoch is kept', async () => {
    const done = await run({ keep: 'best', patience: 1 }, {}, { ...data, validation: [] })
    expect(done.keptAt).toBe(3)
    expect(done.heads[0]).toMatchObject({ calibrator: null, threshold: null })
    expect(done.warnings.join()).toContain('validation is empty')
  })

  it('a state cut short is refused by name, not learned from', async () => {
    const folder = newFolder()
    await finetune(data, tinyBackbone(), options({ epochs: 1 }), { folder })
    const path = join(folder, 'state.safetensors')
    await writeFile(path, (await readFile(path)).subarray(0, 500))
    await expect(finetune(data, tinyBackbone(), options({ epochs: 1 }), { folder })).rejects.toMatchObject({
      code: 'weights-damaged',
    })
  })
})
