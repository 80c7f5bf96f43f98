import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonArrayItems } from '../../../data/formats/json-array.ts'
import { folderOf } from './folder.ts'

async function items(text: string): Promise<unknown[]> {
  const path = join(folderOf({ 'list.json': text }), 'list.json')
  const all: unknown[] = []
  for await (const item of jsonArrayItems(path, 'list: list.json', 'list-file')) all.push(item)
  return all
}

describe('a list in a JSON file', () => {
  test('gives the items that JSON.parse gives, whatever is in them and however it is indented', async () => {
    const folder = folderOf({})
    const path = join(folder, 'list.json')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), async (list, indent) => {
        writeFileSync(path, JSON.stringify(list, null, indent))
        const all: unknown[] = []
        for await (const item of jsonArrayItems(path, 'list', 'list-file')) all.push(item)
        expect(all).toEqual(JSON.parse(JSON.stringify(list)))
      }),
    )
  })
  test('is read whole where it is longer than what is read at a time, also where a letter lies across', async () => {
    const list = Array.from({ length: 30_000 }, (_, at) => ({ at, text: `é"\\]}🙂 ${'x'.repeat(at % 97)}` }))
    expect(await items(JSON.stringify(list))).toEqual(list)
  })
  test('may begin with a byte order mark and end with blanks', async () => {
    expect(await items('\uFEFF [1, "two"] \n')).toEqual([1, 'two'])
  })
  test.each([
    ['', 'empty'],
    ['{"a": 1}', 'expected a list'],
    ['[1, 2', 'ends in the middle, after 1 whole items'],
    ['[1, {"a": "b]', 'ends in the middle'],
    ['[1,, 2]', 'item 2: not valid JSON'],
    ['[1, 2,]', 'item 3: not valid JSON'],
    ['[{]}, 3]', 'item 1: not valid JSON'],
    ['[1] [2]', 'more after the end'],
  ])('%j is refused with the place', async (text, words) => {
    await expect(items(text)).rejects.toThrow(words)
  })
})
