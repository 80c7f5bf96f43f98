import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prediction } from '../../data/records/cycle.ts'
import { readSplit, renewSplit } from '../../data/splits/keep.ts'
import { openStore } from '../../data/stores/open.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../data/workspace/open.ts'
import { promoteCycle } from '../../trainer/compare/promote.ts'
import type { CycleResult } from '../../trainer/cycle/cycle-result.ts'
import { readCycleOptions } from '../../trainer/cycle/options.ts'
import { runCycle } from '../../trainer/cycle/run-cycle.ts'
import { carriedOver } from '../../trainer/fit/warm-start.ts'
import { readCheckpoint } from '../../trainer/model/checkpoint.ts'
import { modelLogits } from '../../trainer/model/trained-model.ts'
import { fillWithPhantoms } from './phantom-cases.ts'

const options = (more: Parameters<typeof readCycleOptions>[0] = {}) =>
  readCycleOptions({
    backend: 'wasm',
    samples: 20,
    epochs: 20,
    penalties: [30],
    lambdas: [0.3],
    hidden: 3,
    ...more,
  })

let dir: string
let workspace: Workspace
let first: CycleResult
const predictions = async (id: string) =>
  await readFile(join(workspace.paths.cycle(id), 'predictions.jsonl'), 'utf8')

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-warm-'))
  workspace = await openWorkspace(dir, { create: true })
  await fillWithPhantoms(workspace, 16)
  const store = await openStore(workspace)
  await renewSplit(workspace, store.cases.all())
  await store.close()
  first = await runCycle(workspace, options())
}, 300_000)
afterAll(() => nodeFiles.remove(dir))

describe('parameters carried over to another standardisation', () => {
  it('answer as before', async () => {
    const { model } = await readCheckpoint(join(workspace.paths.cycle('0001'), 'checkpoint.safetensors'))
    const { mean, deviation } = model.scaling
    const now = { mean: mean.map(value => value + 0.7), deviation: deviation.map(value => value * 1.7) }
    const { direct, bias, trunk } = carriedOver(model, now, 3)
    const p = model.parameters
    const moved = {
      ...model,
      scaling: now,
      parameters: {
        direct: tf.variable(tf.tensor(direct, p.direct.shape)),
        bias: tf.variable(tf.tensor(bias, p.bias.shape)),
        trunk: {
          weight: tf.variable(tf.tensor(trunk!.weight, p.trunk!.weight.shape)),
          bias: tf.variable(tf.tensor(trunk!.bias, p.trunk!.bias.shape)),
          heads: tf.variable(tf.tensor(trunk!.heads, p.trunk!.heads.shape)),
        },
      } as typeof p,
    }
    const rows = Float32Array.from({ length: 4 * model.features }, (_, at) => Math.sin(at))
    const [before, after] = [modelLogits(model, rows), modelLogits(moved, rows)]
    for (const [at, logit] of before.entries()) expect(after[at]).toBeCloseTo(logit, 3)
  })

  it('are refused where the trunk is another', async () => {
    const { model } = await readCheckpoint(join(workspace.paths.cycle('0001'), 'checkpoint.safetensors'))
    expect(() => carriedOver(model, model.scaling, 0)).toThrow(
      /give the same --hidden, or start --from afresh/,
    )
  })
})

describe('a cycle from the promoted one', () => {
  it('is refused while none is promoted', async () => {
    await expect(runCycle(workspace, options({ from: 'promoted' }))).rejects.toThrow(
      /warm start: no cycle is promoted: .* run `lesionloop promote`/,
    )
  })

  it('begins with a lower loss than one afresh, says where it started, and leaves out-of-fold heads afresh', async () => {
    await promoteCycle(workspace, '1')
    const warm = await runCycle(workspace, options({ from: 'promoted' }))
    expect(warm.record.config).toMatchObject({ from: 'promoted', startedFrom: '0001' })
    expect(first.record.config).not.toHaveProperty('startedFrom')
    const start = ({ metrics }: CycleResult) =>
      metrics.curves.loss.find(one => one.name === 'train')!.points[0]!
    expect(start(warm)[1]).toBeLessThan(start(first)[1])
    const oof = (text: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line) as Prediction)
        .filter(one => one.fold !== null)
    expect(oof(await predictions(warm.id))).toEqual(oof(await predictions('0001')))
    expect(await predictions(warm.id)).not.toBe(await predictions('0001'))
  }, 120_000)

  it('gives the same bytes for the same beginning', async () => {
    const [one, other] = [
      await runCycle(workspace, options({ from: 'promoted' })),
      await runCycle(workspace, options({ from: 'promoted' })),
    ]
    expect(one.record.files['checkpoint.safetensors']).toBe(other.record.files['checkpoint.safetensors'])
  }, 120_000)

  it('is refused with --fit finetune or another backbone, naming what it stands on', async () => {
    const path = join(workspace.paths.cycle('0001'), 'cycle.json')
    const kept = await readFile(path, 'utf8')
    const record = JSON.parse(kept)
    await writeFile(
      path,
      JSON.stringify({ ...record, backbone: { ...record.backbone, weightsSha256: 'other' } }),
    )
    await expect(runCycle(workspace, options({ from: 'promoted' }))).rejects.toThrow(
      /the promoted cycle 0001 stands on starter .*: the same backbone and weights were expected/,
    )
    await writeFile(path, JSON.stringify({ ...record, config: { ...record.config, fit: 'finetune' } }))
    await expect(runCycle(workspace, options({ from: 'promoted' }))).rejects.toMatchObject({
      code: 'warm-start-fit',
    })
    await writeFile(path, kept)
  })

  it('is refused where it learned from a case that is test now', async () => {
    const kept = await readFile(workspace.paths.splits, 'utf8')
    const split = (await readSplit(workspace))!
    const moved = Object.keys(split.cases).find(id => split.cases[id]!.side === 'train')!
    const { group } = split.cases[moved]!
    for (const one of Object.values(split.cases)) if (one.group === group) one.side = 'test'
    await writeFile(workspace.paths.splits, JSON.stringify(split))
    await expect(runCycle(workspace, options({ from: 'promoted' }))).rejects.toMatchObject({
      code: 'warm-start-seen',
    })
    await writeFile(workspace.paths.splits, kept)
  })
})
