import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MinedCase } from '../../../data/records/case.ts'
import type { Prediction } from '../../../data/records/cycle.ts'
import type { Progress } from '../../../data/records/job.ts'
import type { Diagnosis } from '../../../data/records/live.ts'
import { checkWorkspace } from '../../../data/stores/soundness.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { readPixels } from '../../../data/workspace/images.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { lite0 } from '../../../trainer/backbones/efficientnet-lite0.ts'
import { promoteCycle } from '../../../trainer/compare/promote.ts'
import type { CycleResult } from '../../../trainer/cycle/cycle-result.ts'
import { readCycleOptions } from '../../../trainer/cycle/options.ts'
import { runCycle } from '../../../trainer/cycle/run-cycle.ts'
import { predictWorkspace } from '../../../trainer/cycle/score-workspace.ts'
import { diagnose } from '../../../trainer/diagnose/diagnose.ts'
import { Answerer } from '../../../trainer/live/answer.ts'
import { readNetwork } from '../../../trainer/model/network-checkpoint.ts'
import { readReport } from '../../../trainer/report/write-report.ts'
import { fillWithPhantoms } from '../phantom-cases.ts'
import { writeDrawnWeights } from './drawn-weights.ts'

let dir: string
let workspace: Workspace
let cases: MinedCase[]
let cycle: CycleResult
const stopped: Progress[] = []

const options = () =>
  readCycleOptions({
    fit: 'finetune',
    backbone: 'efficientnet-lite0',
    init: join(dir, 'drawn.safetensors'),
    backend: 'wasm',
    samples: 50,
    epochs: 30,
    penalties: [100],
    lambdas: [0.3],
    finetune: { epochs: 2, batch: 8, trainSize: 48, testSize: 48, workers: 0, augment: null },
  })

/** Stopped after the first epoch, then run again: what a person does who pressed Ctrl-C. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-finetune-cycle-'))
  workspace = await openWorkspace(join(dir, 'workspace'), { create: true })
  await writeDrawnWeights(join(dir, 'drawn.safetensors'), lite0.shapes)
  cases = await fillWithPhantoms(workspace, 10)
  const controller = new AbortController()
  await expect(
    runCycle(workspace, options(), {
      by: 'Test',
      signal: controller.signal,
      onProgress: progress => {
        if (progress.step === 'learning' && progress.point?.['epoch'] === 1 && progress.total === 2)
          controller.abort(new Error('stopped'))
      },
    }),
  ).rejects.toThrow('stopped')
  cycle = await runCycle(workspace, options(), { by: 'Test', onProgress: now => stopped.push(now) })
}, 600_000)
afterAll(() => nodeFiles.remove(dir))

describe('a cycle with --fit finetune', () => {
  it('refuses a backbone that can only be frozen before anything is computed', async () => {
    const told: Progress[] = []
    await expect(
      runCycle(
        workspace,
        { ...options(), backbone: 'starter', init: undefined } as ReturnType<typeof options>,
        { by: 'Test', onProgress: now => told.push(now) },
      ),
    ).rejects.toMatchObject({ code: 'backbone-frozen' })
    expect(told).toEqual([])
  })

  it('goes on from the epoch at which it was stopped', () => {
    const epochs = stopped.filter(({ step }) => step.startsWith('epoch ')).map(({ step }) => step)
    expect(epochs.some(step => step.startsWith('epoch 2 of 2'))).toBe(true)
    expect(epochs.some(step => step.startsWith('epoch 1 of 2'))).toBe(false)
  })

  it('seals a checkpoint of the whole network with its options, and clears the run’s state', async () => {
    const path = join(workspace.paths.cycle(cycle.id), 'checkpoint.safetensors')
    const { configuration } = await readNetwork(path)
    expect(configuration).toMatchObject({
      format: 'lesionloop-network-1',
      backbone: 'efficientnet-lite0',
      loss: 'lesion-attention',
      options: { epochs: 2, trainSize: 48 },
      preprocessing: { size: 48 },
    })
    expect(await readdir(workspace.paths.cycles)).toEqual([cycle.id])
    expect((await checkWorkspace(workspace)).filter(check => !check.ok)).toEqual([])
  })

  it('has a report with learning curves, and heat maps of the network itself', async () => {
    const { curves, flag } = cycle.metrics
    expect(curves.loss.map(({ name }) => name)).toEqual(['train', 'validation'])
    // Of a validation side of one class there is no AUC, and no curve of it.
    expect(curves.auc === undefined).toBe(flag.val!['auc']!.value === null)
    const { data } = await readReport(workspace, cycle.id)
    expect(data.maps.absent).toBeNull()
    // The last map of 48 pixels is 2 × 2.
    for (const { maps } of data.maps.cases)
      for (const { height, width } of Object.values(maps)) expect([height, width]).toEqual([2, 2])
    const html = await readFile(join(workspace.paths.cycle(cycle.id), 'report.html'), 'utf8')
    for (const words of [
      'Where the evidence lies',
      'loss over the epochs',
      'scored by the fine-tuned network',
    ])
      expect(html.includes(words), words).toBe(true)
  })

  it('says in its record who scored what', () => {
    expect(cycle.record.config).toMatchObject({
      fit: 'finetune',
      finetune: { epochs: 2, loss: 'lesion-attention' },
      scoredBy: {
        validationAndTest: 'the fine-tuned network',
        outOfFoldAndPool: expect.stringContaining('frozen features'),
      },
    })
  })

  it('predicts every case: the pool out of fold, validation and test by the network', async () => {
    const text = await readFile(join(workspace.paths.cycle(cycle.id), 'predictions.jsonl'), 'utf8')
    const rows = text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Prediction)
    expect(rows).toHaveLength(cases.length)
    for (const row of rows) expect(row.fold === null).toBe(row.side === 'val' || row.side === 'test')
    expect(cycle.queue.length).toBeGreaterThan(0)
  })

  it('measures out of fold, validation and test, and draws the curves of the fine-tuning', () => {
    expect(Object.keys(cycle.metrics.flag).sort()).toEqual(['oof', 'test', 'val'])
    const curves = cycle.metrics.curves.loss
    expect(curves.map(({ name }) => name)).toEqual(['train', 'validation'])
    expect(curves[0]!.points.map(([epoch]) => epoch)).toEqual([1, 2])
  })

  it('answers for one picture, and for all, as the sealed predictions say of test', async () => {
    const { predictions } = await predictWorkspace(workspace, { backend: 'wasm' })
    expect(predictions).toHaveLength(cases.length)
    const one = predictions.find(({ side }) => side === 'test')!
    const text = await readFile(join(workspace.paths.cycle(cycle.id), 'predictions.jsonl'), 'utf8')
    const sealed = text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Prediction)
      .find(row => row.case === one.case)!
    expect(one.flag).toBeCloseTo(sealed.flag, 4)
    const file = cases.find(({ id }) => id === one.case)!.imageFile
    const opinion = await diagnose(workspace, workspace.paths.image(file), { backend: 'wasm' })
    expect(opinion.heads[0]!.probability).toBeCloseTo(sealed.flag, 3)
    expect(existsSync(workspace.paths.cycle(cycle.id))).toBe(true)
  })

  it('answers in the kept process with heat maps, and in a terminal writes them over the picture', async () => {
    const path = workspace.paths.image(cases[0]!.imageFile)
    const request = { id: 1, verb: 'diagnose' as const, name: 'slice.png' }
    const picture = (await readFile(path)).toString('base64')
    const kept = (await new Answerer(workspace).answer({ ...request, picture })) as Diagnosis
    expect(kept.cycle).toBe(cycle.id)
    expect(kept.mapsAbsent).toBeNull()
    expect(kept.heads.map(({ range }) => range)).toEqual(kept.heads.map(() => null))
    const opinion = await diagnose(workspace, path, { backend: 'wasm', maps: join(dir, 'maps') })
    expect(opinion.maps.map(({ head }) => head)).toEqual(kept.maps.map(({ head }) => head))
    expect(opinion.maps.length).toBeGreaterThan(0)
    const plain = await readPixels(path)
    for (const { file } of opinion.maps) {
      const laid = await readPixels(file)
      expect([laid.width, laid.height]).toEqual([plain.width, plain.height])
      expect(Buffer.from(laid.data).equals(Buffer.from(plain.data))).toBe(false)
    }
  })

  it('can be started from once it is promoted: the network goes on where it stood', async () => {
    await promoteCycle(workspace, cycle.id)
    const warm = await runCycle(workspace, { ...options(), from: 'promoted' }, { by: 'Test' })
    expect(warm.record.config).toMatchObject({ from: 'promoted', startedFrom: cycle.id })
    const trained = (of: CycleResult) => of.metrics.curves.loss.find(({ name }) => name === 'train')!.points
    expect(trained(warm)[0]![1]).toBeLessThan(trained(cycle)[0]![1])
    expect(warm.record.backbone).toEqual(cycle.record.backbone)
  }, 600_000)
})
