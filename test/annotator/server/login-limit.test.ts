import { describe, expect, it } from 'vitest'
import { LoginLimit } from '../../../annotator/server/login-limit.ts'

const fail = async () => {
  throw new Error('wrong')
}
const succeed = async () => 'in'

async function failTimes(limit: LoginLimit, keys: string | string[], times: number): Promise<void> {
  for (let i = 0; i < times; i++) await expect(limit.guard(keys, fail)).rejects.toThrow('wrong')
}

describe('tries to log in', () => {
  it('are refused after ten failures, even a right one', async () => {
    const limit = new LoginLimit(() => 0)
    await failTimes(limit, 'a', 10)
    await expect(limit.guard('a', succeed)).rejects.toThrow(/wait 60 seconds/)
  })

  it('are counted for each client and each account alone', async () => {
    const limit = new LoginLimit(() => 0)
    await failTimes(limit, ['a', 'account ann'], 10)
    expect(await limit.guard('b', succeed)).toBe('in')
    await expect(limit.guard(['b', 'account ann'], succeed)).rejects.toThrow(/too many/)
    await expect(limit.guard(['a', 'account bob'], succeed)).rejects.toThrow(/too many/)
  })

  it('are open again when the minute is over', async () => {
    let now = 0
    const limit = new LoginLimit(() => now)
    await failTimes(limit, 'a', 10)
    now = 60_000
    expect(await limit.guard('a', succeed)).toBe('in')
    expect(await limit.guard('a', succeed)).toBe('in')
  })

  it('wait twice as long after each further failure, up to fifteen minutes', async () => {
    let now = 0
    const limit = new LoginLimit(() => now)
    await failTimes(limit, 'a', 10)
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      const error = await limit.guard('a', succeed).catch(caught => caught)
      waits.push(error.details.retryAfter)
      now += error.details.retryAfter * 1000
      await failTimes(limit, 'a', 1)
    }
    expect(waits).toEqual([60, 120, 240, 480, 900, 900])
  })

  it('are forgotten after a quarter of an hour of quiet', async () => {
    let now = 0
    const limit = new LoginLimit(() => now)
    await failTimes(limit, 'a', 9)
    now = 15 * 60_000
    await failTimes(limit, 'a', 9)
    expect(await limit.guard('a', succeed)).toBe('in')
  })

  it('count while they are under way, so that a hundred at once get no further than ten', async () => {
    const limit = new LoginLimit(() => 0)
    let tried = 0
    const slow = async () => {
      tried++
      await new Promise(resolve => setImmediate(resolve))
      throw new Error('wrong')
    }
    await Promise.allSettled(Array.from({ length: 100 }, () => limit.guard('a', slow)))
    expect(tried).toBe(10)
  })

  it('cost nothing where they succeed', async () => {
    const limit = new LoginLimit(() => 0)
    for (let i = 0; i < 50; i++) expect(await limit.guard('a', succeed)).toBe('in')
  })

  it('are remembered of the newest ten thousand clients', async () => {
    const limit = new LoginLimit(() => 0)
    await failTimes(limit, 'account ann', 10)
    for (let i = 0; i < 9999; i++) await limit.guard(`client ${i}`, fail).catch(() => undefined)
    await expect(limit.guard('account ann', succeed)).rejects.toThrow(/too many/)
  })
})
