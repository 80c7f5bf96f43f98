import { describe, expect, it } from 'vitest'
import { LentCases } from '../../../annotator/ui/review/lent-cases.ts'
import { caseReply, caseState } from './cases.ts'

const SECONDS = 600

/** A queue as one person meets it: lends the next open case behind the one named, from the beginning at its end. */
function queue(...ids: string[]) {
  const open = new Set(ids)
  const asked: (string | undefined)[] = []
  let now = 0
  const cases = new LentCases(
    async after => {
      asked.push(after)
      const from = after === undefined ? 0 : ids.indexOf(after) + 1
      const id = [...ids.slice(from), ...ids.slice(0, from)].find(each => open.has(each) && each !== after)
      const next = id === undefined ? null : caseReply(caseState({ id }))
      return { next, left: open.size, seconds: SECONDS }
    },
    () => now,
  )
  const next = async () => (await cases.next()) ?? undefined
  return {
    cases,
    asked,
    next,
    /** Decides a case; the server hears of it at once, or later. */
    decide(id: string, saved = true) {
      cases.decided(id)
      if (saved) open.delete(id)
    },
    take: (id: string) => void open.delete(id),
    wait: (seconds: number) => {
      now += seconds * 1000
    },
  }
}

describe('cases that are lent', () => {
  it('come in the queue’s order, and the one ahead is there without a question', async () => {
    const { cases, asked, next, decide } = queue('a', 'b', 'c')
    expect(await next()).toBe('a')
    await cases.ahead()
    expect(asked).toEqual([undefined, 'a'])
    decide('a')
    expect(await next()).toBe('b')
    expect(asked).toHaveLength(2)
  })

  it('are asked for once, however often one ahead is wanted meanwhile', async () => {
    const { cases, asked, next } = queue('a', 'b')
    await next()
    await Promise.all([cases.ahead(), cases.ahead(), next()])
    expect(asked).toEqual([undefined, 'a'])
  })

  it('come no more once decided, also while the decision is on its way to the server', async () => {
    const { next, decide } = queue('a', 'b', 'c')
    await next()
    decide('a', false)
    expect(await next()).toBe('b')
    decide('b', false)
    expect(await next()).toBe('c')
    decide('c', false)
    expect(await next()).toBeUndefined()
  })

  it('come again at the end where they were passed over without a decision', async () => {
    const { next, decide } = queue('a', 'b')
    expect(await next()).toBe('a')
    expect(await next()).toBe('b')
    decide('b')
    expect(await next()).toBe('a')
  })

  it('come again where their decision was taken back', async () => {
    const { cases, next, decide } = queue('a', 'b')
    await next()
    decide('a', false)
    await next()
    decide('b')
    cases.undecided('a')
    expect(await next()).toBe('a')
  })

  it('are asked for anew where their lease is about to end', async () => {
    const { cases, next, decide, take, wait } = queue('a', 'b', 'c')
    await next()
    await cases.ahead()
    decide('a')
    wait(SECONDS - 30)
    // Somebody else has been given it, and decided.
    take('b')
    expect(await next()).toBe('c')
  })

  it('are all named when they are dropped, but for those decided', async () => {
    const { cases, next, decide } = queue('a', 'b', 'c')
    await next()
    decide('a')
    await next()
    await cases.ahead()
    expect(cases.drop()).toEqual(['b', 'c'])
    expect(cases.drop()).toEqual([])
  })

  it('say how many wait in the queue where none is left for this person', async () => {
    const { cases, next } = queue()
    expect(await next()).toBeUndefined()
    expect(cases.left).toBe(0)
  })
})
