import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeFileName } from '../../../annotator/server/safe-file-name.ts'

describe('names of uploads', () => {
  it.each([
    ['paper.pdf', 'paper.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\win.ini', 'win.ini'],
    ['/absolute/path/scan.pdf', 'scan.pdf'],
    ['folder/', 'unnamed'],
    ['..', 'unnamed'],
    ['.hidden.pdf', 'hidden.pdf'],
    ['--workspace=x.pdf', 'workspace=x.pdf'],
    ['a\u0000b.pdf', 'ab.pdf'],
    ['evil\u202efdp.exe', 'evilfdp.exe'],
    ['CON.pdf', '_CON.pdf'],
    ['nul', '_nul'],
    ['a<b>:"|?*.pdf', 'a_b______.pdf'],
    ['trailing. . ', 'trailing'],
    ['größe.pdf', 'größe.pdf'],
    ['', 'unnamed'],
  ])('makes %j into %j', (given, expected) => {
    expect(safeFileName(given)).toBe(expected)
  })

  it('keeps the ending of a name that is too long', () => {
    const name = safeFileName(`${'x'.repeat(500)}.pdf`)
    expect(name).toHaveLength(120)
    expect(name.endsWith('.pdf')).toBe(true)
  })

  it('is one plain, short name whatever comes, and stays as it is when made safe again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), given => {
        const name = safeFileName(given)
        expect(name.length).toBeGreaterThan(0)
        expect(name.length).toBeLessThanOrEqual(120)
        expect(name).not.toMatch(/[/\\\p{Cc}]|^\.|^-/u)
        expect(['.', '..']).not.toContain(name)
      }),
    )
  })
})
