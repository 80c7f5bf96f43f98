import { afterEach, describe, expect, it } from 'vitest'
import { codeOf } from '../../../data/errors.ts'
import { inOrder } from '../../../data/pool/in-order.ts'
import { poolLimits } from '../../../data/pool/limits.ts'
import { openPool, type Pool } from '../../../data/pool/pool.ts'
import type { PoolOptions, Task } from '../../../data/pool/task.ts'

type Input = { does: string; value?: number }
type Output = { value?: number; pid: number }

/** The module name makes it a task for worker processes; they need the build. */
const module = new URL('./fixtures/unruly.mjs', import.meta.url).href
const { task: unruly } = (await import(module)) as { task: Task<Input, Output> }
const built = { ...unruly, module }

const pools: Pool<Input, Output>[] = []
const open = (given: Partial<PoolOptions> = {}) => {
  const pool = openPool(built, { ...poolLimits({ workers: 2 }), ...given })
  pools.push(pool)
  return pool
}
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close()
})

/** Whether a process is there. */
const runs = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const message = (work: Promise<unknown>) => work.then(String, error => `${codeOf(error)} ${error.message}`)

describe('a pool of workers', () => {
  it('hands out each file once, to at most as many processes as it was given', async () => {
    const pool = open()
    const done = await Promise.all(
      Array.from({ length: 12 }, (_, value) => pool.run({ does: 'wait', value }, `${value}`)),
    )
    expect(done.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    const pids = new Set(done.map(({ pid }) => pid))
    expect(pids.size).toBe(2)
    expect(pids).not.toContain(process.pid)
  })

  it('takes bytes over unchanged', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 256)
    const back = await open().run({ does: 'echo', value: bytes as unknown as number }, 'bytes')
    expect(Buffer.compare(Buffer.from(back.value as unknown as Uint8Array), Buffer.from(bytes))).toBe(0)
  })

  it('passes on what a task throws, with its code, and keeps the worker', async () => {
    const pool = open({ workers: 1 })
    const { pid } = await pool.run({ does: 'echo' }, 'a')
    expect(await message(pool.run({ does: 'nothing' }, 'b'))).toBe('ENOENT no nothing at all')
    expect((await pool.run({ does: 'echo' }, 'c')).pid).toBe(pid)
  })

  it('loses no file to a refusal inside it that nobody waits for', async () => {
    expect(await open({ workers: 1 }).run({ does: 'reject', value: 5 }, 'a.pdf')).toMatchObject({ value: 5 })
  })

  it('ends a worker that waits for what never comes, with the last refusal in words, before the time limit', async () => {
    const pool = open({ workers: 1, timeLimit: 600, stuckAfter: 2 })
    expect(await message(pool.run({ does: 'never' }, 'b.pdf'))).toBe(
      'file-stuck file: b.pdf: reading came to a standstill (entry 74 is bad): the file is damaged; open it in a viewer and save it anew, or leave it out',
    )
    expect((await pool.run({ does: 'echo', value: 3 }, 'c')).value).toBe(3)
  }, 120_000)

  it('kills a worker stuck in a loop at the time limit, says what to do, and goes on with a new one', async () => {
    const pool = open({ workers: 1, timeLimit: 0.3 })
    const { pid } = await pool.run({ does: 'echo' }, 'a')
    const stuck = message(pool.run({ does: 'loop' }, 'b.pdf'))
    const after = pool.run({ does: 'echo', value: 3 }, 'c')
    expect(await stuck).toBe(
      'file-time-limit file: b.pdf: took longer than 0.3 s; give it more with --time-limit, or leave it out',
    )
    const next = await after
    expect(next.value).toBe(3)
    expect(next.pid).not.toBe(pid)
    expect(runs(pid)).toBe(false)
  })

  it.each([
    ['heap', 'of JavaScript'],
    ['native', 'outside of it'],
  ])('ends a worker at the memory limit: %s memory, %s', async does => {
    const pool = open({ workers: 1, memoryLimit: 150 })
    expect(await message(pool.run({ does }, 'big.pdf'))).toBe(
      'file-memory-limit file: big.pdf: needed more than 150 MB of memory; give it more with --memory-limit, or leave it out',
    )
    expect((await pool.run({ does: 'echo', value: 1 }, 'next')).value).toBe(1)
  })

  it('does not hold against a file what its worker kept of earlier ones', async () => {
    const pool = open({ workers: 1, memoryLimit: 300 })
    const first = await pool.run({ does: 'hold', value: 150 }, 'a')
    const second = await pool.run({ does: 'hold', value: 150 }, 'b')
    expect(second.value).toBe(150)
    expect(second.pid).not.toBe(first.pid)
  })

  it('reports a worker that died and touches no other file', async () => {
    const pool = open()
    const [died, other] = await Promise.all([
      message(pool.run({ does: 'die' }, 'bad.pdf')),
      pool.run({ does: 'wait', value: 50 }, 'good.pdf'),
    ])
    expect(died).toMatch(/^file-crashed file: bad\.pdf: its worker ended \(SIGSEGV\); leave this file out/)
    expect(other.value).toBe(50)
  })

  it('ends all workers when its signal is aborted: what runs and what waits is rejected with its reason', async () => {
    const controller = new AbortController()
    const pool = open({ workers: 1, signal: controller.signal })
    const { pid } = await pool.run({ does: 'echo' }, 'a')
    const work = [
      message(pool.run({ does: 'loop' }, 'b')),
      message(pool.run({ does: 'echo' }, 'c')),
      message(pool.run({ does: 'echo' }, 'd')),
    ]
    controller.abort(new Error('enough'))
    expect(await Promise.all(work)).toEqual(Array(3).fill('unexpected enough'))
    expect(runs(pid)).toBe(false)
  })

  it('works in this process where only sources run, and keeps the time limit between steps', async () => {
    const pool = openPool({ ...unruly, module: 'task.ts' }, { ...poolLimits(), timeLimit: 0.05 })
    pools.push(pool)
    expect(await pool.run({ does: 'echo', value: 1 }, 'a')).toEqual({ value: 1, pid: process.pid })
    expect(await message(pool.run({ does: 'wait', value: 60_000 }, 'b'))).toMatch(/^file-time-limit/)
  })
})

describe('work in order', () => {
  it('gives outcomes in the order of the items, whichever ends first, and begins only so many ahead', async () => {
    let open = 0
    let most = 0
    const seen: unknown[] = []
    for await (const outcome of inOrder([30, 1, 20, 2, 10], 3, async ms => {
      most = Math.max(most, ++open)
      await new Promise(resolve => setTimeout(resolve, ms))
      open--
      if (ms === 2) throw new Error('two')
      return ms
    }))
      seen.push(outcome.ok ? outcome.value : String(outcome.error))
    expect(seen).toEqual([30, 1, 20, 'Error: two', 10])
    expect(most).toBe(3)
  })
})
