import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { countCases, countLines } from '../../../data/formats/counts.ts'
import { csvCell } from '../../../data/formats/csv-export.ts'
import { newestPredictions } from '../../../data/formats/cycle-predictions.ts'
import { exportCases } from '../../../data/formats/export-cases.ts'
import { doiOf, exportRow } from '../../../data/formats/export-row.ts'
import { importJsonl } from '../../../data/formats/jsonl-import.ts'
import type { labelStudioTask } from '../../../data/formats/label-studio.ts'
import { exportFormat, importFormat } from '../../../data/formats/registry.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { Prediction } from '../../../data/records/cycle.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { storeImage } from '../../../data/workspace/images.ts'
import { openWorkspace } from '../../../data/workspace/open.ts'
import { folderOf, picture, receiver } from './folder.ts'

const CAPTION = '=Figure 1. "A" shows GGO; B, consolidation.'

/** A case as it stands, with a mention of panel A, one of panel B, and an expert's label. */
function state(of: Partial<CaseState> = {}): CaseState {
  const mention = (lesion: 'GGO' | 'Csld', word: string, panel: string) => {
    const start = CAPTION.indexOf(word)
    return {
      lesion,
      start,
      end: start + word.length,
      text: word,
      assertion: 'present' as const,
      panels: [panel],
      rule: `${lesion}-term`,
    }
  }
  return {
    id: '10.1101/2020.05.11.20097907v2#Figure 1#A',
    document: '10.1101/2020.05.11.20097907v2',
    figure: 'Figure 1',
    panel: 'A',
    order: 0,
    page: 4,
    image: '0123456789abcdef0123456789abcdef',
    imageFile: '0123456789abcdef0123456789abcdef.png',
    width: 24,
    height: 20,
    figureImage: { id: 'f', file: 'f.png' },
    kind: { kind: 'ct', score: 0.98 },
    caption: CAPTION,
    mentions: [mention('GGO', 'GGO', 'A'), mention('Csld', 'consolidation', 'B')],
    skipped: [],
    mined: {
      flag: 'positive',
      evidence: [{ start: 0, end: 8, text: 'COVID-19', rule: 'covid', source: 'context' }],
      findings: perLesion(lesion => (lesion === 'GGO' ? 'present' : 'none')),
    },
    patient: '10.1101/2020.05.11.20097907v2',
    source: { name: 'mined', file: 'paper.pdf', format: 'png' },
    minedBy: 'miner 1',
    version: 1,
    labels: [
      {
        who: 'ann',
        at: '2026-11-01T10:00:00.000Z',
        seq: 1,
        flag: 'positive',
        lesions: perLesion(lesion => (lesion === 'GGO' ? 'present' : 'absent')),
        causes: [],
        boxes: [],
      },
    ],
    notes: [],
    assigned: [],
    truth: {
      flag: { value: 'positive', source: 'expert' },
      lesions: perLesion(lesion => ({
        value: lesion === 'GGO' ? ('present' as const) : ('absent' as const),
        source: 'expert' as const,
      })),
    },
    edited: false,
    ...of,
  }
}

const prediction: Prediction = {
  case: state().id,
  image: state().image,
  side: 'pool',
  fold: 2,
  flag: 0.81,
  lesions: perLesion(lesion => (lesion === 'GGO' ? 0.9 : 0.1)),
}
const context = {
  split: { [state().id]: { side: 'train' as const, group: 'g' } },
  predictions: { cycle: '0003', byCase: new Map([[prediction.case, prediction]]) },
}

async function workspaceWith(cases: CaseState[]) {
  const workspace = await openWorkspace(folderOf({}), { create: true })
  const stored: CaseState[] = []
  for (const [at, row] of cases.entries()) {
    const image = await storeImage(workspace, await picture(at + 1))
    stored.push({ ...row, image: image.id, imageFile: image.file })
  }
  const folder = folderOf({})
  return { workspace, cases: stored, out: (name: string) => join(folder, name) }
}

describe('a row of an export', () => {
  const row = exportRow(state(), context)
  test('has image, labels with their source, and provenance down to rule and annotator', () => {
    expect(row.image).toMatchObject({
      file: 'images/0123456789abcdef0123456789abcdef.png',
      width: 24,
      height: 20,
    })
    expect(row.flag).toEqual({ value: 'positive', source: 'expert' })
    expect(row.provenance).toMatchObject({
      doi: '10.1101/2020.05.11.20097907',
      version: 2,
      page: 4,
      figure: 'Figure 1',
      panel: 'A',
      annotators: ['ann'],
      rules: ['GGO-term', 'covid'],
      cycle: '0003',
    })
    expect(row).toMatchObject({ side: 'train', group: 'g', prediction: { flag: 0.81 } })
  })
  test('holds the mentions that speak of its panel only, at their place in the caption', () => {
    expect(row.evidence.mentions.map(one => one.text)).toEqual(['GGO'])
    const [start, end] = row.provenance.captionSpans[0]!
    expect(row.caption.slice(start, end)).toBe('GGO')
  })
  test('without prediction, split or document says null, not something made up', () => {
    const bare = exportRow(state({ document: null, figure: null, panel: null }))
    expect(bare).toMatchObject({ side: null, group: null, prediction: null })
    expect(bare.provenance).toMatchObject({ doi: null, version: null, cycle: null })
  })
  test.each([
    ['10.1101/2020.05.11.20097907v2', '10.1101/2020.05.11.20097907', 2],
    ['covid-ct:2020.02.11.20021493', '10.1101/2020.02.11.20021493', null],
    ['covid-ct:kjr-21-e25', null, null],
    ['sha256-0123', null, null],
  ])('the DOI of %s is %s', (id, doi, version) => {
    expect(doiOf(id)).toEqual({ doi, version })
  })
})

describe('cells of a table', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
  ])('%j is written as %j', (value, cell) => {
    expect(csvCell(value)).toBe(cell)
  })
  test('numbers stay numbers, negative ones too, and nothing is an empty cell', () => {
    expect([csvCell(-0.5), csvCell(null)]).toEqual(['-0.5', ''])
  })
})

describe('exports', () => {
  const two = () => [
    state(),
    state({
      id: 'b',
      document: null,
      panel: null,
      figure: null,
      labels: [],
      truth: {
        flag: { value: 'negative', source: 'mined' },
        lesions: perLesion(() => ({ value: null, source: null })),
      },
    }),
  ]

  test('jsonl into a folder has the pictures beside it and comes back by import', async () => {
    const { workspace, cases, out } = await workspaceWith(two())
    const result = await exportCases(workspace, 'jsonl', out('set'), cases, context)
    expect(result).toMatchObject({ exported: 2, images: 2, left: 0 })
    const { workspace: other, options, cases: taken } = await receiver()
    const back = await importJsonl(other, result.files[0]!, options)
    expect(back).toMatchObject({ imported: 2, rejected: [] })
    expect(new Set(taken().map(one => one.image))).toEqual(new Set(cases.map(one => one.image)))
    expect(taken()[0]).toMatchObject({
      figure: 'Figure 1',
      panel: 'A',
      page: 4,
      officialSide: 'train',
      caption: CAPTION,
      published: { flag: 'positive', findings: { GGO: 'present', Csld: 'absent' } },
    })
  })
  test('csv reads back with every column, the formula defused', async () => {
    const { workspace, cases, out } = await workspaceWith(two())
    const { files } = await exportCases(workspace, 'csv', out('set.csv'), cases, context)
    const rows = parse(readFileSync(files[0]!, 'utf8'), { columns: true }) as Record<string, string>[]
    expect(rows[0]).toMatchObject({
      flag: 'positive',
      GGO: 'present',
      GGO_source: 'expert',
      caption: `'${CAPTION}`,
      doi: '10.1101/2020.05.11.20097907',
      annotators: 'ann',
      cycle: '0003',
      flag_score: '0.81',
    })
    expect(rows[1]).toMatchObject({ id: 'b', flag: 'negative', GGO: 'masked', cycle: '' })
  })
  test('label-studio has annotation, prediction and mentions as spans, and a labelling interface beside it', async () => {
    const { workspace, cases, out } = await workspaceWith(two())
    const { files } = await exportCases(workspace, 'label-studio', out('tasks'), cases, context)
    const tasks = JSON.parse(readFileSync(files[0]!, 'utf8')) as ReturnType<typeof labelStudioTask>[]
    expect(tasks).toHaveLength(2)
    const [annotation] = tasks[0]!.annotations
    expect(annotation?.completed_by).toBe('ann')
    expect(annotation?.result.map(one => one.from_name)).toEqual(['flag', 'lesions', 'mentions'])
    expect(annotation?.result[1]?.value).toEqual({ choices: ['GGO'] })
    expect(tasks[0]!.predictions[0]).toMatchObject({ model_version: '0003', score: 0.81 })
    expect(tasks[1]!.predictions).toEqual([])
    expect(tasks[1]!.annotations[0]?.result.map(one => one.from_name)).toEqual(['flag'])
    expect(readFileSync(files[1]!, 'utf8')).toContain('<Choice value="InSepThi"')
  })
  test.each(['jsonl', 'csv', 'label-studio'])('%s gives the same bytes every time', async format => {
    const { workspace, cases, out } = await workspaceWith(two())
    const one = await exportCases(workspace, format, out('one'), cases, context)
    const other = await exportCases(workspace, format, out('two'), cases, context)
    expect(readFileSync(other.files[0]!)).toEqual(readFileSync(one.files[0]!))
  })
  test('no case at all still gives a file that reads', async () => {
    const { workspace, out } = await workspaceWith([])
    const studio = await exportCases(workspace, 'label-studio', out('none.json'), [])
    expect(JSON.parse(readFileSync(studio.files[0]!, 'utf8'))).toEqual([])
    const table = await exportCases(workspace, 'csv', out('none.csv'), [])
    expect(readFileSync(table.files[0]!, 'utf8')).toMatch(/^id,image,flag,GGO/)
  })
  test('a case whose picture is gone is told of and left out of a folder', async () => {
    const { workspace, cases, out } = await workspaceWith(two())
    const problems: string[] = []
    const result = await exportCases(
      workspace,
      'jsonl',
      out('set'),
      [cases[0]!, { ...cases[1]!, imageFile: 'gone.png' }],
      {
        onProgress: ({ problem }) => void (problem && problems.push(problem.item)),
      },
    )
    expect(result).toMatchObject({ exported: 1, left: 1 })
    expect(problems).toEqual(['b'])
  })
  test('--only-expert leaves out what no expert has said', async () => {
    const { workspace, cases, out } = await workspaceWith(two())
    const result = await exportCases(workspace, 'jsonl', out('set.jsonl'), cases, { onlyExpert: true })
    expect(result).toMatchObject({ exported: 1, left: 1, images: 0 })
  })
  test('a stopped export leaves no file', async () => {
    const { workspace, cases, out } = await workspaceWith(two())
    const controller = new AbortController()
    controller.abort(new Error('stopped'))
    const path = out('set.jsonl')
    await expect(exportCases(workspace, 'jsonl', path, cases, { signal: controller.signal })).rejects.toThrow(
      'stopped',
    )
    expect(() => readFileSync(path)).toThrow('ENOENT')
  })
  test('unknown formats and wrong endings are wrong usage that lists what there is', async () => {
    const { workspace, out } = await workspaceWith([])
    expect(() => exportFormat('excel')).toThrow('expected jsonl, csv, label-studio')
    expect(() => importFormat('toString')).toThrow('expected covid-ct, jsonl, csv')
    await expect(exportCases(workspace, 'jsonl', out('set.csv'), [])).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('counts', () => {
  test('are by lesion, source, side, state and source of the truth', async () => {
    const open = state({
      id: 'b',
      labels: [],
      patient: 'p',
      truth: {
        flag: { value: null, source: null },
        lesions: perLesion(() => ({ value: null, source: null })),
      },
    })
    const counts = await countCases([state(), open], id => (id === 'b' ? undefined : 'train'))
    expect(counts).toMatchObject({
      cases: 2,
      images: 1,
      documents: 1,
      patients: 2,
      flag: { positive: 1, negative: 0, unknown: 1 },
      state: { labelled: 1, open: 1 },
      truth: { expert: 6, none: 6, mined: 0 },
      sources: { mined: 2 },
    })
    expect(counts.lesions.GGO).toEqual({ present: 1, absent: 0, unknown: 1 })
    expect(counts.sides.train).toMatchObject({ cases: 1, positive: 1, lesions: { GGO: 1, Csld: 0 } })
    expect(counts.sides.none.cases).toBe(1)
    const lines = countLines(counts).join('\n')
    expect(lines).toContain('2 cases of 1 images, 1 documents, 2 patient groups')
    expect(lines).toMatch(/GGO +1 +0 +1/)
  })
  test('of an empty workspace say what to do', async () => {
    expect(countLines(await countCases([]))).toEqual(['no cases yet; mine preprints or import a dataset'])
  })
})

describe('the newest opinion', () => {
  test('is that of the newest sealed cycle; an unsealed one does not count', async () => {
    const workspace = await openWorkspace(folderOf({}), { create: true })
    expect(await newestPredictions(workspace)).toBeUndefined()
    for (const [cycle, flag] of [
      ['0002', 0.2],
      ['0010', 0.9],
      ['0011', 0.5],
    ] as const) {
      await workspace.files.makeFolder(workspace.paths.cycle(cycle))
      writeFileSync(
        join(workspace.paths.cycle(cycle), 'predictions.jsonl'),
        `${JSON.stringify({ ...prediction, flag })}\n`,
      )
      if (cycle !== '0011') writeFileSync(join(workspace.paths.cycle(cycle), 'cycle.json'), '{}')
    }
    const found = await newestPredictions(workspace)
    expect(found?.cycle).toBe('0010')
    expect(found?.byCase.get(prediction.case)?.flag).toBe(0.9)
  })
})
