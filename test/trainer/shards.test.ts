import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MinedCase } from '../../data/records/case.ts'
import type { Progress } from '../../data/records/job.ts'
import { sealedCycles } from '../../data/stores/speaking.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../data/workspace/open.ts'
import { lite0 } from '../../trainer/backbones/efficientnet-lite0.ts'
import { readCycleOptions } from '../../trainer/cycle/options.ts'
import { computeShard, planShards, type WorkAsked } from '../../trainer/cycle/picture-work.ts'
import { runCycle } from '../../trainer/cycle/run-cycle.ts'
import { predictWorkspace } from '../../trainer/cycle/score-workspace.ts'
import { isInShard, placeOf, readShard, shardOf, shardsFor } from '../../trainer/features/shard.ts'
import { writeDrawnWeights } from './finetune/drawn-weights.ts'
import { fillWithPhantoms } from './phantom-cases.ts'

const OPTIONS = readCycleOptions({
  backend: 'wasm',
  samples: 50,
  epochs: 30,
  penalties: [100],
  lambdas: [0.3],
})
const CYCLE: WorkAsked = { cycle: OPTIONS }

/** Filled with cases, and nothing computed yet: each test takes a copy. */
let dir: string
let cases: MinedCase[]
let unsharded: { workspace: Workspace; hashes: Record<string, string> }
let copies = 0

async function copyOf(name = 'filled'): Promise<Workspace> {
  const to = join(dir, `copy-${++copies}`)
  await cp(join(dir, name), to, { recursive: true })
  return openWorkspace(to)
}

/** Hashes of a cycle but for the page, which says when it was made. */
async function cycleIn(workspace: Workspace): Promise<Record<string, string>> {
  const { record } = await runCycle(workspace, OPTIONS, { by: 'Test' })
  const { 'report.html': _, ...files } = record.files
  return files
}

const all = (of: number) => Array.from({ length: of }, (_, k) => ({ at: k + 1, of }))
const parts = async ({ paths }: Workspace) => {
  const names = await readdir(paths.features, { recursive: true })
  return names.filter(name => name.endsWith('.rows')).sort()
}
const bytes = async (workspace: Workspace) =>
  Object.fromEntries(
    await Promise.all(
      (await parts(workspace)).map(
        async name => [name, (await readFile(join(workspace.paths.features, name))).toString('hex')] as const,
      ),
    ),
  )

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-shards-'))
  cases = await fillWithPhantoms(await openWorkspace(join(dir, 'filled'), { create: true }), 10)
  const workspace = await copyOf()
  unsharded = { workspace, hashes: await cycleIn(workspace) }
}, 300_000)
afterAll(() => nodeFiles.remove(dir))

describe('a shard', () => {
  it('holds the same images whatever is added, and every image is in one', () => {
    const ids = cases.map(({ image }) => image)
    for (const of of [1, 3, 7])
      for (const id of ids) expect(all(of).filter(shard => isInShard(id, shard))).toHaveLength(1)
    expect(shardOf('00000000ff', 7)).toBe(1)
    expect(shardOf('ffffffff00', 7)).toBe(7)
    expect(placeOf('no hash')).toBe(placeOf('no hash'))
  })

  it('is asked for as K/N, and about 2,000 pictures by default', () => {
    expect(readShard('3/7')).toEqual({ at: 3, of: 7 })
    for (const wrong of ['0/3', '4/3', '3', '3/0', 'a/b', '-1/2'])
      expect(() => readShard(wrong)).toThrow(/expected K\/N/)
    expect([0, 1, 2000, 2001, 10_000].map(count => shardsFor(count))).toEqual([1, 1, 1, 2, 5])
  })
})

describe('features by shards', () => {
  it.each([1, 3, 7])('in %i give the cycle the bytes that it has without', async of => {
    const workspace = await copyOf()
    let computed = 0
    for (const shard of all(of)) computed += (await computeShard(workspace, CYCLE, shard)).computed
    expect(computed).toBe(cases.length)
    const steps: Progress[] = []
    const { record } = await runCycle(workspace, OPTIONS, { by: 'Test', onProgress: now => steps.push(now) })
    // Nothing was left to read but what lay there.
    expect(steps.filter(({ step }) => step === 'reading features').map(({ done }) => done)).toEqual([
      cases.length,
    ])
    expect(record.files).toMatchObject(unsharded.hashes)
  })

  it('are planned by what is missing: after a cycle, nothing', async () => {
    const workspace = await copyOf()
    expect(await planShards(workspace, CYCLE, { of: 4 })).toMatchObject({
      of: 4,
      shards: [1, 2, 3, 4],
      missing: cases.length,
    })
    await computeShard(workspace, CYCLE, { at: 2, of: 4 })
    expect((await planShards(workspace, CYCLE, { of: 4 })).shards).toEqual([1, 3, 4])
    expect(await planShards(unsharded.workspace, CYCLE)).toMatchObject({ of: 1, shards: [], missing: 0 })
  })

  it('done a second time cost nothing and change no byte', async () => {
    const workspace = await copyOf()
    const shard = { at: 1, of: 2 }
    expect((await computeShard(workspace, CYCLE, shard)).computed).toBeGreaterThan(0)
    const before = await bytes(workspace)
    expect(await computeShard(workspace, CYCLE, shard)).toMatchObject({ computed: 0 })
    expect(await bytes(workspace)).toEqual(before)
  })

  it('done by two at the same time are the same files', async () => {
    const workspace = await copyOf()
    const shard = { at: 1, of: 1 }
    await Promise.all([computeShard(workspace, CYCLE, shard), computeShard(workspace, CYCLE, shard)])
    // One of features, one of the shortcut's numbers.
    expect(await parts(workspace)).toHaveLength(2)
    expect(await cycleIn(workspace)).toEqual(unsharded.hashes)
  })

  it('are kept as far as they came where the work is stopped', async () => {
    const workspace = await copyOf()
    const controller = new AbortController()
    const stopped = computeShard(
      workspace,
      CYCLE,
      { at: 1, of: 1 },
      {
        signal: controller.signal,
        onProgress: ({ done }) => done >= 8 && controller.abort(new Error('stopped')),
      },
    )
    await expect(stopped).rejects.toThrow('stopped')
    const kept = await planShards(workspace, { cycle: { ...OPTIONS } }, { of: 1 })
    expect(kept.missing).toBe(cases.length)
    const steps: number[] = []
    await computeShard(workspace, CYCLE, { at: 1, of: 1 }, { onProgress: ({ done }) => steps.push(done) })
    expect(steps[0]).toBe(8)
  })

  it('are computed again where a part was damaged', async () => {
    const workspace = await copyOf()
    await computeShard(workspace, CYCLE, { at: 1, of: 1 })
    for (const name of await parts(workspace)) {
      const path = join(workspace.paths.features, name)
      const content = await readFile(path)
      content[content.length - 3]! ^= 1
      await writeFile(path, content)
    }
    expect((await computeShard(workspace, CYCLE, { at: 1, of: 1 })).computed).toBe(cases.length)
    expect(await cycleIn(workspace)).toEqual(unsharded.hashes)
  })

  it('count a picture that does not decode, and leave it to the cycle to name it', async () => {
    const workspace = await copyOf()
    const bad = cases[3]!
    await writeFile(workspace.paths.image(bad.imageFile), 'no picture')
    const told: Progress[] = []
    const done = await computeShard(workspace, CYCLE, { at: 1, of: 1 }, { onProgress: now => told.push(now) })
    expect(done).toEqual({ pictures: cases.length, computed: cases.length - 1, leftOut: 1 })
    expect(told.filter(({ problem }) => problem)).toEqual([])
    const problems: string[] = []
    await runCycle(workspace, OPTIONS, {
      by: 'Test',
      onProgress: ({ problem }) => problem && problems.push(problem.item),
    })
    expect(problems).toEqual([bad.imageFile])
  })
})

describe('scores by shards', () => {
  const scored = async (workspace: Workspace, asked: { model?: string; init?: string }) =>
    (await predictWorkspace(workspace, { ...asked, backend: 'wasm' })).predictions

  it.each([1, 3, 7])('of heads in %i are those of the verb without', async of => {
    const { workspace: done } = unsharded
    const model = join(done.paths.cycle('0001'), 'checkpoint.safetensors')
    const workspace = await copyOf()
    for (const shard of all(of)) await computeShard(workspace, { model: { model, backend: 'wasm' } }, shard)
    expect(await scored(workspace, { model })).toEqual(await scored(done, { model }))
  })

  it('of a fine-tuned network are those of the verb without, each picture looked at once', async () => {
    const init = join(dir, 'drawn.safetensors')
    await writeDrawnWeights(init, lite0.shapes)
    const workspace = await copyOf()
    const tuned = await runCycle(
      workspace,
      readCycleOptions({
        fit: 'finetune',
        backbone: 'efficientnet-lite0',
        init,
        backend: 'wasm',
        samples: 50,
        epochs: 20,
        penalties: [100],
        lambdas: [0.3],
        finetune: { epochs: 1, batch: 8, trainSize: 48, testSize: 48, workers: 0, augment: null },
      }),
      { by: 'Test' },
    )
    const model = join(workspace.paths.cycle(tuned.id), 'checkpoint.safetensors')
    const whole = await scored(workspace, { model })
    expect(whole).toHaveLength(cases.length)
    for (const of of [3]) {
      const other = await copyOf()
      const asked: WorkAsked = { model: { model, backend: 'wasm' } }
      for (const shard of all(of)) await computeShard(other, asked, shard)
      expect(await planShards(other, asked)).toMatchObject({ missing: 0 })
      const before = await parts(other)
      expect(await scored(other, { model })).toEqual(whole)
      expect(await parts(other)).toEqual(before)
    }
  }, 300_000)
})

describe('a cycle made for a job', () => {
  it('is made once, however often the job runs', async () => {
    const workspace = await copyOf()
    const first = await runCycle(workspace, OPTIONS, { by: 'Test', job: 'j1' })
    expect(first.record.job).toBe('j1')
    const steps: string[] = []
    const again = await runCycle(workspace, OPTIONS, {
      by: 'Test',
      job: 'j1',
      onProgress: ({ step }) => steps.push(step),
    })
    expect(again).toEqual(first)
    expect(steps).toEqual([])
    expect(await readdir(workspace.paths.cycles)).toEqual(['0001'])
    expect((await runCycle(workspace, OPTIONS, { by: 'Test', job: 'j2' })).id).toBe('0002')
  })

  it('is that of another attempt where this one came to seal too late', async () => {
    const workspace = await copyOf()
    const late = runCycle(workspace, OPTIONS, {
      by: 'Test',
      job: 'j1',
      fence: async work => {
        // Meanwhile the attempt that took it over has sealed.
        await cp(unsharded.workspace.paths.cycle('0001'), workspace.paths.cycle('0001'), { recursive: true })
        const path = join(workspace.paths.cycle('0001'), 'cycle.json')
        const record = JSON.parse(await readFile(path, 'utf8')) as object
        await writeFile(path, JSON.stringify({ ...record, job: 'j1' }))
        return work()
      },
    })
    expect(await late).toMatchObject({ id: '0001', record: { job: 'j1' } })
    expect(await readdir(workspace.paths.cycles)).toEqual(['0001'])
  })

  it('is not sealed where another worker has taken it over', async () => {
    const workspace = await copyOf()
    const refused = runCycle(workspace, OPTIONS, {
      by: 'Test',
      job: 'j1',
      fence: async () => {
        throw new Error('taken over')
      },
    })
    await expect(refused).rejects.toThrow('taken over')
    expect(sealedCycles(workspace)).toEqual([])
  })
})
