import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { foldCase } from '../../../data/journal/fold.ts'
import type { Act } from '../../../data/records/act.ts'
import type { CaseState } from '../../../data/records/case.ts'
import type { QueueEntry } from '../../../data/records/cycle.ts'
import type { Job } from '../../../data/records/job.ts'
import type { CaseQuery, Store, StoreChange } from '../../../data/stores/store.ts'
import { CAPTION, draft, labelAct, mentionOf, sampleCase, samplePanels } from './sample.ts'

/** A place where a store keeps its things; opening it again finds them. */
export interface StorePlace {
  /** A store that may write all there is to write; at most one is open at a time. */
  open(): Promise<Store>
  /** A store of another process that only reads, beside it. */
  openReader(): Promise<Store>
  /** Seals a cycle with this queue, as the trainer does. */
  sealCycle(id: string, queue: QueueEntry[]): Promise<void>
}

const A = 'doc-1#Figure 1#A'
const B = 'doc-1#Figure 1#B'
const where = (words: string) => {
  const { start, end } = mentionOf(words, 'GGO')
  return { start, end }
}
const queued = (id: string, rank: number): QueueEntry => ({
  case: id,
  rank,
  score: 1 / rank,
  strategy: 'entropy',
  head: 'GGO',
  why: `the model is unsure of GGO (${rank})`,
})
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What every store does, whatever it keeps its things in. */
export function describeStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(name, () => {
    let place: StorePlace
    let store: Store
    const opened: Store[] = []

    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
      opened.push(store)
    })
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close().catch(() => undefined)
    })
    const reopen = async () => {
      await store.close()
      store = await place.open()
      opened.push(store)
    }
    const reader = async () => {
      const one = await place.openReader()
      opened.push(one)
      return one
    }
    const ids = async (query?: CaseQuery) => (await store.cases.list(query)).rows.map(row => row.id)

    describe('acts', () => {
      beforeEach(() => store.cases.put('doc-1', samplePanels('AB')))

      test('answers with the act and the case as it stands then', async () => {
        const { act, state } = await store.acts.append('ann', draft(A, 0, labelAct({ GGO: 'present' })))
        expect(act).toMatchObject({ seq: 1, who: 'ann', case: A, base: 0, act: { kind: 'label' } })
        expect(new Date(act.at).toISOString()).toBe(act.at)
        expect(state).toMatchObject({
          id: A,
          version: 1,
          labels: [{ who: 'ann', lesions: { GGO: 'present' } }],
        })
        expect(await store.cases.get(A)).toEqual(state)
      })

      test('are there again after a restart', async () => {
        const { act, state } = await store.acts.append('ann', draft(A, 0, labelAct()))
        await reopen()
        expect(await store.cases.get(A)).toEqual(state)
        expect(await store.acts.ofCase(A)).toEqual([act])
        expect(await store.acts.lastSeq()).toBe(1)
      })

      test('repeated with the same operation change nothing and get the first answer', async () => {
        const one = draft(A, 0, labelAct())
        const first = await store.acts.append('ann', one)
        await store.acts.append('ann', draft(A, 1, { kind: 'note', text: 'x' }))
        expect((await store.acts.append('ann', one)).act).toEqual(first.act)
        await reopen()
        expect((await store.acts.append('ann', one)).act).toEqual(first.act)
        expect(await store.acts.lastSeq()).toBe(2)
      })

      test('repeated while the first is on its way are written once', async () => {
        const one = draft(A, 0, labelAct())
        const answers = await Promise.all(Array.from({ length: 5 }, () => store.acts.append('ann', one)))
        expect(new Set(answers.map(({ act }) => act.seq)).size).toBe(1)
        expect(await store.acts.lastSeq()).toBe(1)
      })

      test('under an operation that was used for something else are refused', async () => {
        const one = draft(A, 0, labelAct())
        await store.acts.append('ann', one)
        for (const [who, other] of [
          ['bob', one],
          ['ann', { ...one, case: B }],
          ['ann', { ...one, act: labelAct({ GGO: 'present' }) }],
        ] as const)
          await expect(store.acts.append(who, other)).rejects.toMatchObject({ code: 'act-invalid' })
      })

      test('based on an older version are refused with what happened since', async () => {
        const { act, state } = await store.acts.append('ann', draft(A, 0, labelAct()))
        await expect(store.acts.append('bob', draft(A, 0, labelAct()))).rejects.toMatchObject({
          code: 'act-conflict',
          message: expect.stringContaining('changed meanwhile by ann'),
          details: { state, acts: [act] },
        })
        expect(await store.acts.lastSeq()).toBe(1)
      })

      test('based on a version that does not exist yet are refused', async () => {
        await expect(store.acts.append('bob', draft(A, 1, labelAct()))).rejects.toMatchObject({
          code: 'act-conflict',
          details: { acts: [] },
        })
      })

      test('of two who act on the same version at the same moment, one is refused and told of the other', async () => {
        const asked = await Promise.allSettled(
          ['ann', 'bob'].map(who => store.acts.append(who, draft(A, 0, labelAct()))),
        )
        expect(asked.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
        const refused = asked.find(one => one.status === 'rejected') as PromiseRejectedResult
        expect(refused.reason).toMatchObject({ code: 'act-conflict', details: { state: { version: 1 } } })
        expect(refused.reason.details.acts).toHaveLength(1)
      })

      test('may follow each other without waiting, each on the version the one before will make', async () => {
        const answers = await Promise.all(
          Array.from({ length: 30 }, (_, i) =>
            store.acts.append('ann', draft(A, i, { kind: 'note', text: `${i}` })),
          ),
        )
        expect(answers.map(({ act }) => act.seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
        expect((await store.cases.get(A))!.notes.map(note => note.text)).toEqual(
          Array.from({ length: 30 }, (_, i) => `${i}`),
        )
      })

      test('by eight people at once on many cases lose nothing and double nothing', async () => {
        const documents = Array.from({ length: 10 }, (_, d) => `doc-${d + 1}`)
        for (const document of documents) await store.cases.put(document, samplePanels('AB', { document }))
        const people = Array.from({ length: 8 }, (_, p) => `person-${p}`)
        let refused = 0
        await Promise.all(
          people.map(async (who, p) => {
            for (let i = 0; i < 20; i++) {
              const id = `${documents[(i * 3 + (p % 3)) % 10]}#Figure 1#A`
              for (;;) {
                const { version } = (await store.cases.get(id))!
                try {
                  await store.acts.append(who, draft(id, version, { kind: 'note', text: `${who} ${i}` }))
                  break
                } catch (error) {
                  expect(error).toMatchObject({ code: 'act-conflict' })
                  refused++
                }
              }
            }
          }),
        )
        expect(refused).toBeGreaterThan(0)
        await reopen()
        const said = (await collect(store.acts.read())).map(({ act }) =>
          act.kind === 'note' ? act.text : '',
        )
        expect(said.length).toBe(160)
        expect(new Set(said).size).toBe(160)
      })

      test('on a case nobody knows are refused', async () => {
        await expect(store.acts.append('ann', draft('nothing', 0, labelAct()))).rejects.toMatchObject({
          code: 'case-unknown',
        })
      })

      test.each([
        ['of a kind nobody knows', { kind: 'shout' }],
        ['with a field nobody knows', { kind: 'note', text: 'x', loud: true }],
        ['without a lesion', { kind: 'label', flag: 'positive', lesions: { GGO: 'present' } }],
        [
          'with words outside the caption',
          { kind: 're-pair', start: 0, end: CAPTION.length + 1, panels: [] },
        ],
        ['with no words', { kind: 're-pair', start: 5, end: 5, panels: [] }],
        ['with an undo of nothing', { kind: 'undo', seq: 99 }],
      ])('%s are refused and nothing is written', async (_what, act) => {
        await expect(store.acts.append('ann', draft(A, 0, act as never))).rejects.toMatchObject({
          code: 'act-invalid',
        })
        expect(await store.acts.lastSeq()).toBe(0)
      })

      test('by nobody are refused', async () => {
        await expect(store.acts.append('', draft(A, 0, labelAct()))).rejects.toMatchObject({
          code: 'act-invalid',
        })
      })

      test('are read in order from any number on', async () => {
        for (let i = 0; i < 4; i++)
          await store.acts.append('ann', draft(A, i, { kind: 'note', text: `${i}` }))
        expect((await collect(store.acts.read())).map(act => act.seq)).toEqual([1, 2, 3, 4])
        expect((await collect(store.acts.read(3))).map(act => act.seq)).toEqual([3, 4])
        expect(await collect(store.acts.read(5))).toEqual([])
      })
    })

    describe('acts on a shared caption', () => {
      beforeEach(() => store.cases.put('doc-1', samplePanels('AB')))
      const rePair = { kind: 're-pair' as const, ...where('Consolidation'), panels: ['A'] }

      test('reach all cases of the figure, and count for the version of each', async () => {
        const { act } = await store.acts.append('ann', draft(A, 0, rePair))
        const [a, b] = await store.cases.siblings(A)
        expect([a!.version, b!.version]).toEqual([1, 1])
        expect([a!.mined.findings.Csld, b!.mined.findings.Csld]).toEqual(['present', 'none'])
        expect(await store.acts.ofCase(B)).toEqual([act])
        await expect(store.acts.append('bob', draft(B, 0, labelAct()))).rejects.toMatchObject({
          code: 'act-conflict',
          details: { acts: [act] },
        })
      })

      test('can be undone at any of them', async () => {
        const before = await store.cases.siblings(A)
        await store.acts.append('ann', draft(A, 0, rePair))
        await store.acts.append('bob', draft(B, 1, { kind: 'undo', seq: 1 }))
        const after = await store.cases.siblings(A)
        expect(after.map(state => ({ ...state, version: 0 }))).toEqual(before)
        expect(after.map(state => state.version)).toEqual([2, 2])
      })

      test('change what filters find', async () => {
        expect(await ids({ lesion: 'Csld', finding: 'present' })).toEqual([B])
        await store.acts.append('ann', draft(A, 0, rePair))
        expect(await ids({ lesion: 'Csld', finding: 'present' })).toEqual([A])
      })

      test('still reach the figure when the case they were made at is gone, and one that is new', async () => {
        await store.acts.append('ann', draft(A, 0, { ...rePair, panels: ['C'] }))
        await store.cases.put('doc-1', samplePanels('BC'))
        expect((await store.cases.get('doc-1#Figure 1#C'))!.mined.findings.Csld).toBe('present')
        await reopen()
        expect((await store.cases.get('doc-1#Figure 1#C'))!.mined.findings.Csld).toBe('present')
        expect((await store.cases.get(B))!).toMatchObject({
          version: 1,
          mined: { findings: { Csld: 'none' } },
        })
      })
    })

    describe('undo', () => {
      beforeEach(() => store.cases.put('doc-1', samplePanels('AB')))

      test('and redo go back and forth', async () => {
        await store.acts.append('ann', draft(A, 0, labelAct()))
        expect((await store.acts.append('ann', draft(A, 1, { kind: 'undo', seq: 1 }))).state.labels).toEqual(
          [],
        )
        expect(
          (await store.acts.append('ann', draft(A, 2, { kind: 'undo', seq: 2 }))).state.labels,
        ).toHaveLength(1)
      })

      test('of what is taken back already is refused', async () => {
        await store.acts.append('ann', draft(A, 0, labelAct()))
        await store.acts.append('ann', draft(A, 1, { kind: 'undo', seq: 1 }))
        await expect(store.acts.append('bob', draft(A, 2, { kind: 'undo', seq: 1 }))).rejects.toMatchObject({
          code: 'act-invalid',
        })
      })

      test('of another case’s label is refused', async () => {
        await store.acts.append('ann', draft(A, 0, labelAct()))
        await expect(store.acts.append('ann', draft(B, 0, { kind: 'undo', seq: 1 }))).rejects.toMatchObject({
          code: 'act-invalid',
        })
      })
    })

    describe('cases', () => {
      test('come back as they were put, with nothing laid over them', async () => {
        const [mined] = samplePanels('A')
        await store.cases.put('doc-1', [mined!])
        expect(await store.cases.get(A)).toEqual(foldCase(mined!, []))
        await reopen()
        expect(await store.cases.get(A)).toEqual(foldCase(mined!, []))
      })

      test('nobody put are undefined', async () => {
        expect(await store.cases.get('nothing')).toBeUndefined()
        expect(await store.cases.siblings('nothing')).toEqual([])
        expect(await store.cases.list()).toEqual({ rows: [], total: 0 })
        expect(await collect(store.cases.all())).toEqual([])
      })

      test('put again take the place of the document’s earlier ones, and labels stay', async () => {
        await store.cases.put('doc-1', samplePanels('AB'))
        await store.acts.append('ann', draft(A, 0, labelAct()))
        await store.acts.append('ann', draft(B, 0, labelAct()))
        await store.cases.put('doc-1', samplePanels('AC', { caption: 'Another caption.', mentions: [] }))
        expect(await ids()).toEqual([A, 'doc-1#Figure 1#C'])
        expect(await store.cases.get(A)).toMatchObject({
          caption: 'Another caption.',
          labels: [{ who: 'ann' }],
        })
        await store.cases.put('doc-1', samplePanels('AB'))
        expect((await store.cases.get(B))!.labels).toHaveLength(1)
        await reopen()
        expect((await store.cases.get(B))!.labels).toHaveLength(1)
      })

      test('put as none take the document’s cases away', async () => {
        await store.cases.put('doc-1', samplePanels('AB'))
        await store.cases.put('doc-1', [])
        expect(await ids()).toEqual([])
        await reopen()
        expect(await ids()).toEqual([])
      })

      test('of one document leave those of another', async () => {
        await store.cases.put('doc-1', samplePanels('A'))
        await store.cases.put('doc-2', samplePanels('A', { document: 'doc-2' }))
        await store.cases.put('doc-1', [])
        expect(await ids()).toEqual(['doc-2#Figure 1#A'])
      })

      test('with the same id twice are refused as a whole', async () => {
        const [mined] = samplePanels('A')
        await expect(store.cases.put('doc-1', [mined!, mined!])).rejects.toMatchObject({
          code: 'case-repeated',
        })
        expect(await ids()).toEqual([])
      })

      test('put by many at once are all there', async () => {
        await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            store.cases.put(`doc-${i}`, samplePanels('AB', { document: `doc-${i}` })),
          ),
        )
        expect((await store.cases.list()).total).toBe(40)
        await reopen()
        expect((await store.cases.list()).total).toBe(40)
      })

      test('without a document stand alone', async () => {
        await store.cases.put('folder', [
          sampleCase({ document: null, figure: null, panel: null, id: 'image-1' }),
          sampleCase({ document: null, figure: null, panel: null, id: 'image-2' }),
        ])
        expect((await store.cases.siblings('image-1')).map(state => state.id)).toEqual(['image-1'])
      })

      test('are given as they were mined by document, in the order put, before any act, with what was ever cut', async () => {
        const [a, b] = samplePanels('BA')
        const drawn = sampleCase({ panel: 'C', drawn: { from: a!.image, box: [0, 0, 0.5, 1] } })
        const redrawn = {
          ...drawn,
          drawn: { from: a!.image, box: [0, 0, 0.6, 1] as [number, number, number, number] },
        }
        await store.cases.put('doc-1', [a!, b!, drawn])
        await store.cases.put('doc-2', samplePanels('A', { document: 'doc-2' }))
        await store.acts.append('ann', draft(A, 0, { kind: 'caption', text: 'Other.' }))
        await store.cases.put('doc-1', [a!, b!, redrawn])
        const wanted = (document: string) => document === 'doc-1'
        expect([...(await store.cases.mined(wanted))]).toEqual([
          ['doc-1', { cases: [a, b, redrawn], cut: [redrawn, drawn] }],
        ])
        await store.cases.put('doc-1', [a!])
        expect((await store.cases.mined(wanted)).get('doc-1')).toEqual({ cases: [a], cut: [redrawn, drawn] })
      })

      test('of a figure are siblings in reading order', async () => {
        await store.cases.put('doc-1', samplePanels('CAB'))
        expect((await store.cases.siblings(B)).map(state => state.panel)).toEqual(['A', 'B', 'C'])
      })

      test('with any words in caption and names come back exactly', async () => {
        const odd = sampleCase({
          caption: 'a\u2028b\n"\\ 😀 \ud800 \u0000 <script>',
          mentions: [],
          source: { name: 'ü', file: '=1+1', format: 'csv' },
        })
        await store.cases.put('doc-1', [odd])
        await reopen()
        expect(await store.cases.get(odd.id)).toMatchObject({ caption: odd.caption, source: odd.source })
      })
    })

    describe('lists', () => {
      beforeEach(async () => {
        for (const [document, figure] of [
          ['doc-2', 'Figure 1'],
          ['doc-1', 'Figure 10'],
          ['doc-1', 'Figure 2'],
        ] as const) {
          const key = `${document} ${figure}`
          await store.cases.put(key, samplePanels('AB', { document, figure }))
        }
      })
      const [first, second] = ['doc-1#Figure 2#A', 'doc-1#Figure 2#B']

      test('stand by document, figure and panel, numbers as numbers', async () => {
        expect(await ids()).toEqual([
          'doc-1#Figure 2#A',
          'doc-1#Figure 2#B',
          'doc-1#Figure 10#A',
          'doc-1#Figure 10#B',
          'doc-2#Figure 1#A',
          'doc-2#Figure 1#B',
        ])
        expect((await collect(store.cases.all())).map(state => state.id)).toEqual(await ids())
      })

      test('come a page at a time with the total', async () => {
        const { rows, total } = await store.cases.list({ offset: 1, limit: 2 })
        expect([rows.map(row => row.id), total]).toEqual([['doc-1#Figure 2#B', 'doc-1#Figure 10#A'], 6])
        expect((await store.cases.list({ offset: 100 })).rows).toEqual([])
        expect((await store.cases.list({ limit: 0 })).total).toBe(6)
      })

      test('filter by document', async () => {
        expect(await ids({ document: 'doc-2' })).toEqual(['doc-2#Figure 1#A', 'doc-2#Figure 1#B'])
        expect(await store.cases.count({ document: 'doc-2' })).toBe(2)
      })

      test('filter by what is said of a lesion', async () => {
        expect(await store.cases.count({ lesion: 'GGO' })).toBe(3)
        expect(await store.cases.count({ lesion: 'CrPa', finding: 'absent' })).toBe(3)
        expect(await store.cases.count({ lesion: 'CrPa', finding: 'none' })).toBe(3)
        expect(await store.cases.count({ finding: 'absent' })).toBe(3)
        expect(await store.cases.count({ finding: 'possible' })).toBe(0)
      })

      test('filter by who has labelled', async () => {
        await store.acts.append('ann', draft(first, 0, labelAct()))
        await store.acts.append('bob', draft(second, 0, labelAct()))
        expect(await ids({ state: 'labelled' })).toEqual([first, second])
        expect(await ids({ state: 'labelled', by: 'ann' })).toEqual([first])
        expect(await ids({ by: 'bob' })).toEqual([second])
        expect(await store.cases.count({ state: 'open' })).toBe(4)
        expect(await store.cases.count({ state: 'open', by: 'ann' })).toBe(5)
      })

      test('follow every act', async () => {
        expect(await store.cases.count({ state: 'open' })).toBe(6)
        await store.acts.append('ann', draft(first, 0, labelAct()))
        expect(await store.cases.count({ state: 'open' })).toBe(5)
        expect(await ids({ state: 'open', limit: 1 })).toEqual([second])
        await store.acts.append('ann', draft(first, 1, { kind: 'undo', seq: 1 }))
        expect(await ids({ state: 'open', limit: 1 })).toEqual([first])
        expect(await store.cases.count({ state: 'open' })).toBe(6)
      })

      test('find what experts do not agree on until it is adjudicated', async () => {
        // The text says consolidation of B only; both readers see GGO and nothing else in A.
        const asText = labelAct({ GGO: 'present' })
        await store.acts.append('ann', draft(first, 0, asText))
        expect(await ids({ disagreement: true })).toEqual([])
        await store.acts.append('bob', draft(first, 1, labelAct({ GGO: 'present', InSepThi: 'present' })))
        expect(await ids({ disagreement: true })).toEqual([first])
        await store.acts.append('cyd', draft(first, 2, { ...asText, kind: 'adjudicate' }))
        expect(await ids({ disagreement: true })).toEqual([])
      })

      test('find a label that contradicts the text', async () => {
        await store.acts.append('ann', draft(first, 0, labelAct({ GGO: 'absent' })))
        await store.acts.append('ann', draft(second, 0, labelAct({ Csld: 'present', CrPa: 'absent' })))
        expect(await ids({ disagreement: true })).toEqual([first])
      })

      test('find what is to be discussed, what is uncertain, what is assigned', async () => {
        await store.acts.append('ann', draft(first, 0, { kind: 'discuss', text: '?' }))
        await store.acts.append('ann', draft(second, 0, labelAct({ AirBr: 'uncertain' })))
        await store.acts.append('ann', draft(second, 1, { kind: 'assign', to: ['bob'] }))
        expect(await ids({ discuss: true })).toEqual([first])
        expect(await ids({ uncertain: true })).toEqual([second])
        expect(await ids({ assignedTo: 'bob' })).toEqual([second])
        expect(await store.cases.count({ discuss: false })).toBe(5)
      })

      test('are the same for whoever asks, where no filter asks what others said', async () => {
        await store.acts.append('ann', draft(second, 0, labelAct({ AirBr: 'uncertain' })))
        expect(await ids({ reader: 'bob' })).toEqual(await ids({}))
        expect(await store.cases.count({ reader: 'bob', search: 'crazy' })).toBe(6)
        expect(await ids({ reader: 'bob', uncertain: true })).toEqual([])
        expect(await ids({ reader: 'ann', uncertain: true })).toEqual([second])
      })

      test('leave out what a person marked as no CT, unless asked', async () => {
        await store.acts.append('ann', draft(first, 0, { kind: 'kind', image: 'xray' }))
        expect(await ids({ document: 'doc-1', limit: 1 })).toEqual([second])
        expect(await ids({ document: 'doc-1', limit: 1, kind: 'all' })).toEqual([first])
      })

      test('search all words in caption, id and file name, without case', async () => {
        expect(await store.cases.count({ search: 'CRAZY chest' })).toBe(6)
        expect(await store.cases.count({ search: 'doc-2 paving' })).toBe(2)
        expect(await store.cases.count({ search: 'sample.pdf' })).toBe(6)
        expect(await store.cases.count({ search: 'crazy nothing' })).toBe(0)
        expect(await store.cases.count({ search: '  ' })).toBe(6)
      })

      test('search the caption as it stands', async () => {
        await store.acts.append('ann', draft(first, 0, { kind: 'caption', text: 'Halo sign.' }))
        expect(await ids({ search: 'halo' })).toEqual([first, second])
        expect(await store.cases.count({ search: 'crazy' })).toBe(4)
        await reopen()
        expect(await ids({ search: 'halo' })).toEqual([first, second])
      })

      test('combine filters', async () => {
        await store.acts.append('ann', draft(first, 0, labelAct()))
        expect(await ids({ lesion: 'GGO', finding: 'present', state: 'open', document: 'doc-1' })).toEqual([
          'doc-1#Figure 10#A',
        ])
      })
    })

    describe('the queue', () => {
      beforeEach(() => store.cases.put('doc-1', samplePanels('ABC')))
      const C = 'doc-1#Figure 1#C'

      test('is empty without a cycle', async () => {
        expect(await store.queue.read()).toEqual({ cycle: null, entries: [] })
        expect(await ids({ sort: 'queue' })).toEqual([A, B, C])
      })

      test('is that of the newest sealed cycle, by rank', async () => {
        await place.sealCycle('0001', [queued(A, 1)])
        await place.sealCycle('0002', [queued(B, 2), queued(C, 1)])
        await store.refresh()
        const { cycle, entries } = await store.queue.read()
        expect([cycle, entries.map(entry => entry.case)]).toEqual(['0002', [C, B]])
        expect(entries[0]!.why).toBe('the model is unsure of GGO (1)')
      })

      test('leaves out what was decided since, or is no case any more, unless asked', async () => {
        await place.sealCycle('0001', [queued(A, 1), queued('gone', 2), queued(B, 3), queued(C, 4)])
        await store.refresh()
        await store.acts.append('ann', draft(A, 0, labelAct()))
        await store.acts.append('ann', draft(B, 0, { kind: 'kind', image: 'chart' }))
        expect((await store.queue.read()).entries.map(entry => entry.case)).toEqual([C])
        expect((await store.queue.read({ all: true })).entries).toHaveLength(4)
        await store.acts.append('ann', draft(A, 1, { kind: 'undo', seq: 1 }))
        expect((await store.queue.read()).entries.map(entry => entry.case)).toEqual([A, C])
      })

      test('tells its order without its entries, the same one until there is another, and each entry by its place', async () => {
        expect(await store.queue.order()).toMatchObject({ cycle: null, cases: [] })
        await place.sealCycle('0001', [queued(B, 2), queued('gone', 3), queued(C, 1)])
        const order = await store.queue.order()
        expect([order.cycle, order.cases]).toEqual(['0001', [C, B, 'gone']])
        expect((await store.queue.order()).cases).toBe(order.cases)
        expect([2, 0, 1].map(at => order.entry(at).case)).toEqual(['gone', C, B])
        expect(order.entry(1)).toEqual(queued(B, 2))
        expect(await store.queue.areOpen(order.cases)).toEqual([true, true, false])
        await store.acts.append('ann', draft(B, 0, labelAct()))
        expect(await store.queue.areOpen([B])).toEqual([false])
      })

      test('orders a list, the rest following by document', async () => {
        await place.sealCycle('0001', [queued(C, 1), queued(A, 2)])
        await store.refresh()
        expect(await ids({ sort: 'queue' })).toEqual([C, A, B])
        expect(await ids({ sort: 'queue', lesion: 'Csld' })).toEqual([B])
      })
    })

    describe('a lease', () => {
      beforeEach(async () => {
        await store.cases.put('doc-1', samplePanels('ABC'))
        await place.sealCycle('0001', [
          queued(A, 1),
          queued('gone', 2),
          { ...queued(B, 3), queue: 'audit' },
          { ...queued(A, 4), queue: 'disagreement' },
          queued(C, 5),
        ])
        await store.refresh()
      })
      const C = 'doc-1#Figure 1#C'
      const lease = async (who: string, after?: string, seconds = 60) =>
        (await store.queue.lease(who, { seconds, ...(after === undefined ? {} : { after }) }))?.case

      test('is of the next open case, the audit first, and nobody else is given it', async () => {
        expect(await lease('ann')).toBe(B)
        expect(await lease('bob')).toBe(A)
        expect(await lease('ann')).toBe(B)
        expect(await lease('cyd')).toBe(C)
        expect(await lease('dan')).toBeUndefined()
      })

      test('goes on after a case, around at the end, and never gives that case itself', async () => {
        expect(await lease('ann', B)).toBe(A)
        expect(await lease('ann', A)).toBe(C)
        expect(await lease('ann', C)).toBe(B)
        expect(await lease('bob', C)).toBeUndefined()
      })

      test('ends when the case is decided, given back, or its time is over', async () => {
        expect([await lease('ann'), await lease('ann', B)]).toEqual([B, A])
        await store.acts.append('ann', draft(B, 0, labelAct()))
        expect(await lease('bob')).toBe(C)
        await store.acts.append('ann', draft(B, 1, { kind: 'undo', seq: 1 }))
        expect(await lease('bob')).toBe(B)
        await store.queue.release('ann', A)
        expect(await lease('bob', B)).toBe(A)
        await store.queue.release('bob')
        expect(await lease('cyd', undefined, 0.05)).toBe(B)
        await new Promise(resolve => setTimeout(resolve, 100))
        expect(await lease('eve')).toBe(B)
      })

      test('asked for by many at once is of a case each', async () => {
        const panels = 'ABCDEFGHIJKL'
        await store.cases.put('doc-2', samplePanels(panels, { document: 'doc-2' }))
        await place.sealCycle(
          '0002',
          [...panels].map((panel, i) => queued(`doc-2#Figure 1#${panel}`, i + 1)),
        )
        await store.refresh()
        const given = await Promise.all([...panels].map(who => lease(who)))
        // One that another is just looking at may be passed over, and is there when it is asked for again.
        for (const [i, who] of [...panels].entries()) given[i] ??= await lease(who)
        expect(new Set(given).size).toBe(12)
        expect(given).not.toContain(undefined)
      })

      test('is of nothing without a queue', async () => {
        await place.sealCycle('0003', [])
        await store.refresh()
        expect(await lease('ann')).toBeUndefined()
      })
    })

    describe('another process', () => {
      test('is told what was written meanwhile, each act once and in order, and nothing of its own', async () => {
        await store.cases.put('doc-1', samplePanels('AB'))
        const other = await reader()
        await other.refresh()
        const told: string[] = []
        const said = (change: StoreChange) => (change.type === 'act' ? `act ${change.act.seq}` : change.type)
        const stop = other.listen(change => told.push(said(change)))
        const own: string[] = []
        store.listen(change => own.push(said(change)))
        await Promise.all([store.refresh(), other.refresh()])
        await store.acts.append('ann', draft(A, 0, labelAct()))
        await store.acts.append('ann', draft(A, 1, { kind: 'note', text: 'x' }))
        await store.cases.put('doc-2', samplePanels('A', { document: 'doc-2' }))
        await expect
          .poll(async () => {
            await other.refresh()
            return told
          })
          .toEqual(['act 1', 'act 2', 'cases'])
        stop()
        await store.acts.append('ann', draft(A, 2, { kind: 'note', text: 'y' }))
        await Promise.all([store.refresh(), other.refresh()])
        expect(told).toHaveLength(3)
        expect(own).toEqual([])
      })

      test('is told of acts since one it knows', async () => {
        await store.cases.put('doc-1', samplePanels('AB'))
        const other = await reader()
        const told: number[] = []
        const before = await other.acts.lastSeq()
        await store.acts.append('ann', draft(A, 0, labelAct()))
        other.listen(change => {
          if (change.type === 'act') told.push(change.act.seq)
        }, before)
        await store.acts.append('ann', draft(A, 1, { kind: 'note', text: 'x' }))
        await expect
          .poll(async () => {
            await other.refresh()
            return told
          })
          .toEqual([1, 2])
      })

      test('sees by the stamp that cases were put, and only then', async () => {
        const other = await reader()
        const before = await other.cases.stamp()
        await store.cases.put('doc-1', samplePanels('AB'))
        const after = await other.cases.stamp()
        expect(after).not.toBe(before)
        await store.acts.append('ann', draft(A, 0, labelAct()))
        expect(await other.cases.stamp()).toBe(after)
      })

      test('sees new cases and acts after a refresh', async () => {
        const other = await reader()
        expect(await other.cases.count()).toBe(0)
        await store.cases.put('doc-1', samplePanels('AB'))
        await store.acts.append('ann', draft(A, 0, labelAct()))
        await other.refresh()
        expect(await other.cases.get(A)).toEqual(await store.cases.get(A))
        await store.acts.append('ann', draft(B, 0, labelAct()))
        await store.cases.put('doc-1', samplePanels('BC'))
        await other.refresh()
        expect(await collect(other.cases.all())).toEqual(await collect(store.cases.all()))
        expect(await other.cases.count({ state: 'labelled' })).toBe(1)
      })

      test('that only reads can not write', async () => {
        const other = await reader()
        await expect(other.cases.put('doc-1', samplePanels('A'))).rejects.toMatchObject({
          code: 'store-read-only',
        })
        await expect(other.acts.append('ann', draft(A, 0, labelAct()))).rejects.toMatchObject({
          code: 'store-read-only',
        })
      })
    })

    describe('accounts', () => {
      test('are added, found, changed and there after a restart', async () => {
        const ann = await store.accounts.add('Ann Reader', 'annotator')
        expect(ann).toMatchObject({ name: 'Ann Reader', role: 'annotator' })
        expect(await store.accounts.get(ann.id)).toEqual(ann)
        const changed = await store.accounts.update(ann.id, {
          role: 'curator',
          disabledAt: '2020-05-11T00:00:00.000Z',
        })
        expect(changed).toEqual({ ...ann, role: 'curator', disabledAt: '2020-05-11T00:00:00.000Z' })
        await reopen()
        expect(await store.accounts.list()).toEqual([changed])
      })

      test('have names that differ by more than case', async () => {
        await store.accounts.add('Ann', 'annotator')
        await expect(store.accounts.add(' ANN ', 'trainer')).rejects.toMatchObject({ code: 'account-exists' })
        const bob = await store.accounts.add('Bob', 'trainer')
        await expect(store.accounts.update(bob.id, { name: 'ann' })).rejects.toMatchObject({
          code: 'account-exists',
        })
        expect((await store.accounts.update(bob.id, { name: 'BOB' })).name).toBe('BOB')
      })

      test('have ids of their own, whatever the script of the name', async () => {
        const made = []
        for (const name of ['李明', '张伟', 'Ann B', 'Ann-B'])
          made.push((await store.accounts.add(name, 'annotator')).id)
        expect(new Set(made).size).toBe(4)
      })

      test('added at the same moment are all there', async () => {
        await Promise.all(
          Array.from({ length: 10 }, (_, i) => store.accounts.add(`Person ${i}`, 'annotator')),
        )
        expect(await store.accounts.list()).toHaveLength(10)
      })

      test.each(['', '   ', 'x'.repeat(101)])('with the name %j are refused', async name => {
        await expect(store.accounts.add(name, 'annotator')).rejects.toMatchObject({ code: 'account-invalid' })
      })

      test('with a role nobody knows are refused', async () => {
        await expect(store.accounts.add('Ann', 'owner' as never)).rejects.toMatchObject({
          code: 'account-invalid',
        })
      })

      test('nobody has can not be changed', async () => {
        await expect(store.accounts.update('nobody', { name: 'X' })).rejects.toMatchObject({
          code: 'account-unknown',
        })
        expect(await store.accounts.get('nobody')).toBeUndefined()
      })
    })

    describe('ways in', () => {
      const later = '2999-01-01T00:00:00.000Z'
      const over = '2020-01-01T00:00:00.000Z'
      const session = (account: string, more = {}) => ({
        account,
        owner: false,
        createdAt: over,
        expiresAt: later,
        ...more,
      })

      test('are known after a restart, and gone when they are ended', async () => {
        await store.sessions.begin('one', session('ann'))
        await reopen()
        expect(await store.sessions.session('one')).toEqual(session('ann'))
        expect(await store.sessions.end('one')).toBe(true)
        expect(await store.sessions.session('one')).toBeUndefined()
        expect(await store.sessions.end('one')).toBe(false)
      })

      test('by a link are one, of however many ask at once', async () => {
        await store.sessions.makeLink('link', { account: 'ann', expiresAt: later })
        expect(await store.sessions.link('link')).toEqual({ account: 'ann', expiresAt: later })
        const taken = await Promise.all(Array.from({ length: 5 }, () => store.sessions.takeLink('link')))
        expect(taken.filter(Boolean)).toEqual([{ account: 'ann', expiresAt: later }])
        expect(await store.sessions.link('link')).toBeUndefined()
      })

      test('whose time is over are as good as gone', async () => {
        await store.sessions.begin('one', session('ann', { expiresAt: over }))
        await store.sessions.makeLink('link', { account: null, expiresAt: over })
        expect(await store.sessions.session('one')).toBeUndefined()
        expect(await store.sessions.link('link')).toBeUndefined()
        expect(await store.sessions.takeLink('link')).toBeUndefined()
      })

      test('of one person end together; those an owner opened and other people’s stay', async () => {
        await store.sessions.begin('ann', session('ann'))
        await store.sessions.begin('owner', session('ann', { owner: true }))
        await store.sessions.begin('bob', session('bob'))
        await store.sessions.makeLink('link', { account: 'ann', expiresAt: later })
        await store.sessions.endAllOf('ann')
        const left = await Promise.all(['ann', 'owner', 'bob'].map(hash => store.sessions.session(hash)))
        expect(left.map(one => one?.account)).toEqual([undefined, 'ann', 'bob'])
        expect(await store.sessions.link('link')).toBeUndefined()
      })
    })

    describe('passwords', () => {
      test('are kept as their hashes, the last one of each', async () => {
        const kept = (hash: string) => ({ hash, changedAt: '2020-01-01T00:00:00.000Z' })
        expect(await store.passwords.all()).toEqual({})
        // Over files the lock of the accounts is taken for a moment, which this store holds.
        const other = await reader()
        await store.close()
        await other.passwords.put('ann', kept('one'))
        await other.passwords.put('bob', kept('two'))
        await other.passwords.put('ann', kept('three'))
        await reopen()
        expect(await store.passwords.all()).toEqual({ ann: kept('three'), bob: kept('two') })
      })
    })

    describe('jobs', () => {
      const job = (id: string, startedAt: string): Job => ({
        id,
        kind: 'mine',
        args: ['mine', 'a.pdf'],
        by: 'ann',
        state: 'running',
        startedAt,
        problems: [],
        points: [],
      })

      test('are put, found and listed, the newest first', async () => {
        await store.jobs.put(job('one', '2020-01-01'))
        await store.jobs.put(job('two', '2020-01-02'))
        await store.jobs.put({ ...job('one', '2020-01-01'), state: 'done' })
        expect((await store.jobs.list()).map(one => [one.id, one.state])).toEqual([
          ['two', 'running'],
          ['one', 'done'],
        ])
        await reopen()
        expect((await store.jobs.get('one'))!.state).toBe('done')
        expect(await store.jobs.get('three')).toBeUndefined()
      })
    })

    test('stands, after any sequence of acts, as the fold of its acts says', async () => {
      await store.cases.put('doc-1', samplePanels('ABC'))
      const panels = samplePanels('ABC')
      const random = (n: number, i: number) => (i * 7919 + 31) % n
      for (let i = 0; i < 60; i++) {
        const { id } = panels[random(3, i)]!
        const { version } = (await store.cases.get(id))!
        const act = [
          labelAct({ GGO: i % 2 ? 'present' : 'absent' }),
          { kind: 'note' as const, text: `${i}` },
          {
            kind: 're-pair' as const,
            ...where('Consolidation'),
            panels: [['A'], ['B'], []][random(3, i + 1)]!,
          },
          { kind: 'undo' as const, seq: Math.max(1, i - random(5, i)) },
          {
            kind: 'mention' as const,
            ...where('right lung'),
            lesion: 'AirBr' as const,
            assertion: 'present' as const,
            panels: [],
            denied: i % 3 === 0,
          },
        ][random(5, i + 2)]!
        await store.acts
          .append('ann', draft(id, version, act))
          .catch(error => expect(error).toMatchObject({ code: 'act-invalid' }))
      }
      const acts: Act[] = await collect(store.acts.read())
      expect(acts.length).toBeGreaterThan(30)
      const check = async () => {
        const states: CaseState[] = await collect(store.cases.all())
        expect(states).toEqual(panels.map(mined => foldCase(mined, acts)))
      }
      await check()
      await reopen()
      await check()
    })
  })
}
