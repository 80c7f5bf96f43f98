import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cycles } from '../../../annotator/server/cycles.ts'
import { KeptTally } from '../../../annotator/server/kept-tally.ts'
import type { Tally } from '../../../annotator/server/tally.ts'
import { WalkedTally } from '../../../annotator/server/walked-tally.ts'
import type { ActPayload } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import { LESION_LABELS, perLesion } from '../../../data/records/vocabulary.ts'
import { seededRandom } from '../../../data/statistics/random.ts'
import { readShare, shareOf, shareText } from '../../../data/stores/case-share.ts'
import { migrateToDatabase } from '../../../data/stores/migrate/to-database.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Store } from '../../../data/stores/store.ts'
import { writeJson } from '../../../data/workspace/files.ts'
import { hasPostgres, type PostgresOfTests, startPostgres } from '../../postgres/server-of-tests.ts'
import { caseId, DOCUMENT, LABEL, newOp, sealCycle, smallWorkspace } from './desk-under-test.ts'

describe.skipIf(!hasPostgres())('counts over a database', () => {
  let server: PostgresOfTests
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.close())

  async function both(): Promise<{ store: Store; kept: Tally; walked: Tally }> {
    const workspace = await smallWorkspace()
    await sealCycle(workspace)
    await writeJson(workspace.files, workspace.paths.splits, {
      kind: 'stratified',
      seed: 1,
      ratios: { train: 0.6, val: 0.2, test: 0.2 },
      warnings: [],
      cases: {
        [caseId(1, 'A')]: { side: 'test', group: 'a' },
        [caseId(2, 'B')]: { side: 'train', group: 'b' },
      },
    })
    await migrateToDatabase(workspace, await server.newDatabase())
    const store = await openStore(workspace, { write: ['labels', 'cases'] })
    const cycles = new Cycles(workspace)
    return {
      store,
      kept: new KeptTally(workspace, { store, sums: store.cases.sums! }, cycles),
      walked: new WalkedTally(workspace, store, cycles),
    }
  }

  const PANELS = [1, 2].flatMap(figure => ['A', 'B', 'C'].map(panel => caseId(figure, panel)))

  test('are those that a walk through all cases gives, after any acts', async () => {
    const { store, kept, walked } = await both()
    try {
      const random = seededRandom(7)
      const one = <T>(list: readonly T[]): T => list[random.integer(list.length)]!
      const acts: (() => ActPayload)[] = [
        () => ({
          ...LABEL,
          lesions: perLesion(() => one(LESION_LABELS)),
          flag: one(['positive', 'negative']),
        }),
        () => ({ ...LABEL, kind: 'adjudicate' }),
        () => ({ kind: 'kind', image: one(['ct', 'xray']) }),
        () => ({ kind: 'discuss', text: 'is it?' }),
      ]
      expect(await kept.counts()).toEqual(await walked.counts())
      for (let turn = 0; turn < 40; turn++) {
        const id = one(PANELS)
        const { version } = (await store.cases.get(id))!
        const draft = { op: newOp(), case: id, base: version, act: one(acts)() }
        const { state } = await store.acts.append(one(['ann', 'bob']), draft)
        await kept.take([state])
        await walked.take([state])
        const now = await kept.counts()
        expect(now).toEqual(await walked.counts())
        expect(await kept.documents([DOCUMENT, 'none'])).toEqual(await walked.documents([DOCUMENT, 'none']))
      }
      expect((await kept.counts()).labelled).toBeGreaterThan(3)
    } finally {
      await store.close()
    }
  })

  test('of tables name each with its cases and its first one', async () => {
    const { store, kept, walked } = await both()
    try {
      const {
        labels: _l,
        notes: _n,
        assigned: _a,
        truth: _t,
        edited: _e,
        version: _v,
        ...mined
      } = (await store.cases.get(PANELS[0]!)) as CaseState
      const row = (id: string) => ({ ...mined, id, document: null, figure: null, panel: null })
      await store.cases.put(
        'table',
        ['x', 'y'].map(row).map(each => ({ ...each, source: { ...each.source, name: 'set.csv' } })),
      )
      const tables = await kept.tables()
      expect(tables).toEqual([{ name: 'set.csv', cases: 2, labelled: 0, firstCase: 'x' }])
      expect(await walked.tables()).toEqual(tables)
    } finally {
      await store.close()
    }
  })

  test('of a filter are those of its list', async () => {
    const { store } = await both()
    try {
      await store.acts.append('ann', { op: newOp(), case: PANELS[0]!, base: 0, act: LABEL })
      for (const filter of [
        {},
        { kind: 'all' },
        { state: 'open' },
        { state: 'labelled' },
        { by: 'ann' },
        { lesion: 'GGO', finding: 'present' },
        { finding: 'none' },
        { disagreement: true, reader: 'ann' },
        { disagreement: true, reader: 'bob' },
      ] as const) {
        const { rows, total } = await store.cases.list(filter)
        expect({ filter, total }).toEqual({ filter, total: rows.length })
      }
    } finally {
      await store.close()
    }
  })
})

test('a share reads back from its text as it was', async () => {
  const workspace = await smallWorkspace()
  const store = await openStore(workspace, { write: ['labels'] })
  await store.acts.append('ann "A"', { op: newOp(), case: caseId(1, 'A'), base: 0, act: LABEL })
  for await (const state of store.cases.all()) {
    const share = shareOf(state)
    expect(readShare(shareText(share))).toEqual(share)
  }
  await store.close()
})
