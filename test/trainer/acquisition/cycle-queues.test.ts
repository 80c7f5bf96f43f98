import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import { HEADS } from '../../../data/records/vocabulary.ts'
import { openStore } from '../../../data/stores/open.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { STRATEGIES } from '../../../trainer/acquisition/strategy.ts'
import { loadBackbone } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { readCorpus } from '../../../trainer/cycle/corpus.ts'
import { readCycleOptions } from '../../../trainer/cycle/options.ts'
import { type Scored, scoreCases } from '../../../trainer/cycle/predict.ts'
import { rankScored, secondLooks } from '../../../trainer/cycle/rank.ts'
import { runCycle } from '../../../trainer/cycle/run-cycle.ts'
import { stopSignals } from '../../../trainer/cycle/stop-signals.ts'
import { DEFAULT_LEARNING, learn } from '../../../trainer/fit/learn.ts'
import { DEFAULT_TEACHING } from '../../../trainer/fit/targets.ts'
import { learnedHeads, type TrainedModel } from '../../../trainer/model/trained-model.ts'
import { ABSENT, fillWithPhantoms } from '../phantom-cases.ts'

const LEARNING = { epochs: 30, penalties: [100], lambdas: [0.3], folds: 2 } as const

/** Twelve documents of four phantoms; a cycle; then an expert reads its audit and says of every case: no lesion. */
let dir: string
let workspace: Workspace
let queue: QueueEntry[]
let audit: string[]
let scored: Scored[]
let model: TrainedModel

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-queues-'))
  workspace = await openWorkspace(dir, { create: true })
  await fillWithPhantoms(workspace, 12)
  const options = {
    backend: 'wasm',
    samples: 20,
    ...LEARNING,
    penalties: [100],
    lambdas: [0.3],
    strategy: 'random',
  }
  await runCycle(workspace, readCycleOptions(options))
  const text = await readFile(join(workspace.paths.cycle('0001'), 'queue.jsonl'), 'utf8')
  queue = text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as QueueEntry)
  audit = queue.filter(one => one.audit).map(one => one.case)
  const store = await openStore(workspace, { write: ['labels'] })
  for (const id of audit) {
    const { version } = (await store.cases.get(id))!
    const act = { kind: 'label', flag: 'negative', lesions: ABSENT } as const
    await store.acts.append('reader', { op: `audit ${id}`, case: id, base: version, act })
  }
  await store.close()

  await chooseBackend('wasm')
  const corpus = await readCorpus(workspace, await loadBackbone('starter'), DEFAULT_TEACHING)
  const outside = corpus.cases.filter(one => one.side === 'train')
  const learned = await learn(outside, [], { ...DEFAULT_LEARNING, ...LEARNING, teaching: DEFAULT_TEACHING })
  scored = scoreCases(corpus.cases, outside, learned)
  model = learned.model
}, 300_000)
afterAll(() => nodeFiles.remove(dir))

describe('the audit of a cycle', () => {
  it('stands in its queue, and what was read of it gives a stop signal for every head', async () => {
    expect(audit.length).toBeGreaterThan(0)
    const signals = await stopSignals(workspace)
    expect(signals.map(one => one.head)).toEqual([...HEADS])
    const store = await openStore(workspace)
    const states = await Promise.all(audit.map(async id => (await store.cases.get(id))!))
    await store.close()
    const positives = states.filter(state => state.mined.flag === 'positive').length
    const [flag] = signals
    expect(flag!.error).toMatchObject({ reads: audit.length, changed: positives })
    const toRead = queue.filter(one => one.queue === undefined)
    expect(flag!.error!.left).toBe(toRead.length)
    expect(flag!.sentence).toContain('COVID flag')
  })
})

describe('the queue of a cycle', () => {
  it.each([...STRATEGIES.keys()])(
    'by %s asks for every unread case outside validation and test, once',
    strategy => {
      const ranked = rankScored(scored, { strategy, seed: 1, learned: learnedHeads(model.heads), model })
      const pool = scored.filter(one => one.case.pool).map(one => one.case.state.id)
      expect(ranked.map(one => one.case).sort()).toEqual([...pool].sort())
      for (const id of audit) expect(pool).not.toContain(id)
    },
  )

  it('brings up the panels of a figure together', () => {
    const ranked = rankScored(scored, { strategy: 'balanced', seed: 1, learned: HEADS, auditShare: 0 })
    const figures = ranked.map(one => one.case.slice(0, one.case.lastIndexOf('#')))
    const runs = figures.filter((figure, at) => figure !== figures[at - 1])
    expect(runs).toHaveLength(new Set(figures).size)
  })
})

describe('the queues beside it', () => {
  it('stand in the same file behind the review, ranks running on, without what is to be read blind', () => {
    const names = queue.map(one => one.queue ?? 'review')
    expect(names).toContain('labels')
    const order = ['audit', 'review', 'disagreement', 'labels']
    const places = names.map(name => order.indexOf(name))
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    expect(queue.map(one => one.rank)).toEqual(queue.map((_, at) => at + 1))
    for (const one of queue) if (one.queue === 'labels') expect(audit).not.toContain(one.case)
  })

  it('hold no case of validation or test, and contradictions to the text only of unread cases', () => {
    const { disagreement, labels, heads } = secondLooks(scored, learnedHeads(model.heads))
    const side = new Map(scored.map(one => [one.case.state.id, one.case]))
    for (const one of [...disagreement, ...labels]) expect(side.get(one.case)!.side).toBe('train')
    for (const one of disagreement) expect(side.get(one.case)!.pool).toBe(true)
    expect(heads).toHaveLength(6)
  })
})
