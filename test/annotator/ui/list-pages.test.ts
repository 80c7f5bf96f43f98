import { describe, expect, it } from 'vitest'
import type { CaseRow } from '../../../annotator/server/replies.ts'
import { CaseCache } from '../../../annotator/ui/review/case-cache.ts'
import { ListPages, PAGE_ROWS } from '../../../annotator/ui/review/list-pages.ts'
import { caseReply, caseState } from './cases.ts'

const rows = (total: number, mine: (at: number) => boolean) =>
  Array.from({ length: total }, (_, at) => ({ id: `case ${at}`, mine: mine(at) }) as CaseRow)

function list(all: CaseRow[]) {
  const asked: number[] = []
  const pages = new ListPages(
    async (offset, limit) => {
      asked.push(offset)
      return { rows: all.slice(offset, offset + limit), total: all.length, offset, limit, cycle: '0001' }
    },
    () => undefined,
  )
  return { pages, asked }
}

describe('the list by pages', () => {
  it('asks for a page once, when a row of it is needed', async () => {
    const { pages, asked } = list(rows(1000, () => false))
    await pages.need(5)
    await pages.need(7)
    await pages.need(950)
    expect(asked).toEqual([0, 900])
    expect(pages.row(950)?.id).toBe('case 950')
    expect(pages.row(500)).toBeUndefined()
  })

  it('asks again for a page that did not come', async () => {
    let broken = true
    const pages = new ListPages(
      async (offset, limit) => {
        if (broken) throw new Error('gone')
        return { rows: rows(3, () => false), total: 3, offset, limit, cycle: null }
      },
      () => undefined,
    )
    await expect(pages.need(0)).rejects.toThrow('gone')
    broken = false
    await pages.need(0)
    expect(pages.total).toBe(3)
  })

  it('finds the next undecided case, over pages not here yet', async () => {
    const { pages } = list(rows(3 * PAGE_ROWS, at => at !== 250))
    await pages.need(0)
    expect(await pages.undecided(0)).toBe(250)
    expect(await pages.undecided(251)).toBe(-1)
  })

  it('changes a row in its place', async () => {
    const { pages } = list(rows(3, () => false))
    await pages.need(0)
    pages.change('case 1', row => ({ ...row, mine: true }))
    expect([0, 1, 2].map(at => pages.row(at)?.mine)).toEqual([false, true, false])
    expect(await pages.undecided(1)).toBe(2)
  })
})

describe('cases fetched ahead', () => {
  it('are fetched once, and shown without waiting', async () => {
    let fetched = 0
    const cache = new CaseCache(async id => {
      fetched++
      return caseReply(caseState({ id }))
    })
    await Promise.all([cache.get('a'), cache.get('a')])
    expect(fetched).toBe(1)
    expect(cache.peek('a')?.case.id).toBe('a')
  })

  it('take in a newer state and ignore an older one', async () => {
    const cache = new CaseCache(async id => caseReply(caseState({ id, version: 3 })))
    await cache.get('a')
    cache.update(caseState({ id: 'a', version: 2, panel: 'old' }))
    expect(cache.peek('a')?.case.panel).toBe('A')
    cache.update(caseState({ id: 'a', version: 4, panel: 'new' }))
    expect(cache.peek('a')?.case.panel).toBe('new')
  })

  it('of a figure are forgotten together', async () => {
    const cache = new CaseCache(async id =>
      caseReply(caseState({ id, figure: id === 'c' ? 'Figure 2' : 'Figure 1' })),
    )
    await Promise.all(['a', 'b', 'c'].map(id => cache.get(id)))
    cache.dropFigure('paper', 'Figure 1')
    expect(['a', 'b', 'c'].map(id => cache.peek(id) !== undefined)).toEqual([false, false, true])
  })

  it('that could not be fetched are asked for again', async () => {
    let broken = true
    const cache = new CaseCache(async id => {
      if (broken) throw new Error('gone')
      return caseReply(caseState({ id }))
    })
    await expect(cache.get('a')).rejects.toThrow('gone')
    broken = false
    expect((await cache.get('a')).case.id).toBe('a')
  })

  it('are at most as many as kept', async () => {
    const cache = new CaseCache(async id => caseReply(caseState({ id })), 2)
    for (const id of ['a', 'b', 'c']) await cache.get(id)
    expect(cache.peek('a')).toBeUndefined()
    expect(cache.peek('c')).toBeDefined()
  })
})
