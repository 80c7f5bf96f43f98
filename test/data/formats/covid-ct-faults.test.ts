import { describe, expect, test } from 'vitest'
import { importCovidCt } from '../../../data/formats/covid-ct.ts'
import { listRejected } from '../../../data/workspace/documents.ts'
import { folderOf, picture, receiver } from './folder.ts'

const HEADER = 'imgname,CVD19,GGO,Csld,CrPa,AirBr,InSepThi'

async function dataset(files: Record<string, string | Uint8Array> = {}) {
  return folderOf({
    'images/CT_COVID/2020.02.11.20021493-p16-109%0.png': await picture(1),
    'images/CT_COVID/2020.02.11.20021493-p16-109%1.png': await picture(2),
    'images/CT_NonCOVID/1%0.jpg': await picture(3, 'jpeg'),
    'train.csv': `${HEADER}\n2020.02.11.20021493-p16-109%0.png,CVD19,GGO,,,,\n1%0.jpg,,,,,,\n`,
    'val.csv': `${HEADER}\n2020.02.11.20021493-p16-109%1.png,CVD19,,,,,\n`,
    'test.csv': `${HEADER}\n`,
    ...files,
  })
}

describe('import covid-ct', () => {
  test('goes without captions and without the meta file; patients are then papers and control images', async () => {
    const { workspace, options, cases } = await receiver()
    const result = await importCovidCt(workspace, await dataset(), options)
    expect(result).toMatchObject({ imported: 3, documents: 1, rejected: [] })
    expect(
      cases()
        .map(one => one.patient)
        .sort(),
    ).toEqual(['covid-ct:1%0.jpg', 'covid-ct:2020.02.11.20021493', 'covid-ct:2020.02.11.20021493'])
  })
  test('identities do not depend on whether captions are there', async () => {
    const without = await receiver()
    await importCovidCt(without.workspace, await dataset(), without.options)
    const caption = {
      images: ['2020.02.11.20021493-p16-109%0.png'],
      patients: ['Patient 3'],
      caption: 'Figure 2.',
    }
    const withThem = await receiver()
    await importCovidCt(
      withThem.workspace,
      await dataset({ 'captions.jsonl': JSON.stringify(caption) }),
      withThem.options,
    )
    expect(withThem.cases().map(one => one.id)).toEqual(without.cases().map(one => one.id))
    expect(withThem.cases().find(one => one.caption === 'Figure 2.')?.patient).toBe('covid-ct:Patient 3')
  })
  test('rows without picture, pictures without row, empty and broken pictures are told of and left out', async () => {
    const { workspace, options, cases, problems } = await receiver()
    const folder = await dataset({
      'images/CT_COVID/empty-p1-1.png': '',
      'images/CT_COVID/broken-p1-2.png': Buffer.from('\x89PNG\r\n\x1a\nnothing behind it', 'latin1'),
      'images/CT_NonCOVID/stray.png': await picture(9),
      'test.csv': `${HEADER}\nempty-p1-1.png,CVD19,,,,,\nbroken-p1-2.png,CVD19,,,,,\ngone.png,CVD19,,,,,\n`,
    })
    const result = await importCovidCt(workspace, folder, options)
    expect(result.imported).toBe(3)
    expect(result.rejected.map(one => [one.item, one.code])).toEqual([
      ['images/CT_COVID/broken-p1-2.png', 'image-undecodable'],
      ['images/CT_COVID/empty-p1-1.png', 'image-empty'],
      ['images/CT_NonCOVID/stray.png', 'row-missing'],
      ['test.csv: line 4', 'image-missing'],
    ])
    expect(problems).toHaveLength(4)
    expect(await listRejected(workspace)).toHaveLength(4)
    expect(cases()).toHaveLength(3)
  })
  test('a row that contradicts its folder, an odd cell and a repeated row are told of', async () => {
    const { workspace, options } = await receiver()
    const folder = await dataset({
      'images/CT_NonCOVID/2.png': await picture(4),
      'images/CT_NonCOVID/3.png': await picture(5),
      'test.csv': `${HEADER}\n2.png,CVD19,,,,,\n3.png,,Aibr,,,,\n1%0.jpg,,,,,,\n`,
    })
    const result = await importCovidCt(workspace, folder, options)
    const codes = result.rejected.map(one => one.code).sort()
    expect(codes).toEqual(['csv-cell', 'flag-folder', 'row-missing', 'row-twice'])
    expect(result.rejected.find(one => one.code === 'csv-cell')?.message).toContain(
      'GGO: "Aibr": expected "GGO", 1, 0',
    )
    expect(result.imported).toBe(3)
  })
  test('the same control picture twice is one case, and the second is told of', async () => {
    const { workspace, options, cases } = await receiver()
    const folder = await dataset({
      'images/CT_NonCOVID/again.jpg': await picture(3, 'jpeg'),
      'test.csv': `${HEADER}\nagain.jpg,,,,,,\n`,
    })
    const result = await importCovidCt(workspace, folder, options)
    expect(result.rejected.map(one => one.code)).toEqual(['image-double'])
    expect(cases()).toHaveLength(3)
  })
  test('a paper on two sides is a warning with its counts', async () => {
    const { workspace, options } = await receiver()
    const { warnings } = await importCovidCt(workspace, await dataset(), options)
    expect(warnings.find(one => one.code === 'leak-document')?.message).toContain('(train 1, val 1)')
    expect(warnings.find(one => one.code === 'side-empty')?.message).toContain('test')
  })
  test('another folder says what is expected', async () => {
    const { workspace, options } = await receiver()
    await expect(importCovidCt(workspace, folderOf({ 'a.txt': '' }), options)).rejects.toMatchObject({
      code: 'covid-ct-layout',
      message: expect.stringContaining('no images/CT_COVID'),
    })
  })
  test('a table without a lesion column names it', async () => {
    const { workspace, options } = await receiver()
    const folder = await dataset({ 'val.csv': 'imgname,CVD19,GGO,Csld,CrPa,AirBr\n' })
    await expect(importCovidCt(workspace, folder, options)).rejects.toThrow('column "InSepThi" missing')
  })
  test('a broken caption line costs that caption only', async () => {
    const { workspace, options } = await receiver()
    const folder = await dataset({ 'captions.jsonl': '{"images": ["x"]\n{"images": 3}\n' })
    const result = await importCovidCt(workspace, folder, options)
    expect(result.imported).toBe(3)
    expect(result.rejected.map(one => one.item)).toEqual(['captions.jsonl: line 1', 'captions.jsonl: line 2'])
  })
})
