import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { trainingOptions } from '../../cli/training-arguments.ts'

describe('arguments of train and cycle', () => {
  it('become options, numbers and lists read as such', async () => {
    const options = await trainingOptions({
      backbone: 'efficientnet-lite0',
      seed: '7',
      penalties: '1,10.5',
      lambdas: '0.2',
      'source-weights': 'mined=0.5, published=2',
      'only-expert': true,
      unmentioned: 'absent',
    })
    expect(options).toMatchObject({
      backbone: 'efficientnet-lite0',
      seed: 7,
      penalties: [1, 10.5],
      lambdas: [0.2],
      sourceWeights: { mined: 0.5, published: 2, expert: 1, agreed: 1, adjudicated: 1 },
      onlyExpert: true,
      unmentioned: 'absent',
    })
  })

  it('left out, keep their defaults', async () => {
    expect(await trainingOptions({})).toMatchObject({
      seed: 1,
      backend: 'auto',
      strategy: 'balanced',
      onlyExpert: false,
    })
  })

  it('name a weights file from where the command runs, and a name on the hub as it is', async () => {
    expect(isAbsolute((await trainingOptions({ init: 'net.safetensors' })).init!)).toBe(true)
    expect((await trainingOptions({ init: 'timm/net' })).init).toBe('timm/net')
  })

  it('put those of a fine-tuning under its name, epochs, batch and seed too', async () => {
    const options = await trainingOptions({
      fit: 'finetune',
      epochs: '3',
      batch: '4',
      seed: '5',
      loss: 'paper',
      'backbone-rate': '0.001',
      nesterov: false,
      augment: 'none',
      folds: '4',
    })
    expect(options).toMatchObject({ fit: 'finetune', seed: 5, folds: 4, epochs: 150, batch: 8 })
    expect(options.finetune).toMatchObject({
      epochs: 3,
      batch: 4,
      seed: 5,
      loss: 'paper',
      backboneRate: 0.001,
      nesterov: false,
      augment: null,
    })
  })

  it('come out of a file under the same names, the command line winning', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'lesionloop-arguments-')), 'run.json')
    await writeFile(
      path,
      JSON.stringify({ fit: 'finetune', 'head-rate': 0.01, mixup: 0.1, augment: { rotate: 3 }, folds: 3 }),
    )
    const options = await trainingOptions({ config: path, mixup: '0.3' })
    expect(options).toMatchObject({ fit: 'finetune', folds: 3 })
    expect(options.finetune).toMatchObject({ headRate: 0.01, mixup: 0.3, augment: { rotate: 3 } })
  })

  it('come out of a sealed cycle’s own config.json', async () => {
    const first = await trainingOptions({ fit: 'finetune', epochs: '3', loss: 'flag-only' })
    const path = join(await mkdtemp(join(tmpdir(), 'lesionloop-arguments-')), 'config.json')
    await writeFile(path, JSON.stringify({ ...first, scoredBy: {}, keptAt: 2, init: null }))
    expect(await trainingOptions({ config: path })).toEqual(first)
  })

  it('of a fine-tuning are refused without it, rather than ignored', async () => {
    await expect(trainingOptions({ loss: 'paper', mixup: '0.2' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--loss, --mixup: only with --fit finetune'),
    })
  })

  it('of a file that holds no object are refused', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'lesionloop-arguments-')), 'run.json')
    await writeFile(path, '[1]')
    await expect(trainingOptions({ config: path })).rejects.toMatchObject({ code: 'usage' })
    await expect(trainingOptions({ config: `${path}.none` })).rejects.toMatchObject({ code: 'file-missing' })
  })

  it.each([
    [{ seed: 'one' }, '--seed: one: a number was expected'],
    [{ seed: '1.5' }, '--seed: '],
    [{ penalties: '1,,2' }, '--penalties: '],
    [{ 'source-weights': 'hearsay=1' }, '--source-weights'],
    [{ 'source-weights': 'mined' }, '--source-weights'],
    [{ controls: 'perhaps' }, '--controls: '],
    [{ fit: 'finetune', loss: 'mine' }, '--loss: '],
    [{ fit: 'finetune', 'train-size': '2' }, '--train-size: '],
    [{ fit: 'finetune', augment: 'much' }, '--augment: much: none or a JSON object'],
    [{ fit: 'slowly' }, '--fit: '],
  ])('are refused as wrong usage where they make no sense: %j', async (args, message) => {
    await expect(trainingOptions(args)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message) as string,
    })
  })
})
