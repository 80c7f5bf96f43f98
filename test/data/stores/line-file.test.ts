import { appendFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LineFile } from '../../../data/stores/line-file.ts'
import { temporaryFolder } from './sample.ts'

async function fileOf(text: string): Promise<LineFile> {
  const path = join(await temporaryFolder(), 'lines')
  await writeFile(path, text)
  const file = new LineFile(path)
  onTestFinished(() => file.close())
  return file
}

async function walked(file: LineFile, from = 0, rest = false): Promise<[string, number][]> {
  const found: [string, number][] = []
  await file.eachLine(from, (bytes, offset) => found.push([bytes.toString(), offset]), { rest })
  return found
}

describe('lines of a file', () => {
  test('are walked through with their places, the last one without a newline left out', async () => {
    const file = await fileOf('one\n\nthree\nfou')
    expect(await walked(file)).toEqual([
      ['one', 0],
      ['', 4],
      ['three', 5],
    ])
    expect(await walked(file, 5)).toEqual([['three', 5]])
  })

  test('are walked through to the very end where that is asked for', async () => {
    expect(await walked(await fileOf('one\ntwo'), 0, true)).toEqual([
      ['one', 0],
      ['two', 4],
    ])
  })

  test('longer than what is read at a time are whole', async () => {
    const long = 'x'.repeat(3_500_000)
    const file = await fileOf(`a\n${long}\nb\n`)
    expect((await walked(file)).map(([text, at]) => [text.length, at])).toEqual([
      [1, 0],
      [long.length, 2],
      [1, long.length + 3],
    ])
  })

  test('of no file are none, and asking for one says so', async () => {
    const file = new LineFile(join(await temporaryFolder(), 'nothing'))
    expect(await walked(file)).toEqual([])
    expect(() => file.line(0, 1, 1)).toThrow('not there')
  })

  test('come back by their place in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'ü', ' '), maxLength: 30 }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.array(fc.nat(1000), { maxLength: 60 }),
        async (lines, order) => {
          const text = lines.map(line => `${line}\n`).join('')
          const file = await fileOf(text)
          const places = await walked(file)
          const end = Buffer.byteLength(text)
          for (const at of order) {
            const [line, offset] = places[at % places.length]!
            expect(file.line(offset, Buffer.byteLength(line), end).toString()).toBe(line)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  test('behind the settled part are read anew when they are asked for, though they were read ahead of once', async () => {
    const file = await fileOf('one\ntwo\nbad line that is taken back\n')
    expect(file.line(0, 3, 8).toString()).toBe('one')
    expect(file.line(4, 3, 8).toString()).toBe('two')
    await truncate(file.path, 8)
    await appendFile(file.path, 'good line in its place, longer\n')
    expect(file.line(8, 9, 39).toString()).toBe('good line')
  })

  test('that the file ends before are an error, not half a line', async () => {
    const file = await fileOf('one\n')
    expect(() => file.line(0, 30, 30)).toThrow('ends before byte 30')
  })
})
