import { describe, expect, it } from 'vitest'
import { LoginLimit } from '../../../annotator/server/login-limit.ts'

const fail = () => {
  throw new Error('wrong')
}

describe('tries to log in', () => {
  it('are refused after ten failures in a minute, even a right one', () => {
    const limit = new LoginLimit(() => 0)
    for (let i = 0; i < 10; i++) expect(() => limit.guard('a', fail)).toThrow('wrong')
    expect(() => limit.guard('a', () => 'in')).toThrow(/wait 60 seconds/)
  })

  it('are counted for each client alone', () => {
    const limit = new LoginLimit(() => 0)
    for (let i = 0; i < 10; i++) expect(() => limit.guard('a', fail)).toThrow('wrong')
    expect(limit.guard('b', () => 'in')).toBe('in')
  })

  it('are open again when the minute is over', () => {
    let now = 0
    const limit = new LoginLimit(() => now)
    for (let i = 0; i < 10; i++) expect(() => limit.guard('a', fail)).toThrow('wrong')
    now = 60_000
    expect(limit.guard('a', () => 'in')).toBe('in')
  })

  it('cost nothing where they succeed', () => {
    const limit = new LoginLimit(() => 0)
    for (let i = 0; i < 50; i++) expect(limit.guard('a', () => 'in')).toBe('in')
  })
})
