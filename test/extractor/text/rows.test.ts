import { describe, expect, it } from 'vitest'
import { type RowFormat, readRows } from '../../../extractor/text/rows.ts'

async function* chunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function rowsOf(input: string | Uint8Array, format: RowFormat | null = null, size = 7) {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  const out = []
  for await (const batch of readRows(chunks(bytes, size), 'in', format)) out.push(...batch)
  return {
    rows: out.flatMap(each => ('row' in each ? [each.row] : [])),
    problems: out.flatMap(each => ('problem' in each ? [each.problem.message] : [])),
  }
}

describe('rows', () => {
  it('are JSON lines where the first begins with a brace', async () => {
    const { rows } = await rowsOf('{"id":7,"text":"GGO","context":"t"}\n\n{"caption":"no GGO"}\n')
    expect(rows).toEqual([
      { id: '7', text: 'GGO', context: 't' },
      { id: '3', text: 'no GGO' },
    ])
  })

  it('prefer text to caption', async () => {
    expect((await rowsOf('{"caption":"b","text":"a"}')).rows).toEqual([{ id: '1', text: 'a' }])
  })

  it('carry targets as words or spans', async () => {
    const { rows } = await rowsOf('{"text":"no edema","targets":["edema",{"start":3,"end":8}]}')
    expect(rows[0]?.targets).toEqual(['edema', { start: 3, end: 8 }])
  })

  it('that are broken are problems that name their line, and the rest goes on', async () => {
    const { rows, problems } = await rowsOf(
      '{"id":1,"text":"a"}\n{bad\n[]\n{"id":2}\n{"text":5}\n{"text":"z","targets":3}\n{"text":"b"}',
    )
    expect(rows.map(row => row.text)).toEqual(['a', 'b'])
    expect(problems.map(each => /line \d+/.exec(each)?.[0])).toEqual([
      'line 2',
      'line 3',
      'line 4',
      'line 5',
      'line 6',
    ])
  })

  it('are plain lines where nothing else fits', async () => {
    expect((await rowsOf('no GGO\r\nGGO, bilateral\r\n')).rows).toEqual([
      { id: '1', text: 'no GGO' },
      { id: '2', text: 'GGO, bilateral' },
    ])
  })

  it('are CSV where the header names text, with line breaks inside quotes', async () => {
    const { rows } = await rowsOf('id,text,context\nx,"GGO, and\nmore",c\ny,"no ""GGO""",\n')
    expect(rows).toEqual([
      { id: 'x', text: 'GGO, and\nmore', context: 'c' },
      { id: 'y', text: 'no "GGO"' },
    ])
  })

  it('of a CSV without the column are one problem', async () => {
    const { rows, problems } = await rowsOf('id,words\n1,GGO\n', 'csv')
    expect(rows).toEqual([])
    expect(problems).toEqual([
      'row: in: line 1: column text: missing, the header has id, words; name the column of the texts "text"',
    ])
  })

  it('of a CSV with columns too many are left out', async () => {
    const { rows, problems } = await rowsOf('id,text\n1,a\n2,b,c\n3,d\n')
    expect(rows.map(row => row.text)).toEqual(['a', 'd'])
    expect(problems).toHaveLength(1)
  })

  const accented = 'opacité en verre dépoli\nGGO\n'
  it.each([
    ['UTF-8', Buffer.from(accented)],
    ['UTF-8 with a byte-order mark', Buffer.from(`\ufeff${accented}`)],
    ['UTF-16 little endian', Buffer.from(`\ufeff${accented}`, 'utf16le')],
    ['UTF-16 big endian', Buffer.from(`\ufeff${accented}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(accented, 'utf16le')],
    ['Latin-1', Buffer.from(accented, 'latin1')],
  ])('are read from %s', async (_, bytes) => {
    expect((await rowsOf(bytes)).rows.map(row => row.text)).toEqual(accented.trim().split('\n'))
  })

  it('of a megabyte go through', async () => {
    const text = 'GGO and no consolidation. '.repeat(40_000)
    expect((await rowsOf(JSON.stringify({ text }), null, 1 << 16)).rows[0]?.text.length).toBe(text.length)
  })

  it('of nothing are none', async () => {
    expect(await rowsOf('')).toEqual({ rows: [], problems: [] })
  })
})
