import { appendFile, cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Promotion } from '../../../data/records/promotion.ts'
import { renewSplit } from '../../../data/splits/keep.ts'
import { openStore } from '../../../data/stores/open.ts'
import { speakingFor } from '../../../data/stores/speaking.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { acquireLock } from '../../../data/workspace/locks.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { compareCycles } from '../../../trainer/compare/compare.ts'
import { promoteCycle, rollbackPromotion } from '../../../trainer/compare/promote.ts'
import { writeComparison } from '../../../trainer/compare/write-comparison.ts'
import { listCycles } from '../../../trainer/cycle/list-cycles.ts'
import { readCycleOptions } from '../../../trainer/cycle/options.ts'
import { runCycle } from '../../../trainer/cycle/run-cycle.ts'
import { ABSENT, fillWithPhantoms } from '../phantom-cases.ts'

const OPTIONS = readCycleOptions({
  backend: 'wasm',
  samples: 50,
  epochs: 30,
  penalties: [30],
  lambdas: [0.3],
})
const FEW = { samples: 100 }

let dir: string
let workspace: Workspace
/** A case the first cycle knew as mined, and an expert turned round before the second. */
let corrected: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-ledger-'))
  workspace = await openWorkspace(dir, { create: true })
  await fillWithPhantoms(workspace, 24)
  // As mining leaves it: sides stand from here on, whatever is labelled.
  const filled = await openStore(workspace)
  await renewSplit(workspace, filled.cases.all())
  await filled.close()
  await runCycle(workspace, OPTIONS, { by: 'Test' })
  const queue = await readFile(join(workspace.paths.cycle('0001'), 'queue.jsonl'), 'utf8')
  const asked = queue
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line).case as string)
  const store = await openStore(workspace, { write: ['labels'] })
  try {
    for (const id of asked) {
      const state = (await store.cases.get(id))!
      if (state.mined.findings.GGO !== 'present') continue
      corrected = id
      const op = 'ledger-test'
      const base = state.version
      await store.acts.append('reader', {
        op,
        case: id,
        base,
        act: { kind: 'label', flag: 'positive', lesions: ABSENT },
      })
      await store.acts.append('reader', {
        op: `${op}-why`,
        case: id,
        base: base + 1,
        act: { kind: 'reason', head: 'GGO', cause: 'said-not-visible' },
      })
      break
    }
  } finally {
    await store.close()
  }
  await runCycle(workspace, OPTIONS, { by: 'Test' })
}, 300_000)
afterAll(() => nodeFiles.remove(dir))

const pointer = async () => JSON.parse(await readFile(workspace.paths.promoted, 'utf8')) as Promotion

describe('comparing two cycles', () => {
  it('takes the cases both scored on the same side, and says how many', async () => {
    const { sides } = await compareCycles(workspace, '1', '2', FEW)
    expect(sides.reduce((sum, side) => sum + side.cases, 0)).toBe(96)
    for (const { words, onlyBefore, onlyAfter } of sides) {
      expect([onlyBefore, onlyAfter]).toEqual([0, 0])
      expect(words).toMatch(/\d+ cases? that both scored, by the truth as it stands now/)
    }
  })

  it('measures both by the truth as it stands: the correction counts for the earlier cycle too', async () => {
    const { measures } = await compareCycles(workspace, '1', '2', FEW)
    const ggo = measures.find(one => one.side === 'oof' && one.head === 'GGO' && one.name === 'auc')!
    expect(ggo.before.positives).toBe(ggo.after.positives)
    const before = JSON.parse(await readFile(join(workspace.paths.cycle('0001'), 'metrics.json'), 'utf8'))
    expect(ggo.before.positives).toBe(before.lesions.oof.GGO.auc.positives - 1)
  })

  it('lists the corrections between them by cause and head', async () => {
    const { corrections } = await compareCycles(workspace, '1', '2', FEW)
    expect(corrections).toContainEqual(
      expect.objectContaining({ cause: 'said-not-visible', head: 'GGO', count: 1, cases: [corrected] }),
    )
    const none = await compareCycles(workspace, '2', '2', FEW)
    expect(none.corrections).toEqual([])
  })

  it('finds nothing between a cycle and itself', async () => {
    const { flips, measures, promotable } = await compareCycles(workspace, '2', '2', FEW)
    expect(flips).toEqual([])
    expect(measures.every(one => one.verdict === 'same' || one.verdict === 'na')).toBe(true)
    expect(promotable).toBe(true)
  })

  it('gives the same intervals for the same seed', async () => {
    const [one, other] = [
      await compareCycles(workspace, '1', '2', FEW),
      await compareCycles(workspace, '1', '2', FEW),
    ]
    expect(one).toEqual(other)
  })

  it('compares what lies in both where the cases differ', async () => {
    const copy = await copyOf('0002', '0003')
    const path = join(copy, 'predictions.jsonl')
    const rows = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
    const gone = rows.findIndex(row => JSON.parse(row).fold !== null)
    await writeFile(path, `${rows.toSpliced(gone, 1).join('\n')}\n`)
    const { sides } = await compareCycles(workspace, '1', '3', FEW)
    expect(sides.find(side => side.side === 'oof')).toMatchObject({ onlyBefore: 1, onlyAfter: 0 })
    await rm(copy, { recursive: true })
  })

  it('writes a page that stands alone', async () => {
    const out = join(dir, 'compared')
    const comparison = await compareCycles(workspace, '1', '2', FEW)
    await writeComparison(workspace, comparison, out)
    const html = await readFile(join(out, 'comparison.html'), 'utf8')
    expect(html).toMatch(/Cycle 0002 against 0001/)
    expect(html).toMatch(/said-not-visible/)
    expect(html).not.toMatch(/<script|@import|url\(/i)
    expect(JSON.parse(await readFile(join(out, 'comparison.json'), 'utf8'))).toEqual(comparison)
  })

  it('says so where a cycle is not there', async () => {
    await expect(compareCycles(workspace, '1', '9')).rejects.toThrow(
      /cycle: 9: no sealed cycle of this number/,
    )
    await expect(compareCycles(workspace, '../1', '2')).rejects.toMatchObject({ code: 'cycle-unknown' })
  })
})

describe('promoting', () => {
  it('has nothing to compare the first with, and says so', async () => {
    const { comparison, message, promotion } = await promoteCycle(workspace, '1', { by: 'Test', ...FEW })
    expect(comparison).toBeNull()
    expect(message).toBe('cycle 0001 speaks for the model: nothing to compare with')
    expect(promotion).toMatchObject({ cycle: '0001', by: 'Test', forced: false })
    expect(await speakingFor(workspace)).toEqual({ id: '0001', promoted: true })
  })

  it('refuses what speaks already', async () => {
    await expect(promoteCycle(workspace, '0001')).rejects.toMatchObject({ code: 'promoted-already' })
  })

  it('is refused by a gate, unless forced with a reason, and the history keeps both', async () => {
    const worse = await copyOf('0002', '0003')
    await turnRound(worse)
    await seal(worse, '0003')
    const before = await pointer()
    await expect(promoteCycle(workspace, '3', FEW)).rejects.toMatchObject({ code: 'promotion-refused' })
    expect(await pointer()).toEqual(before)
    await expect(promoteCycle(workspace, '3', { ...FEW, force: true })).rejects.toMatchObject({
      code: 'usage',
    })
    const forced = await promoteCycle(workspace, '3', { ...FEW, force: true, why: 'to see it fail' })
    expect(forced.promotion).toMatchObject({ cycle: '0003', forced: true, why: 'to see it fail' })
    expect((await pointer()).history.map(step => step.cycle)).toEqual(['0001', '0003'])
  }, 60_000)

  it('is rolled back to what spoke before, and no further than the first', async () => {
    expect((await rollbackPromotion(workspace)).promotion).toMatchObject({ cycle: '0001', forced: false })
    expect((await pointer()).history.map(step => step.how)).toEqual(['promote', 'promote', 'rollback'])
    await expect(rollbackPromotion(workspace)).rejects.toMatchObject({ code: 'nothing-to-roll-back' })
    await expect(rollbackPromotion(workspace, { to: '2' })).rejects.toMatchObject({ code: 'never-promoted' })
  })

  it('takes the newest where no number is given, judged against the promoted one', async () => {
    await rm(workspace.paths.cycle('0003'), { recursive: true })
    const { comparison, before, gates } = await promoteCycle(workspace, undefined, FEW)
    expect(comparison).toMatchObject({ before: { id: '0001' }, after: { id: '0002' } })
    expect(before).toBe('0001')
    expect(gates.some(gate => gate.name === 'discrimination' && gate.verdict === 'passed')).toBe(true)
  })

  it('waits for nobody: while a cycle is being written it is refused by the lock', async () => {
    const lock = await acquireLock(workspace, 'cycles')
    try {
      // The same process holds it: who asks steps back at once instead of waiting for itself.
      await expect(rollbackPromotion(workspace)).rejects.toMatchObject({ code: 'lock-held' })
    } finally {
      await lock.release()
    }
  })
})

describe('odd states of the ledger', () => {
  it('lists the cycles with the promoted mark and their figures', async () => {
    const listed = await listCycles(workspace)
    expect(listed.map(({ id, promoted, faults }) => ({ id, promoted, faults }))).toEqual([
      { id: '0001', promoted: false, faults: [] },
      { id: '0002', promoted: true, faults: [] },
    ])
    expect(listed[0]!.auc!.n).toBeGreaterThan(0)
  })

  it('names the file of a cycle edited by hand, and refuses to promote it, by force too', async () => {
    const path = join(workspace.paths.cycle('0001'), 'metrics.json')
    const kept = await readFile(path)
    await appendFile(path, '\n')
    expect((await listCycles(workspace))[0]!.faults).toEqual(['metrics.json: changed since'])
    for (const force of [{}, { force: true, why: 'I know better' }])
      await expect(promoteCycle(workspace, '1', { ...FEW, ...force })).rejects.toThrow(
        /cycle 0001: not as it was sealed: metrics\.json: changed since; put the files back/,
      )
    await expect(rollbackPromotion(workspace, { to: '1' })).rejects.toMatchObject({ code: 'cycle-unsound' })
    await writeFile(path, kept)
  })

  it('says that the promoted cycle is gone, and lets another take its place by rollback or by force', async () => {
    const place = workspace.paths.cycle('0002')
    await rename(place, `${place}.away`)
    await expect(speakingFor(workspace)).rejects.toThrow(
      /cycle: 0002: promoted since .* is gone: put it back/,
    )
    await expect(promoteCycle(workspace, '1', FEW)).rejects.toThrow(/promoted cycle 0002 is gone/)
    await rollbackPromotion(workspace)
    expect(await speakingFor(workspace)).toEqual({ id: '0001', promoted: true })
    await rename(`${place}.away`, place)
  })

  it('says that the backbone changed between two cycles', async () => {
    const copy = await copyOf('0002', '0003')
    const path = join(copy, 'cycle.json')
    const record = JSON.parse(await readFile(path, 'utf8'))
    const backbone = { name: 'resnet18', weights: 'other weights', weightsSha256: 'other' }
    await writeFile(path, JSON.stringify({ ...record, backbone }))
    const { warnings } = await compareCycles(workspace, '1', '3', FEW)
    expect(warnings.join()).toMatch(/backbone: starter \(.*\) then, resnet18 \(other weights\) now/)
    await rm(copy, { recursive: true })
  })

  it('never gives the number of a promoted cycle to another, though its folder is gone', async () => {
    const place = workspace.paths.cycle('0002')
    await rename(place, `${place}.away`)
    const { id } = await runCycle(workspace, OPTIONS, { by: 'Test' })
    // 0003 was promoted by force above, and removed.
    expect(id).toBe('0004')
    await rename(`${place}.away`, place)
  }, 60_000)

  it('refuses a pointer edited by hand, naming the field', async () => {
    const kept = await readFile(workspace.paths.promoted)
    await writeFile(workspace.paths.promoted, '{"format":"lesionloop-promotion-1","cycle":7}')
    await expect(speakingFor(workspace)).rejects.toThrow(/promoted\.json: cycle: /)
    await writeFile(workspace.paths.promoted, kept)
  })
})

async function copyOf(id: string, to: string): Promise<string> {
  const place = workspace.paths.cycle(to)
  await cp(workspace.paths.cycle(id), place, { recursive: true })
  await seal(place, to)
  return place
}

/** Makes a copied folder a cycle of its own, with the hashes of its files as they are. */
async function seal(place: string, id: string): Promise<void> {
  const { createHash } = await import('node:crypto')
  const path = join(place, 'cycle.json')
  const record = JSON.parse(await readFile(path, 'utf8'))
  for (const name of Object.keys(record.files))
    record.files[name] = createHash('sha256')
      .update(await readFile(join(place, name)))
      .digest('hex')
  await writeFile(path, JSON.stringify({ ...record, id }))
}

/** A model that says the opposite of every truth of the flag. */
async function turnRound(place: string): Promise<void> {
  const path = join(place, 'predictions.jsonl')
  const store = await openStore(workspace)
  try {
    const rows = (await readFile(path, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map(row => JSON.parse(row))
    for (const row of rows) {
      const { flag } = (await store.cases.get(row.case))!.truth
      row.flag = flag.value === 'positive' ? 0.1 : 0.9
    }
    await writeFile(path, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  } finally {
    await store.close()
  }
}
