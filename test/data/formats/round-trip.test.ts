import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { importCovidCt } from '../../../data/formats/covid-ct.ts'
import { csvCell } from '../../../data/formats/csv-export.ts'
import { exportCases } from '../../../data/formats/export-cases.ts'
import { type ExportRow, exportRow } from '../../../data/formats/export-row.ts'
import { classesOf, importFolder } from '../../../data/formats/folder-import.ts'
import { labelStudioTask } from '../../../data/formats/label-studio.ts'
import { importLabelStudio } from '../../../data/formats/label-studio-import.ts'
import { rowOfTask } from '../../../data/formats/label-studio-row.ts'
import { EXPORTS, importFormat } from '../../../data/formats/registry.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { LESIONS, perLesion } from '../../../data/records/vocabulary.ts'
import { storeImage } from '../../../data/workspace/images.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { caseState, reading } from '../datasets/case-state.ts'
import { folderOf, picture, receiver } from './folder.ts'

async function stored(cases: CaseState[]) {
  const workspace = await openWorkspace(folderOf({}), { create: true })
  const rows: CaseState[] = []
  for (const [at, row] of cases.entries()) {
    const image = await storeImage(workspace, await picture(at + 1))
    rows.push({ ...row, image: image.id, imageFile: image.file, width: image.width, height: image.height })
  }
  return { workspace, rows, out: (name: string) => join(folderOf({}), name) }
}
const masked = perLesion(lesion =>
  lesion === 'GGO'
    ? { value: 'present' as const, source: 'expert' as const }
    : { value: null, source: lesion === 'CrPa' ? ('expert' as const) : null },
)
const three = () => [
  caseState('a', { truth: { flag: { value: 'positive', source: 'agreed' }, lesions: masked } }),
  caseState('b', {
    officialSide: 'val',
    truth: {
      flag: { value: 'negative', source: 'mined' },
      lesions: perLesion(() => ({ value: 'absent', source: 'mined' })),
    },
  }),
  caseState('c', { officialSide: 'test' }),
]

describe('Label Studio', () => {
  const source = fc.constantFrom('adjudicated', 'agreed', 'expert', 'published', 'mined')
  const said = <V extends string>(...values: V[]) =>
    fc.oneof(
      fc.record({ value: fc.constantFrom(...values), source }),
      fc.record({ value: fc.constant(null), source: fc.oneof(source, fc.constant(null)) }),
    )
  const lesion = said('present', 'absent')
  const share = fc.double({ min: 0, max: 1, noNaN: true }).map(value => value + 0)
  test('a row comes back from its task exactly as it went out', () => {
    const base = exportRow(caseState('a'))
    fc.assert(
      fc.property(
        said('positive', 'negative'),
        fc.record({ GGO: lesion, Csld: lesion, CrPa: lesion, AirBr: lesion, InSepThi: lesion }),
        fc.string(),
        fc.string({ minLength: 1 }),
        fc.option(fc.record({ flag: share, lesions: fc.record(perLesion(() => share)) }), { nil: null }),
        fc.option(fc.constantFrom('train', 'val', 'test'), { nil: null }),
        fc.array(
          fc.record({
            lesion: fc.constantFrom(...LESIONS),
            x: share,
            y: share,
            width: share,
            height: share,
            who: fc.string(),
          }),
        ),
        (flag, lesions, caption, id, prediction, side, boxes) => {
          const row = { ...base, flag, lesions, caption, id, prediction, side, boxes } as ExportRow
          const back = rowOfTask(JSON.parse(JSON.stringify(labelStudioTask(row, 1))))
          expect(back).toEqual({ row: JSON.parse(JSON.stringify(row)) })
        },
      ),
    )
  })
  test('what was corrected in Label Studio comes back as a published label', () => {
    const task = labelStudioTask(exportRow(caseState('a')), 1)
    const lesions = task.annotations[0]!.result.find(each => each.from_name === 'lesions')!
    lesions.value = { choices: ['Csld'] }
    expect(rowOfTask(task)).toMatchObject({
      row: {
        lesions: {
          GGO: { value: 'absent', source: 'published' },
          Csld: { value: 'present', source: 'published' },
        },
      },
    })
  })
  test('a box that was moved in Label Studio, or drawn there, comes back where it is now', () => {
    const box = { lesion: 'GGO', x: 0.1, y: 0.2, width: 0.3, height: 0.4, who: 'ann' } as const
    const task = labelStudioTask({ ...exportRow(caseState('a')), boxes: [box] }, 1)
    const result = task.annotations[0]!.result.find(each => each.from_name === 'boxes')!
    result.value = { ...result.value, x: 50 }
    task.annotations[0]!.result.push({
      id: 'new',
      from_name: 'boxes',
      to_name: 'image',
      type: 'rectanglelabels',
      value: { x: 0, y: 0, width: 25, height: 100, rotation: 0, rectanglelabels: ['Csld'] },
    })
    expect(rowOfTask(task)).toMatchObject({
      row: {
        boxes: [
          { ...box, x: 0.5 },
          { lesion: 'Csld', x: 0, y: 0, width: 0.25, height: 1, who: 'Label Studio' },
        ],
      },
    })
  })
  test.each([
    [{}, 'data'],
    [
      {
        data: { image: 'a.png' },
        annotations: [{ result: [{ from_name: 'flag', value: { choices: ['maybe'] } }] }],
      },
      'flag',
    ],
    [
      {
        data: { image: 'a.png' },
        annotations: [{ result: [{ from_name: 'lesions', value: { choices: ['X'] } }] }],
      },
      'lesions',
    ],
  ])('a task that is none is refused with the field: %#', (task, field) => {
    expect(rowOfTask(task)).toMatchObject({ fault: expect.stringContaining(field) })
  })
  test('an export is taken in again, and masked lesions stay masked', async () => {
    const { workspace, rows, out } = await stored(three())
    const { files } = await exportCases(workspace, 'label-studio', out('set'), rows)
    const { workspace: other, options, cases } = await receiver()
    expect(await importLabelStudio(other, files[0]!, options)).toMatchObject({ imported: 3, rejected: [] })
    const first = cases().find(each => each.image === rows[0]!.image)
    expect(first?.published).toMatchObject({
      flag: 'positive',
      findings: { GGO: 'present' },
      masked: ['Csld', 'CrPa', 'AirBr', 'InSepThi'],
    })
  })
  test.each(['label-studio', 'jsonl'])(
    '%s: readers, boxes and the opinion of the model are handed on by whoever takes the set in',
    async format => {
      const box = { lesion: 'GGO', x: 0.125, y: 0.25, width: 0.5, height: 0.25 } as const
      const label = { ...reading('ann'), boxes: [box] }
      const { workspace, rows, out } = await stored([caseState('a', { labels: [label] })])
      const opinion = { flag: 0.75, lesions: perLesion(() => 0.125) }
      const { files } = await exportCases(workspace, format, out('set'), rows, {
        predictions: {
          cycle: '0003',
          byCase: new Map([
            ['a', { case: 'a', image: rows[0]!.image, side: 'train', fold: null, ...opinion }],
          ]),
        },
      })
      const { workspace: other, options, cases } = await receiver()
      await importFormat(format).run(other, files[0]!, options)
      const [taken] = cases()
      expect(taken?.published?.told).toEqual({
        annotators: ['ann'],
        boxes: [{ ...box, who: 'ann' }],
        opinion: { cycle: '0003', ...opinion },
      })
      const again = exportRow({ ...caseState('a'), labels: [], published: taken!.published! })
      expect(again).toMatchObject({
        boxes: [{ ...box, who: 'ann' }],
        prediction: opinion,
        provenance: { annotators: ['ann'], cycle: '0003' },
      })
    },
  )
})

describe('tables', () => {
  test.each(['=1+1', '+1', '-1 was seen', '@cmd', '\tGGO', '\rGGO', "'=kept", "'plain"])(
    'a caption that begins as a formula does, %j, is guarded in the cell and comes back without the guard',
    async caption => {
      const { workspace, rows, out } = await stored([
        caseState('a', { caption, document: '=HYPERLINK("x")', patient: '@ann', figure: '-1' }),
      ])
      const { files } = await exportCases(workspace, 'csv', out('set'), rows)
      const cells = parse(readFileSync(files[0]!, 'utf8'), { relax_quotes: true }) as string[][]
      for (const cell of cells[1]!) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
      const { workspace: other, options, cases } = await receiver()
      expect(await importFormat('csv').run(other, files[0]!, options)).toMatchObject({ rejected: [] })
      const [taken] = cases()
      expect(taken).toMatchObject({
        document: 'set:=HYPERLINK("x")',
        patient: 'set:@ann',
        figure: '-1',
      })
      expect(taken?.caption.trim()).toBe(caption.trim())
    },
  )
  test('any text in a cell is read back as it was by the import', () => {
    const undo = (cell: string) => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell)
    fc.assert(
      fc.property(
        fc.constantFrom('', "'", "''"),
        fc.constantFrom('', '=', '+', '-', '@', '\t', '\r'),
        fc.string(),
        (a, b, c) => {
          const text = a + b + c
          const cell = csvCell(text)
          const bare = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell
          expect(undo(bare)).toBe(text)
          expect(/^[=+\-@\t\r]/.test(bare)).toBe(false)
        },
      ),
    )
  })
  test('Parquet holds every row with its types', async () => {
    const { workspace, rows, out } = await stored(three())
    const { files } = await exportCases(workspace, 'parquet', out('set.parquet'), rows)
    const back = await parquetReadObjects({ file: await asyncBufferFromFile(files[0]!) })
    expect(back).toHaveLength(3)
    expect(back[0]).toMatchObject({
      id: 'a',
      flag: 'positive',
      GGO: 'present',
      Csld: null,
      page: 2,
      readers: 1,
    })
  })
  test('Parquet over several row groups keeps the order', async () => {
    const { workspace, out } = await stored([])
    const many = Array.from({ length: 12_001 }, (_, at) => caseState(`c${String(at).padStart(6, '0')}`))
    const { files } = await exportCases(workspace, 'parquet', out('set.parquet'), many)
    const back = await parquetReadObjects({ file: await asyncBufferFromFile(files[0]!), columns: ['id'] })
    expect(back.map(row => row['id'])).toEqual(many.map(row => row.id))
  })
  test('COCO has boxes in pixels', async () => {
    const box = { lesion: 'CrPa' as const, x: 0.5, y: 0.25, width: 0.25, height: 0.5 }
    const { workspace, out } = await stored([])
    const boxed = caseState('a', { labels: [{ ...reading('ann'), boxes: [box] }] })
    const { files } = await exportCases(workspace, 'coco', out('set.json'), [caseState('0'), boxed])
    const coco = JSON.parse(readFileSync(files[0]!, 'utf8')) as Record<string, Record<string, unknown>[]>
    expect(coco['annotations']).toEqual([
      { id: 1, image_id: 2, category_id: 3, bbox: [100, 25, 50, 50], area: 2500, iscrowd: 0, who: 'ann' },
    ])
  })
})

describe('folders', () => {
  test('LA-DNN tables are read by the import of COVID-CT', async () => {
    const { workspace, rows, out } = await stored(three())
    const { leftOut } = await exportCases(workspace, 'la-dnn', out('set'), [
      ...rows,
      caseState('d', { truth: { ...caseState('d').truth, flag: { value: null, source: null } } }),
    ])
    expect(leftOut).toEqual({ 'no flag': 1 })
    const folder = out('again')
    await exportCases(workspace, 'la-dnn', folder, rows)
    const { workspace: other, options, cases } = await receiver()
    expect(await importCovidCt(other, folder, options)).toMatchObject({ imported: 3, rejected: [] })
    expect(
      cases()
        .map(each => [each.officialSide, each.published?.flag])
        .sort(),
    ).toEqual([
      ['test', 'positive'],
      ['train', 'positive'],
      ['val', 'negative'],
    ])
  })
  test('an imagefolder has a metadata line beside each picture and comes back', async () => {
    const { workspace, rows, out } = await stored(three())
    const folder = out('set')
    await exportCases(workspace, 'imagefolder', folder, rows)
    const [line] = readFileSync(join(folder, 'validation', 'metadata.jsonl'), 'utf8')
      .trim()
      .split('\n')
    const { file_name } = JSON.parse(line!) as { file_name: string }
    expect(existsSync(join(folder, 'validation', file_name))).toBe(true)
    const { workspace: other, options, cases } = await receiver()
    expect(await importFolder(other, folder, options)).toMatchObject({ imported: 3 })
    expect(cases().find(each => each.image === rows[1]!.image)).toMatchObject({
      officialSide: 'val',
      published: { flag: 'negative' },
    })
  })
  test('pictures by class take their label from the folder; an unexplained folder is left out with the reason', async () => {
    const folder = folderOf({})
    for (const [at, name] of [
      'train/COVID/a.png',
      'test/normal/b.png',
      'train/ggo/c.png',
      'train/odd/d.png',
    ].entries()) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), await picture(at + 1))
    }
    const { workspace, options, cases } = await receiver()
    const result = await importFolder(workspace, folder, {
      ...options,
      classes: classesOf('GGO=positive+GGO'),
    })
    expect(result.rejected.map(each => each.message).join()).toContain('--with odd=positive')
    expect(
      cases()
        .map(each => [
          each.source.file,
          each.officialSide,
          each.published?.flag,
          each.published?.findings.GGO,
        ])
        .sort(),
    ).toEqual([
      ['test/normal/b.png', 'test', 'negative', 'absent'],
      ['train/COVID/a.png', 'train', 'positive', 'absent'],
      ['train/ggo/c.png', 'train', 'positive', 'present'],
    ])
  })
  test.each(['x', 'x=maybe', '=positive', 'x=positive+XX'])('--with %s is wrong usage', text => {
    expect(() => classesOf(text)).toThrow('expected FOLDER=positive')
  })
})

describe('what goes out', () => {
  test.each(['jsonl', 'la-dnn'])(
    '%s: every case of a picture that is gone is counted as left out',
    async format => {
      const { workspace, rows, out } = await stored([caseState('a'), caseState('b')])
      const gone = { imageFile: 'gone.png', image: 'gone' }
      const cases = [rows[0]!, { ...rows[1]!, ...gone }, { ...rows[1]!, ...gone, id: 'c' }]
      expect(await exportCases(workspace, format, out('set'), cases)).toMatchObject({
        exported: 1,
        leftOut: { 'picture missing': 2 },
      })
    },
  )
  const count = async (options: Parameters<typeof exportCases>[4], cases: CaseState[]) => {
    const { workspace, out } = await stored([])
    const { exported, leftOut } = await exportCases(workspace, 'jsonl', out('set.jsonl'), cases, options)
    return { exported, leftOut }
  }
  const retracted = caseState('r', { withdrawn: { kind: 'retracted', reason: 'faked' } })
  test('leaves out what was retracted, unless it is asked for', async () => {
    expect(await count({}, [caseState('a'), retracted])).toEqual({
      exported: 1,
      leftOut: { 'taken back by its server': 1 },
    })
    expect(await count({ withRetracted: true }, [caseState('a'), retracted])).toMatchObject({ exported: 2 })
  })
  test('leaves out what people gave for use here, unless it is asked for', async () => {
    const given = caseState('g', { source: { name: 'given', file: 'g.png', format: 'given' } })
    expect(await count({}, [caseState('a'), given])).toEqual({
      exported: 1,
      leftOut: { 'given for use here, not to be handed on': 1 },
    })
    expect(await count({ withGiven: true }, [caseState('a'), given])).toMatchObject({ exported: 2 })
  })
  test('is narrowed by side, licence and agreement', async () => {
    const all = three()
    expect(await count({ sides: ['val', 'test'] }, all)).toMatchObject({ exported: 2 })
    const document = (id: string) => (id.includes('/a') ? { licence: 'CC-BY-4.0' } : undefined)
    expect(await count({ document, licences: ['cc-by-4.0'] }, all)).toMatchObject({ exported: 1 })
    expect(await count({ document, licences: ['unknown'] }, all)).toMatchObject({ exported: 2 })
    const read = [
      caseState('x', { labels: [reading('ann'), reading('ben')] }),
      caseState('y', { labels: [reading('ann'), reading('ben', 'negative')] }),
      caseState('z'),
    ]
    expect(await count({ minAgreement: 0.9 }, read)).toMatchObject({ exported: 1 })
    expect(await count({ minAgreement: 0.8 }, read)).toMatchObject({ exported: 2 })
  })
})

describe('beside every export', () => {
  const python = ['python3', process.env['LESIONLOOP_PYTHON'] ?? ''].find(each => {
    try {
      execFileSync(each, ['-c', 'import mlcroissant'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
  if (!python)
    console.log(
      'round-trip: no python with mlcroissant (set LESIONLOOP_PYTHON); the fields are checked here alone',
    )
  test.each(Object.keys(EXPORTS))(
    '%s: a card and a Croissant file with the fields it must have',
    async format => {
      const { workspace, rows, out } = await stored(three())
      const folder = out('set')
      await exportCases(workspace, format, folder, rows, {
        publication: {
          title: 'Chest CT of preprints',
          creator: 'Radiology of Somewhere',
          licence: 'CC-BY-4.0',
          url: 'https://somewhere.org/chest-ct',
          version: '1.2.0',
        },
      })
      const words = readFileSync(join(folder, 'README.md'), 'utf8')
      expect(words).toContain('## Known faults')
      expect(words).toContain('# Chest CT of preprints')
      expect(words).toContain('By Radiology of Somewhere. Version 1.2.0.')
      const path = join(folder, 'croissant.json')
      const croissant = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
      for (const field of [
        'name',
        'description',
        'license',
        'url',
        'version',
        'datePublished',
        'creator',
        'distribution',
        'rai:dataLimitations',
        'rai:dataAnnotationProtocol',
      ])
        expect(croissant[field], field).toBeTruthy()
      expect(croissant['creator']).toEqual({ '@type': 'sc:Organization', name: 'Radiology of Somewhere' })
      expect(croissant['conformsTo']).toContain('http://mlcommons.org/croissant/1.1')
      if (python)
        execFileSync(
          python,
          ['-c', 'import sys, mlcroissant; mlcroissant.Dataset(jsonld=sys.argv[1])', path],
          { stdio: 'pipe' },
        )
    },
    60_000,
  )
  test('what nobody said of the dataset is left out, and the validator takes the file so too', async () => {
    const { workspace, rows, out } = await stored(three())
    const folder = out('set')
    await exportCases(workspace, 'csv', folder, rows)
    const path = join(folder, 'croissant.json')
    const croissant = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    for (const field of ['url', 'version', 'creator']) expect(croissant[field], field).toBeUndefined()
    expect(readFileSync(path, 'utf8')).not.toContain('example.org')
    if (python)
      execFileSync(python, ['-c', 'import sys, mlcroissant; mlcroissant.Dataset(jsonld=sys.argv[1])', path], {
        stdio: 'pipe',
      })
  })
  test.each(Object.keys(EXPORTS))('%s: the same cases give the same checksums', async format => {
    const { workspace, rows, out } = await stored(three())
    const sums = async () => {
      const folder = join(out(''), 'set')
      await exportCases(workspace, format, folder, rows)
      return readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
    }
    expect(await sums()).toBe(await sums())
  })
})
