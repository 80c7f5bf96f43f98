import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MinedCase } from '../../data/records/case.ts'
import type { CycleMetrics, CycleRecord, Prediction, QueueEntry } from '../../data/records/cycle.ts'
import { openStore } from '../../data/stores/open.ts'
import { newestSealed } from '../../data/stores/queue.ts'
import { unsoundFiles } from '../../data/stores/soundness.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { acquireLock } from '../../data/workspace/locks.ts'
import { openWorkspace, type Workspace } from '../../data/workspace/open.ts'
import { promoteCycle } from '../../trainer/compare/promote.ts'
import type { CycleResult } from '../../trainer/cycle/cycle-result.ts'
import { readCycleOptions } from '../../trainer/cycle/options.ts'
import { runCycle } from '../../trainer/cycle/run-cycle.ts'
import { predictWorkspace, rankWorkspace } from '../../trainer/cycle/score-workspace.ts'
import { whoRuns } from '../../trainer/cycle/who.ts'
import { diagnose } from '../../trainer/diagnose/diagnose.ts'
import { reportHtml } from '../../trainer/report/report.ts'
import { readReport, writeReport } from '../../trainer/report/write-report.ts'
import { fillWithPhantoms } from './phantom-cases.ts'

const OPTIONS = readCycleOptions({
  backend: 'wasm',
  samples: 100,
  epochs: 40,
  penalties: [10, 100],
  lambdas: [0.3],
  // Its order needs probabilities alone, so that a ranking without features can be held against it.
  strategy: 'entropy',
})

/** One workspace for all: the tests follow each other as cycles do. */
let dir: string
let workspace: Workspace
let cases: MinedCase[]
let first: CycleResult

const lines = async <T>(id: string, name: string) =>
  (await readFile(join(workspace.paths.cycle(id), name), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as T)
const read = async <T>(id: string, name: string) =>
  JSON.parse(await readFile(join(workspace.paths.cycle(id), name), 'utf8')) as T

/** The review with its audit, without the second looks. */
const toRead = (queue: readonly QueueEntry[]) =>
  queue.filter(one => one.queue === undefined || one.queue === 'audit' || one.queue === 'review')

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-cycle-'))
  workspace = await openWorkspace(dir, { create: true })
  cases = await fillWithPhantoms(workspace, 16)
  first = await runCycle(workspace, OPTIONS, { by: 'Test' })
}, 300_000)
afterAll(() => nodeFiles.remove(dir))

async function label(id: string, flag: 'positive' | 'negative', op: string) {
  const store = await openStore(workspace, { write: ['labels'] })
  try {
    const state = (await store.cases.get(id))!
    const lesions = {
      GGO: 'absent',
      Csld: 'absent',
      CrPa: 'absent',
      AirBr: 'absent',
      InSepThi: 'absent',
    } as const
    await store.acts.append('reader', {
      op,
      case: id,
      base: state.version,
      act: { kind: 'label', flag, lesions },
    })
  } finally {
    await store.close()
  }
}

describe('a cycle', () => {
  it('is sealed with the hash of every file, and says who, when, on what and with what', async () => {
    const record = await read<CycleRecord>('0001', 'cycle.json')
    expect(record).toMatchObject({ id: '0001', by: 'Test', seed: 1, backbone: { name: 'starter' } })
    expect(record.backend.reason).toMatch(/^wasm: /)
    const inFolder = (await readdir(workspace.paths.cycle('0001')))
      .filter(name => name !== 'cycle.json')
      .sort()
    expect(Object.keys(record.files).sort()).toEqual(inFolder)
    expect(inFolder).toEqual(
      [
        'checkpoint.safetensors',
        'config.json',
        'folds.safetensors',
        'metrics.json',
        'predictions.jsonl',
        'queue.jsonl',
        'report.html',
        'report.json',
        'stop-signals.json',
      ].sort(),
    )
    expect(await unsoundFiles(workspace, record)).toEqual([])
  })

  it('predicts every case once, out of fold but for validation and test', async () => {
    const predictions = await lines<Prediction>('0001', 'predictions.jsonl')
    expect(predictions.map(one => one.case).sort()).toEqual(cases.map(one => one.id).sort())
    for (const { side, fold, flag, lesions } of predictions) {
      expect(side === 'val' || side === 'test').toBe(fold === null)
      for (const probability of [flag, ...Object.values(lesions)]) {
        expect(probability).toBeGreaterThan(0)
        expect(probability).toBeLessThan(1)
      }
    }
  })

  it('puts the pool in order and nothing else', async () => {
    const predictions = await lines<Prediction>('0001', 'predictions.jsonl')
    const queue = await lines<QueueEntry>('0001', 'queue.jsonl')
    const pool = predictions.filter(one => one.side === 'pool').map(one => one.case)
    expect(
      toRead(queue)
        .map(one => one.case)
        .sort(),
    ).toEqual(pool.sort())
    expect(queue.map(one => one.rank)).toEqual(queue.map((_, at) => at + 1))
  })

  it('learns what phantoms show, better than chance out of fold', () => {
    const { value } = first.metrics.lesions.oof!.GGO['auc']!
    expect(value).toBeGreaterThan(0.6)
  })

  it('measures a head without a positive as n/a with its reason, never as a number', async () => {
    const { lesions, flag } = await read<CycleMetrics>('0001', 'metrics.json')
    const all = [flag, ...Object.values(lesions).flatMap(side => Object.values(side))].flatMap(one =>
      Object.values(one),
    )
    for (const measure of all.flatMap(one => ('n' in one ? [one] : Object.values(one))) as {
      value: number | null
      na?: string
      positives: number
      n: number
    }[])
      if (measure.value === null) expect(measure.na).toMatch(/\w/)
  })

  it('warns where test has too few documents for intervals by group', () => {
    expect(first.metrics.warnings.join()).toMatch(/test: \d patients or documents: too few/)
  })

  it('has a report that stands alone: no script, nothing fetched from elsewhere', async () => {
    const html = await readFile(join(workspace.paths.cycle('0001'), 'report.html'), 'utf8')
    expect(html).not.toMatch(/<script|javascript:|onload=|@import|url\(/i)
    expect(html.match(/(?:src|href)="(?!data:image\/)[^"]*"/g)).toBeNull()
    expect(html.match(/<svg /g)!.length).toBeGreaterThanOrEqual(5)
    for (const word of [
      'Cycle 0001',
      'not a diagnosis',
      'Shortcut control',
      'Calibration',
      'What it learned from',
    ])
      expect(html).toContain(word)
  })

  it('has a report that can be drawn again from the sealed folder alone', async () => {
    const view = await readReport(workspace, '1')
    const html = await readFile(join(workspace.paths.cycle('0001'), 'report.html'), 'utf8')
    expect(await reportHtml(view)).toBe(html)
    expect(view.data.maps.absent).toMatch(/no means over maps/)
    expect(Object.keys(view.data.pictures).length).toBeGreaterThan(0)
    const out = join(dir, 'report')
    expect(await writeReport(workspace.files, view, out)).toContain('plots/flag-roc.png')
    expect(await readFile(join(out, 'report.html'), 'utf8')).toBe(html)
    await expect(readReport(workspace, '77')).rejects.toMatchObject({ code: 'cycle-unknown' })
    await expect(readReport(workspace, '../0001')).rejects.toMatchObject({ code: 'cycle-unknown' })
  }, 60_000)

  it('gives the same bytes again for the same labels and seed', async () => {
    const again = await runCycle(workspace, OPTIONS, { by: 'Test' })
    expect(again.id).toBe('0002')
    const { files } = first.record
    const { 'report.html': _, ...rest } = again.record.files
    expect(files).toMatchObject(rest)
  })

  it('is refused while another one runs, by name', async () => {
    const lock = await acquireLock(workspace, 'cycles')
    await expect(runCycle(workspace, OPTIONS)).rejects.toMatchObject({ code: 'lock-held' })
    await lock.release()
  })

  it('leaves nothing behind when it is stopped', async () => {
    const controller = new AbortController()
    const run = runCycle(workspace, OPTIONS, {
      signal: controller.signal,
      onProgress: ({ step }) => step === 'learning' && controller.abort(new Error('stopped')),
    })
    await expect(run).rejects.toThrow('stopped')
    expect(await readdir(workspace.paths.cycles)).toEqual(['0001', '0002'])
  })

  it('is not there at all where the disk is full while it is written, and what is left goes with the next one', async () => {
    const full = {
      ...workspace,
      files: {
        ...nodeFiles,
        open: async (...[path, flags]: Parameters<typeof nodeFiles.open>) => {
          const file = await nodeFiles.open(path, flags)
          if (!path.includes('predictions.jsonl')) return file
          return {
            ...file,
            write: async () => {
              throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
            },
          }
        },
      },
    }
    await expect(runCycle(full, OPTIONS)).rejects.toThrow('no space left')
    expect(newestSealed(workspace)).toBe('0002')
    await mkdir(`${workspace.paths.cycle('0003')}.half`, { recursive: true })
    await runCycle(workspace, OPTIONS)
    expect((await readdir(workspace.paths.cycles)).sort()).toEqual(['0001', '0002', '0003'])
  })

  it('learns from a correction, which leaves the pool', async () => {
    const queue = await lines<QueueEntry>('0003', 'queue.jsonl')
    const { case: id } = queue[0]!
    const mined = cases.find(one => one.id === id)!.mined.flag
    await label(id, mined === 'positive' ? 'negative' : 'positive', 'correct-one')
    const { record } = await runCycle(workspace, OPTIONS)
    expect(record.learnedFrom.labels).not.toBe(first.record.learnedFrom.labels)
    expect(record.learnedFrom.sources['expert']).toBe(6)
    expect(record.learnedFrom.journalSeq).toBe(1)
    expect(toRead(await lines<QueueEntry>('0004', 'queue.jsonl')).map(one => one.case)).not.toContain(id)
    const prediction = (await lines<Prediction>('0004', 'predictions.jsonl')).find(one => one.case === id)!
    expect(prediction.side).toBe('train')
  })

  it('says that there is too little with --only-expert, instead of learning from what it was told to leave', async () => {
    await expect(runCycle(workspace, { ...OPTIONS, onlyExpert: true })).rejects.toMatchObject({
      code: 'one-class',
    })
  })

  it('leaves out an image that is gone, says so, and goes on', async () => {
    await writeFile(workspace.paths.image(cases[0]!.imageFile), 'no picture')
    await nodeFiles.remove(workspace.paths.features)
    const problems: string[] = []
    const { metrics } = await runCycle(workspace, OPTIONS, {
      onProgress: ({ problem }) => problem && problems.push(problem.code),
    })
    expect(problems).toEqual(['image-undecodable'])
    expect(metrics.warnings.join()).toContain('1 images could not be decoded and were left out')
    expect(await lines<Prediction>('0005', 'predictions.jsonl')).toHaveLength(cases.length - 1)
  })

  it('goes on with the backbone of the cycle before and with how that one took truths, unless told otherwise', async () => {
    const told = await runCycle(workspace, { ...OPTIONS, unmentioned: 'absent' })
    expect(told.record.config).toMatchObject({
      backbone: 'starter',
      unmentioned: 'absent',
      controls: 'masked',
    })
    const left = await runCycle(workspace, OPTIONS)
    expect(left.record.config).toMatchObject({
      backbone: 'starter',
      unmentioned: 'absent',
      controls: 'masked',
    })
    const back = await runCycle(workspace, { ...OPTIONS, unmentioned: 'masked' })
    expect(back.record.config).toMatchObject({ unmentioned: 'masked' })
  })

  it('that was edited by hand is found out', async () => {
    const record = await read<CycleRecord>('0001', 'cycle.json')
    await appendFile(join(workspace.paths.cycle('0001'), 'metrics.json'), ' ')
    expect(await unsoundFiles(workspace, record)).toEqual(['metrics.json: changed since'])
  })
})

describe('after a cycle', () => {
  it('a picture can be asked about, by the newest cycle', async () => {
    const opinion = await diagnose(workspace, workspace.paths.image(cases[5]!.imageFile), { backend: 'wasm' })
    expect(opinion).toMatchObject({ cycle: '0008', notice: 'research use only, not a diagnosis' })
    expect(opinion.heads.map(one => one.head)).toEqual(['flag', 'GGO', 'Csld', 'CrPa', 'AirBr', 'InSepThi'])
    for (const { probability } of opinion.heads) expect(probability).toBeGreaterThan(0)
  })

  it('the promoted cycle speaks, where one is promoted', async () => {
    await promoteCycle(workspace, '2')
    const opinion = await diagnose(workspace, workspace.paths.image(cases[5]!.imageFile), { backend: 'wasm' })
    expect(opinion.cycle).toBe('0002')
    await nodeFiles.remove(workspace.paths.promoted)
  })

  it('a picture that does not decode is refused with its reason', async () => {
    const path = join(dir, 'no-picture.png')
    await writeFile(path, 'text')
    await expect(diagnose(workspace, path)).rejects.toMatchObject({ code: 'image-undecodable' })
  })

  it('the pool can be put in another order without a new cycle', async () => {
    const byChance = await rankWorkspace(workspace, { strategy: 'random', seed: 3 })
    const byEntropy = await rankWorkspace(workspace, { strategy: 'entropy', seed: OPTIONS.seed })
    expect(byChance.map(one => one.case).sort()).toEqual(byEntropy.map(one => one.case).sort())
    expect(byEntropy.map(one => one.case)).toEqual(
      toRead(await lines<QueueEntry>('0008', 'queue.jsonl')).map(one => one.case),
    )
  })

  it('all cases can be scored by a checkpoint of one’s choice', async () => {
    const model = join(workspace.paths.cycle('0001'), 'checkpoint.safetensors')
    const { predictions } = await predictWorkspace(workspace, { model, backend: 'wasm' })
    const test = (rows: Prediction[]) => rows.filter(one => one.side === 'test')
    const before = test(await lines<Prediction>('0001', 'predictions.jsonl'))
    for (const { case: id, flag } of test(predictions))
      expect(flag).toBeCloseTo(before.find(one => one.case === id)!.flag, 4)
  })

  it('weights the heads did not learn on are refused', async () => {
    await expect(
      diagnose(workspace, workspace.paths.image(cases[5]!.imageFile), { init: 'no/such.safetensors' }),
    ).rejects.toMatchObject({ code: 'weights-missing' })
  })
})

describe('without a cycle', () => {
  it('asking about a picture says what to run first', async () => {
    const empty = await openWorkspace(join(dir, 'empty'), { create: true })
    await expect(diagnose(empty, 'x.png')).rejects.toMatchObject({ code: 'no-cycle' })
    await expect(runCycle(empty, OPTIONS)).rejects.toMatchObject({ code: 'nothing-to-learn' })
    expect(existsSync(join(empty.paths.cycles, '0001'))).toBe(false)
  })
})

describe('who a cycle is by', () => {
  it('is the person whose job it is, by name, else the user of the machine', async () => {
    await mkdir(workspace.paths.job('j1'), { recursive: true })
    await writeFile(workspace.paths.jobFile('j1'), JSON.stringify({ id: 'j1', by: 'p7' }))
    expect(await whoRuns(workspace, { LESIONLOOP_JOB: 'j1' })).toBe('p7')
    await writeFile(workspace.paths.accounts, JSON.stringify({ accounts: [{ id: 'p7', name: 'Dr Grey' }] }))
    expect(await whoRuns(workspace, { LESIONLOOP_JOB: 'j1' })).toBe('Dr Grey')
    expect(await whoRuns(workspace, {})).toMatch(/./)
  })
})

describe('options of a cycle', () => {
  it('have defaults, and are refused by name where they are wrong', () => {
    expect(readCycleOptions({})).toMatchObject({
      backend: 'auto',
      strategy: 'balanced',
      folds: 5,
    })
    expect(() => readCycleOptions({ folds: 1 })).toThrow(/--folds: /)
    expect(() => readCycleOptions({ unmentioned: 'maybe' as never })).toThrow(/--unmentioned: /)
    expect(() => readCycleOptions({ sourceWeights: { mined: -1 } })).toThrow(/--source-weights/)
  })
})
