import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../data/statistics/random.ts'
import { fittingBatch, isOutOfMemory, outOfMemory } from '../../../trainer/finetune/memory.ts'
import { drawShare, mixInputs } from '../../../trainer/finetune/mixup.ts'
import { firstOpen, highestRate, stageOf } from '../../../trainer/finetune/open-stages.ts'
import { readFinetuneOptions } from '../../../trainer/finetune/options.ts'
import { rateShare } from '../../../trainer/finetune/schedule.ts'

const NETWORK = { stages: [['stem.', 'bn1.'], ['layer1.'], ['layer2.']] }

describe('the rate', () => {
  const share = (schedule: 'cosine' | 'one-cycle' | 'constant', step: number, warmup = 0.1) =>
    rateShare({ schedule, warmup }, step, 100)

  it('rises over the warm-up to its highest and is never nought', () => {
    expect(share('cosine', 0)).toBeCloseTo(0.1)
    expect(share('cosine', 9)).toBe(1)
  })

  it('falls along half a cosine to a hundredth', () => {
    expect(share('cosine', 55)).toBeCloseTo((1 + 0.01) / 2, 5)
    expect(share('cosine', 100)).toBeCloseTo(0.01, 5)
  })

  it('begins one cycle at a twenty-fifth and ends it at nearly nought', () => {
    expect(share('one-cycle', 0, 0.3)).toBeGreaterThan(0.04)
    expect(share('one-cycle', 0, 0.3)).toBeLessThan(0.05)
    expect(share('one-cycle', 29, 0.3)).toBeCloseTo(1, 5)
    expect(share('one-cycle', 100, 0.3)).toBeCloseTo(4e-6, 7)
  })

  it('stays where it is asked to', () => {
    expect(share('constant', 50)).toBe(1)
    expect(share('constant', 99)).toBe(1)
  })
})

describe('which stages learn', () => {
  const options = (given: object) => readFinetuneOptions(given)

  it('all from the first epoch on, unless told otherwise', () => {
    expect(firstOpen(3, options({}), 1)).toBe(0)
  })

  it('only the heads where all stages are frozen', () => {
    expect(firstOpen(3, options({ freeze: 9 }), 5)).toBe(3)
  })

  it('one more from the output back every few epochs, down to the frozen ones', () => {
    const opening = options({ gradual: 2, freeze: 1 })
    expect([1, 2, 3, 4, 5, 6, 7, 9].map(epoch => firstOpen(3, opening, epoch))).toEqual([
      3, 3, 2, 2, 1, 1, 1, 1,
    ])
  })

  it('knows the stage of a parameter by the beginning of its name', () => {
    expect(stageOf(NETWORK, 'layer1.0.conv.weight')).toBe(1)
    expect(stageOf(NETWORK, 'bn1.weight')).toBe(0)
    expect(stageOf(NETWORK, 'fc.weight')).toBe(-1)
  })

  it('gives stages nearer to the input lower rates', () => {
    const of = options({ backboneRate: 0.1, headRate: 0.5, stageDecay: 0.5 })
    expect(highestRate(NETWORK, 'flag.weight', of)).toBe(0.5)
    expect(highestRate(NETWORK, 'layer2.weight', of)).toBeCloseTo(0.1)
    expect(highestRate(NETWORK, 'stem.weight', of)).toBeCloseTo(0.025)
  })
})

describe('mixup', () => {
  it.each([0.2, 1, 3])('draws shares of Beta(%d), the greater part first', alpha => {
    const random = seededRandom(1)
    const shares = Array.from({ length: 20_000 }, () => drawShare(random, alpha))
    expect(shares.every(share => share >= 0.5 && share <= 1)).toBe(true)
    // E[(x − ½)²] of Beta(α, α) is 1 / (4 (2α + 1)); turning shares round does not change it.
    const variance = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / shares.length
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2)
  })

  it('mixes each picture with its partner as it was before', () => {
    const x = Float32Array.from([0, 0, 10, 20])
    mixInputs(x, Int32Array.from([1, 0]), 0.75)
    expect([...x]).toEqual([2.5, 5, 7.5, 15])
  })
})

describe('memory at its end', () => {
  it.each([
    'OOM when allocating tensor with shape[16,96,112,112]',
    'std::bad_alloc',
    'Array buffer allocation failed',
  ])('is told from other faults: %s', message => {
    expect(isOutOfMemory(new Error(message))).toBe(true)
    expect(isOutOfMemory(new Error('shapes do not match'))).toBe(false)
  })

  it('finds the batch that fits by halves, and says it', async () => {
    const tried: number[] = []
    const fits = await fittingBatch(32, batch => {
      tried.push(batch)
      if (batch > 5) throw new Error('OOM when allocating tensor')
    })
    expect(tried).toEqual([16, 8, 4])
    expect(outOfMemory(32, fits, 224, null).message).toMatch(/batch of 32 .*one of 4 does; .*--batch 4/)
  })

  it('says where not even one picture fits, and lets other faults through', async () => {
    const full = () => {
      throw new Error('out of memory')
    }
    expect(await fittingBatch(4, full)).toBe(0)
    expect(outOfMemory(4, 0, 512, null).message).toMatch(/nor does a single picture/)
    await expect(
      fittingBatch(4, () => {
        throw new Error('another fault')
      }),
    ).rejects.toThrow('another fault')
  })
})

describe('options', () => {
  it('are refused by name where they are wrong', () => {
    expect(() => readFinetuneOptions({ epochs: 0 })).toThrow(/fine-tuning: epochs: .*--help/)
    expect(() => readFinetuneOptions({ epoch: 3 } as object)).toThrow(/epoch/)
  })
})
