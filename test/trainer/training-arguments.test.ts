import { isAbsolute } from 'node:path'
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
      strategy: 'entropy',
      onlyExpert: false,
    })
  })

  it('name a weights file from where the command runs, and a name on the hub as it is', async () => {
    expect(isAbsolute((await trainingOptions({ init: 'net.safetensors' })).init!)).toBe(true)
    expect((await trainingOptions({ init: 'timm/net' })).init).toBe('timm/net')
  })

  it.each([
    [{ seed: 'one' }, '--seed: one: a number was expected'],
    [{ seed: '1.5' }, '--seed: '],
    [{ penalties: '1,,2' }, '--penalties: '],
    [{ 'source-weights': 'hearsay=1' }, '--source-weights'],
    [{ 'source-weights': 'mined' }, '--source-weights'],
    [{ controls: 'perhaps' }, '--controls: '],
  ])('are refused as wrong usage where they make no sense: %j', async (args, message) => {
    await expect(trainingOptions(args)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message) as string,
    })
  })
})
