import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { importCsv } from '../../../data/formats/csv-import.ts'
import { importJsonl } from '../../../data/formats/jsonl-import.ts'
import { labelledRow } from '../../../data/formats/labelled-row.ts'
import { nothingMined } from '../../../data/formats/text-findings.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { listRejected } from '../../../data/workspace/documents.ts'
import { folderOf, picture, receiver } from './folder.ts'

const FIELDS = [
  'image',
  'flag',
  'lesions',
  'GGO',
  'Csld',
  'caption',
  'document',
  'figure',
  'panel',
  'page',
  'side',
] as const
const HEADER = 'image,flag,GGO,Csld,CrPa,AirBr,InSepThi,caption,document,figure,panel,page,patient,side'

describe('import csv', () => {
  test('takes pictures, labels, captions and provenance', async () => {
    const dir = folderOf({
      'set.csv': [
        HEADER,
        'a.png,positive,present,absent,0,,no,"Figure 1, with a comma",10.1101/1v2,Figure 1,A,3,p1,train',
        'b.jpg,negative,,,,,,,,,,,,test',
      ].join('\n'),
      'a.png': await picture(1),
      'b.jpg': await picture(2, 'jpeg'),
    })
    const { workspace, options, cases, puts } = await receiver()
    const result = await importCsv(workspace, join(dir, 'set.csv'), options)
    expect(result).toMatchObject({ format: 'csv', imported: 2, documents: 1, rejected: [] })
    expect([...puts.keys()]).toEqual(['set:10.1101/1v2', 'set:'])
    const [one, other] = cases()
    expect(one).toMatchObject({
      id: 'set:10.1101/1v2#Figure 1#A',
      caption: 'Figure 1, with a comma',
      figure: 'Figure 1',
      panel: 'A',
      page: 3,
      patient: 'set:p1',
      officialSide: 'train',
      published: {
        flag: 'positive',
        dataset: 'set',
        findings: { GGO: 'present', Csld: 'absent', InSepThi: 'absent' },
      },
      source: { name: 'set', file: 'a.png', format: 'png' },
    })
    expect(other?.document).toBeNull()
    expect(other?.id).toBe(other?.image)
    expect(existsSync(workspace.paths.image(one!.imageFile))).toBe(true)
  })
  test('a missing column is an error that names it and those found, and nothing is written', async () => {
    const dir = folderOf({ 'set.csv': 'image,flag,GGO,Csld,CrPa,InSepThi\na.png,positive,1,0,0,0\n' })
    const { workspace, options, cases } = await receiver()
    await expect(importCsv(workspace, join(dir, 'set.csv'), options)).rejects.toMatchObject({
      code: 'csv-column',
      message: expect.stringMatching(/column "AirBr" missing; found "image", "flag", "GGO"/),
    })
    expect(cases()).toEqual([])
  })
  test('column names are found in any case, with a byte order mark and blanks', async () => {
    const dir = folderOf({
      'set.csv': '\uFEFFImage, Flag ,ggo,CSLD,crpa,airbr,insepthi\na.png,POSITIVE,1,0,0,0,0\n',
      'a.png': await picture(1),
    })
    const { workspace, options, cases } = await receiver()
    await importCsv(workspace, join(dir, 'set.csv'), options)
    expect(cases()[0]?.published?.findings.GGO).toBe('present')
  })
  test('rows of the wrong length or with odd words are rejected with their line, the rest goes through', async () => {
    const dir = folderOf({
      'set.csv': [
        'image,flag,GGO,Csld,CrPa,AirBr,InSepThi',
        'a.png,positive,1,0,0,0,0',
        'a.png,positive,1',
        'b.png,maybe,1,0,0,0,0',
        'b.png,positive,perhaps,0,0,0,0',
        ',positive,0,0,0,0,0',
        'b.png,negative,0,0,0,0,0',
      ].join('\n'),
      'a.png': await picture(1),
      'b.png': await picture(2),
    })
    const { workspace, options, problems } = await receiver()
    const result = await importCsv(workspace, join(dir, 'set.csv'), options)
    expect(result.imported).toBe(2)
    const messages = result.rejected.map(one => one.message)
    expect(messages).toHaveLength(4)
    expect(messages.join('\n')).toMatch(/line 3: 3 cells: expected 7/)
    expect(messages.join('\n')).toMatch(/line 4: flag: "maybe": expected positive, negative or nothing/)
    expect(messages.join('\n')).toMatch(/line 5: GGO: "perhaps"/)
    expect(messages.join('\n')).toMatch(/line 6: image/)
    expect(problems).toHaveLength(4)
    expect((await listRejected(workspace)).map(one => one.item)).toEqual([
      'set.csv: line 3',
      'set.csv: line 4',
      'set.csv: line 5',
      'set.csv: line 6',
    ])
  })
  test('a quote that is never closed costs the rows from there on, and says so', async () => {
    const dir = folderOf({
      'set.csv': `${HEADER}\na.png,positive,1,0,0,0,0,,,,,,,\nb.png,positive,1,0,0,0,0,"never closed,,,\nc.png,,,`,
      'a.png': await picture(1),
    })
    const { workspace, options } = await receiver()
    const result = await importCsv(workspace, join(dir, 'set.csv'), options)
    expect(result.imported).toBe(1)
    expect(result.rejected).toHaveLength(1)
    expect(result.rejected[0]?.message).toContain('the lines after it were not read')
  })
  test('cells that our own export defused come back as they were', async () => {
    const dir = folderOf({
      'set.csv': `${HEADER}\na.png,positive,1,0,0,0,0,'=Figure 1,,,,,,\n`,
      'a.png': await picture(1),
    })
    const { workspace, options, cases } = await receiver()
    await importCsv(workspace, join(dir, 'set.csv'), options)
    expect(cases()[0]?.caption).toBe('=Figure 1')
  })
  test('an empty file says what its first line must name', async () => {
    const dir = folderOf({ 'set.csv': '' })
    const { workspace, options } = await receiver()
    await expect(importCsv(workspace, join(dir, 'set.csv'), options)).rejects.toMatchObject({
      code: 'csv-empty',
    })
  })
  test('a file that is not there says so', async () => {
    const { workspace, options } = await receiver()
    await expect(importCsv(workspace, '/nowhere/set.csv', options)).rejects.toMatchObject({
      code: 'file-missing',
    })
  })
})

describe('any row at all', () => {
  test('is taken or refused in words, never thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue())),
        content => {
          const checked = labelledRow(content)
          if ('fault' in checked) expect(checked.fault.length).toBeGreaterThan(3)
          else expect(checked.row.image.length).toBeGreaterThan(0)
        },
      ),
    )
  })
})

describe('words of a row', () => {
  test.each(['constructor', 'toString', '__proto__'])('%s is no flag and no lesion', word => {
    expect(labelledRow({ image: 'a.png', flag: word })).toHaveProperty('fault')
    expect(labelledRow({ image: 'a.png', GGO: word })).toHaveProperty('fault')
  })
})

describe('import jsonl', () => {
  const row = (of: Record<string, unknown>) => `${JSON.stringify(of)}\n`

  test('takes lesions under their own key or beside the rest, as words, numbers or truth values', async () => {
    const dir = folderOf({
      'set.jsonl':
        row({ image: 'a.png', flag: true, lesions: { GGO: true, Csld: 1, CrPa: 'no' } }) +
        row({ image: 'b.png', flag: 'negative', InSepThi: 'present' }),
      'a.png': await picture(1),
      'b.png': await picture(2),
    })
    const { workspace, options, cases } = await receiver()
    await importJsonl(workspace, join(dir, 'set.jsonl'), options)
    const [one, other] = cases()
    expect(one?.published?.findings).toMatchObject({ GGO: 'present', Csld: 'present', CrPa: 'absent' })
    expect(other?.published).toMatchObject({ flag: 'negative', findings: { InSepThi: 'present' } })
  })
  test('a row without flag has no published label and counts by its caption', async () => {
    const dir = folderOf({ 'set.jsonl': row({ image: 'a.png', caption: 'GGO.' }), 'a.png': await picture(1) })
    const { workspace, options, cases } = await receiver()
    await importJsonl(workspace, join(dir, 'set.jsonl'), {
      ...options,
      mineText: texts =>
        texts.map(text => ({
          ...nothingMined(),
          findings: perLesion(lesion => (lesion === 'GGO' ? 'present' : 'none')),
          mentions: [
            {
              lesion: 'GGO',
              assertion: 'present',
              start: 0,
              end: 3,
              text: text.slice(0, 3),
              panels: [],
              rule: 'ggo',
            },
          ],
        })),
    })
    expect(cases()[0]?.published).toBeUndefined()
    expect(cases()[0]?.mined.findings.GGO).toBe('present')
    expect(cases()[0]?.mentions[0]?.text).toBe('GGO')
  })
  test('every fault of a row or picture keeps a place of its own, the rest goes through', async () => {
    const dir = folderOf({
      'set.jsonl': [
        JSON.stringify({ image: 'good.png', flag: 'positive' }),
        '{"image": "good.png", broken',
        JSON.stringify({ flag: 'positive' }),
        JSON.stringify({ image: 'empty.png', flag: 'positive' }),
        JSON.stringify({ image: 'text.png', flag: 'positive' }),
        JSON.stringify({ image: 'none.png', flag: 'positive' }),
        JSON.stringify({ image: '../outside.png', flag: 'positive' }),
        JSON.stringify({ image: 'same.png', flag: 'positive' }),
        JSON.stringify(['not', 'an', 'object']),
        JSON.stringify({ image: 'long.png', flag: 'negative', caption: 'no consolidation. '.repeat(60_000) }),
        JSON.stringify({ image: 'long.png', flag: 'negative', page: 'x' }),
      ].join('\n'),
      'good.png': await picture(1),
      'same.png': await picture(1),
      'long.png': await picture(2),
      'empty.png': '',
      'text.png': 'this is no picture',
    })
    const { workspace, options, cases } = await receiver()
    const result = await importJsonl(workspace, join(dir, 'set.jsonl'), options)
    expect(result.imported).toBe(2)
    expect(cases().map(one => one.caption.length)).toEqual([0, 1_080_000])
    const byLine = new Map(result.rejected.map(one => [Number(/line (\d+)/.exec(one.item)?.[1]), one]))
    expect([...byLine.keys()].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 11])
    expect(byLine.get(2)?.message).toContain('not valid JSON')
    expect(byLine.get(3)?.message).toContain('image: missing')
    expect(byLine.get(4)?.code).toBe('image-empty')
    expect(byLine.get(5)?.code).toMatch(/^image-/)
    expect(byLine.get(6)?.code).toBe('image-missing')
    expect(byLine.get(7)?.code).toBe('image-outside')
    expect(byLine.get(8)?.code).toBe('image-double')
    expect(byLine.get(9)?.message).toContain('expected an object')
    expect(byLine.get(11)?.message).toContain('page')
    expect(await listRejected(workspace)).toHaveLength(9)
  })
  test('two unlettered pictures of one figure are cases of their own, in the order of their rows', async () => {
    const dir = folderOf({
      'set.jsonl':
        row({ image: 'a.png', document: 'd', figure: 'Figure 2' }) +
        row({ image: 'b.png', document: 'd', figure: 'Figure 2' }),
      'a.png': await picture(1),
      'b.png': await picture(2),
    })
    const { workspace, options, cases } = await receiver()
    await importJsonl(workspace, join(dir, 'set.jsonl'), options)
    expect(cases().map(one => [one.id, one.order])).toEqual([
      ['set:d#Figure 2#~1', 0],
      ['set:d#Figure 2#~2', 1],
    ])
  })
  test('the same import again makes the same cases', async () => {
    const dir = folderOf({
      'set.jsonl': row({ image: 'a.png', flag: 'positive' }),
      'a.png': await picture(1),
    })
    const first = await receiver()
    const second = await receiver()
    await importJsonl(first.workspace, join(dir, 'set.jsonl'), first.options)
    await importJsonl(second.workspace, join(dir, 'set.jsonl'), second.options)
    expect(second.cases()).toEqual(first.cases())
  })
  test('a stopped import puts no case', async () => {
    const dir = folderOf({
      'set.jsonl': row({ image: 'a.png', flag: 'positive' }),
      'a.png': await picture(1),
    })
    const { workspace, options, cases } = await receiver()
    const controller = new AbortController()
    controller.abort(new Error('stopped'))
    const stopped = importJsonl(workspace, join(dir, 'set.jsonl'), { ...options, signal: controller.signal })
    await expect(stopped).rejects.toThrow('stopped')
    expect(cases()).toEqual([])
  })
})
