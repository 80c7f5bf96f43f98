import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Leases } from '../../../data/stores/leases.ts'
import type { QueueOrder } from '../../../data/stores/store.ts'

const SECONDS = 600
const cases = Array.from({ length: 200 }, (_, at) => `case ${at}`)
const order: QueueOrder = {
  cycle: '0001',
  cases,
  queueOf: () => 'review',
  entry: () => {
    throw new Error('lending reads no entry')
  },
}

describe('leases of one server', () => {
  let leases: Leases
  let decided: Set<string>
  const next = (who: string, after?: string) => {
    const isOpen = (id: string) => !decided.has(id)
    const place = leases.next(order, who, { ...(after ? { after } : {}), seconds: SECONDS, isOpen })
    return place === undefined ? undefined : cases[place]!
  }

  beforeEach(() => {
    vi.useFakeTimers()
    leases = new Leases()
    decided = new Set()
  })
  afterEach(() => void vi.useRealTimers())

  test('remember no more than is in somebody’s hands, however much was decided', () => {
    const people = ['Ann', 'Bob', 'Cyd']
    const at: (string | undefined)[] = people.map(() => undefined)
    for (let turn = 0; turn < 60; turn++)
      for (const [i, who] of people.entries()) {
        at[i] = next(who, at[i])
        decided.add(at[i]!)
      }
    expect(decided.size).toBe(180)
    expect(leases.count).toBeLessThanOrEqual(people.length)
  })

  test('forget what was decided also where a page asks for one case ahead', () => {
    let shown = next('Ann')!
    for (let turn = 0; turn < 100; turn++) {
      const ahead = next('Ann', shown)!
      decided.add(shown)
      shown = ahead
    }
    expect(leases.count).toBeLessThanOrEqual(2)
  })

  test('give a case to somebody else when its time is over, one behind a renewed one too', () => {
    expect(next('Ann')).toBe('case 0')
    expect(next('Ann', 'case 0')).toBe('case 1')
    vi.advanceTimersByTime(SECONDS * 500)
    // Ann goes back to her first, which is lent anew; her second is not.
    expect(next('Ann')).toBe('case 0')
    expect(next('Bob')).toBe('case 2')
    vi.advanceTimersByTime(SECONDS * 501)
    expect(next('Cyd')).toBe('case 1')
    expect(next('Dan')).toBe('case 3')
  })

  test('give back one case or all of a person', () => {
    expect([next('Ann'), next('Ann', 'case 0'), next('Ann', 'case 1')]).toEqual(cases.slice(0, 3))
    leases.release('Bob', 'case 1')
    expect(next('Bob')).toBe('case 3')
    leases.release('Ann', 'case 1')
    expect(next('Cyd')).toBe('case 1')
    leases.release('Ann')
    expect(next('Dan')).toBe('case 0')
    expect(leases.count).toBe(3)
  })
})
