import { describe, expect, it } from 'vitest'
import type { ActPayload } from '../../../data/records/act.ts'
import type { DrawnPanel } from '../../../data/records/case.ts'
import type { DocumentRecord, FigureImage } from '../../../data/records/document.ts'
import { perLesion } from '../../../data/records/vocabulary.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Store } from '../../../data/stores/store.ts'
import { writeDocument } from '../../../data/workspace/documents.ts'
import { encodePng, type Pixels, storeImage } from '../../../data/workspace/images.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { amendCases } from '../../../extractor/mine/amend.ts'
import { casesOf } from '../../../extractor/mine/cases-of.ts'
import { createMiner } from '../../../extractor/text/miner.ts'
import { newWorkspace } from '../../data/stores/sample.ts'

const CAPTION =
  'CT of a patient with COVID-19. (A) Ground-glass opacity. (B) Consolidation. (C) Crazy paving.'
const miner = createMiner()

/** Three grey pictures side by side on white paper, 60 × 60 each, with gutters of 10. */
function strip(): Pixels {
  const [width, height] = [200, 60]
  const data = new Uint8Array(width * height * 3).fill(255)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (x % 70 < 60)
        data.fill(
          40 + Math.floor(x / 70) * 50 + ((x * 7 + y * 3) % 20),
          (y * width + x) * 3,
          (y * width + x) * 3 + 3,
        )
  return { data, width, height }
}

const part = (whole: Pixels, x0: number, x1: number): Pixels => {
  const data = new Uint8Array((x1 - x0) * whole.height * 3)
  for (let y = 0; y < whole.height; y++)
    data.set(whole.data.subarray((y * whole.width + x0) * 3, (y * whole.width + x1) * 3), y * (x1 - x0) * 3)
  return { data, width: x1 - x0, height: whole.height }
}

/** A document whose one figure was mined as two panels: A, and B and C taken for one. */
async function minedWorkspace() {
  const workspace = await newWorkspace()
  const whole = strip()
  const image = async (pixels: Pixels, x0: number, kind: 'ct' | 'chart' = 'ct'): Promise<FigureImage> => {
    const { id, file } = await storeImage(workspace, await encodePng(pixels))
    const { width, height } = pixels
    return {
      id,
      file,
      page: 1,
      region: [100 + x0, 50, 100 + x0 + width, 110],
      width,
      height,
      kind: { kind, score: 1 },
    }
  }
  const picture = await image(whole, 0)
  const a = await image(part(whole, 0, 60), 0)
  const bc = await image(part(whole, 70, 200), 70)
  const chart = await image(part(whole, 10, 50), 0, 'chart')
  const record: DocumentRecord = {
    id: '10.1101/2020.01.02.20003004v1',
    format: 'pdf',
    file: { name: 'paper.pdf', sha256: '0'.repeat(64), bytes: 1 },
    title: 'Chest CT of COVID-19',
    pages: 2,
    skipped: [],
    miner: { version: 'test' },
    minedAt: '2026-01-01T00:00:00.000Z',
    figures: [
      {
        page: 1,
        captionPage: 1,
        label: 'Figure 1',
        caption: CAPTION,
        captionRegion: [100, 120, 300, 140],
        region: [100, 50, 300, 110],
        images: [picture],
        panels: [
          { label: 'A', page: 1, region: a.region, image: a },
          { label: 'B', page: 1, region: bc.region, image: bc },
        ],
        text: miner.mine(CAPTION, 'Chest CT of COVID-19'),
      },
      {
        page: 2,
        captionPage: 2,
        label: 'Figure 2',
        caption: 'A chart that is a CT.',
        captionRegion: [0, 0, 9, 9],
        region: [0, 0, 60, 60],
        images: [{ ...chart, page: 2 }],
        panels: [],
        text: miner.mine('A chart that is a CT.'),
      },
    ],
  }
  await writeDocument(workspace, record)
  const store = await openStore(workspace, { write: ['cases', 'labels'] })
  const mine = () =>
    store.cases.put(
      record.id,
      casesOf(record, {
        kinds: ['ct'],
        wholes: new Map([['Figure 1', { id: picture.id, file: picture.file }]]),
      }),
    )
  await mine()
  return { workspace, store, record, mine }
}

const id = (panel: string, figure = 'Figure 1') => `10.1101/2020.01.02.20003004v1#${figure}#${panel}`
const A: DrawnPanel = { label: 'A', box: [0, 0, 0.3, 1] }
const B: DrawnPanel = { label: 'B', box: [0.325, 0, 0.675, 1] }
const C: DrawnPanel = { label: 'C', box: [0.675, 0, 1, 1] }

let ops = 0
async function act(store: Store, at: string, payload: ActPayload) {
  const base = (await store.cases.get(at))!.version
  return await store.acts.append('ann', { op: `operation-${++ops}`, case: at, base, act: payload })
}

const amend = (workspace: Workspace, store: Store, figure?: string) => {
  const problems: string[] = []
  return amendCases(workspace, {
    acts: store.acts,
    cases: store.cases,
    miner,
    ...(figure ? { figure } : {}),
    onProgress: ({ problem }) => problem && problems.push(problem.code),
  }).then(result => ({ ...result, problems }))
}

const standing = async (store: Store) =>
  (await store.cases.siblings(id('A'))).filter(state => !state.retired).sort((a, b) => a.order - b.order)

const label: ActPayload = {
  kind: 'label',
  flag: 'positive',
  lesions: perLesion(lesion => (lesion === 'GGO' ? 'present' : 'absent')),
}

describe('a corrected caption', () => {
  it('has its new words mined, for each panel they speak of', async () => {
    const { workspace, store } = await minedWorkspace()
    const text = CAPTION.replace('Crazy paving', 'Air bronchogram').replace('(A) Ground', '(A) No ground')
    const { state } = await act(store, id('A'), { kind: 'caption', text })
    expect(state).toMatchObject({ caption: text, minedCaption: CAPTION, amending: true })
    expect(await amend(workspace, store)).toMatchObject({ captions: 1, problems: [] })
    const a = (await store.cases.get(id('A')))!
    expect(a.amending).toBeUndefined()
    expect(a.mentions.map(({ lesion, assertion, panels }) => [lesion, assertion, panels])).toEqual([
      ['GGO', 'absent', ['A']],
      ['Csld', 'present', ['B']],
      ['AirBr', 'present', ['C']],
    ])
    expect(a.mined.findings).toMatchObject({ GGO: 'absent', Csld: 'none', AirBr: 'none' })
    await store.close()
  })

  it('keeps the marks people made, those before and those after', async () => {
    const { workspace, store } = await minedWorkspace()
    const at = CAPTION.indexOf('Consolidation')
    await act(store, id('A'), { kind: 're-pair', start: at, end: at + 13, panels: ['A'] })
    const text = `Axial ${CAPTION.replace('Crazy paving', 'Air bronchogram')}`
    await act(store, id('A'), { kind: 'caption', text })
    await amend(workspace, store)
    const a = (await store.cases.get(id('A')))!
    expect(a.mined.findings).toMatchObject({ GGO: 'present', Csld: 'present' })
    expect(a.mentions.find(({ lesion }) => lesion === 'Csld')).toMatchObject({
      panels: ['A'],
      start: text.indexOf('Consolidation'),
    })
    expect((await store.cases.get(id('B')))!.mined.findings.Csld).toBe('none')
    await store.close()
  })

  it('is undone and done again without a job', async () => {
    const { workspace, store } = await minedWorkspace()
    const before = (await store.cases.get(id('A')))!
    const { act: written } = await act(store, id('A'), { kind: 'caption', text: 'Nothing to see.' })
    await amend(workspace, store)
    const undo = await act(store, id('A'), { kind: 'undo', seq: written.seq })
    expect({ ...undo.state, version: 0 }).toEqual(before)
    const redo = await act(store, id('A'), { kind: 'undo', seq: undo.act.seq })
    expect(redo.state).toMatchObject({ caption: 'Nothing to see.', mentions: [], edited: true })
    expect(redo.state.mined.findings.GGO).toBe('none')
    expect(redo.state.amending).toBeUndefined()
    await store.close()
  })
})

describe('panels drawn by hand', () => {
  it('become cases with their own pictures and findings; the one left as it was keeps its case and labels', async () => {
    const { workspace, store } = await minedWorkspace()
    await act(store, id('A'), label)
    await act(store, id('A'), { kind: 'split-panels', panels: [A, B, C] })
    expect((await standing(store)).map(state => state.panel)).toEqual(['A', 'B'])
    expect(await amend(workspace, store)).toMatchObject({ panels: 2, problems: [] })
    const [a, b, c, ...more] = await standing(store)
    expect(more).toEqual([])
    expect(a).toMatchObject({ id: id('A'), panel: 'A', labels: [{ who: 'ann' }] })
    expect(b).toMatchObject({
      panel: 'B',
      order: 1,
      width: 60,
      height: 60,
      mined: { findings: { Csld: 'present', CrPa: 'none' } },
    })
    expect(c).toMatchObject({
      panel: 'C',
      order: 2,
      width: 60,
      mined: { findings: { Csld: 'none', CrPa: 'present' } },
    })
    expect((await store.cases.get(id('B')))!.retired).toBe(true)
    const everywhere = []
    for await (const state of store.cases.all()) everywhere.push(state.id)
    expect(everywhere).toEqual([a!.id, b!.id, c!.id])
    expect((await store.cases.list()).total).toBe(3)
    await store.close()
  })

  it('go back with an undo and come back with a redo, labels and all, without a job', async () => {
    const { workspace, store } = await minedWorkspace()
    const drawn = await act(store, id('A'), { kind: 'split-panels', panels: [A, B, C] })
    await amend(workspace, store)
    const b = (await standing(store))[1]!
    await act(store, b.id, label)
    const undo = await act(store, id('A'), { kind: 'undo', seq: drawn.act.seq })
    expect((await standing(store)).map(state => state.id)).toEqual([id('A'), id('B')])
    await act(store, id('A'), { kind: 'undo', seq: undo.act.seq })
    expect((await standing(store))[1]).toMatchObject({ id: b.id, labels: [{ who: 'ann' }] })
    await store.close()
  })

  it('can be merged into the whole figure, and one given another letter keeps its case', async () => {
    const { workspace, store } = await minedWorkspace()
    await act(store, id('A'), { kind: 'split-panels', panels: [{ label: null, box: [0, 0, 1, 1] }] })
    await amend(workspace, store)
    expect(await standing(store)).toMatchObject([
      { panel: null, width: 200, mined: { findings: { GGO: 'present', Csld: 'present', CrPa: 'present' } } },
    ])
    await act(store, id('A'), {
      kind: 'split-panels',
      panels: [
        { ...A, label: 'C' },
        { label: 'B', box: [0.35, 0, 1, 1] },
      ],
    })
    await amend(workspace, store)
    expect(await standing(store)).toMatchObject([
      { id: id('A'), panel: 'C', mined: { findings: { GGO: 'none', CrPa: 'present' } } },
      { id: id('B'), panel: 'B' },
    ])
    await act(store, id('A'), { kind: 'split-panels', panels: [] })
    expect((await standing(store)).map(state => state.panel)).toEqual(['A', 'B'])
    await store.close()
  })

  it('and corrected captions stand again after mining again, under the same ids', async () => {
    const { workspace, store, mine } = await minedWorkspace()
    await act(store, id('A'), { kind: 'split-panels', panels: [A, B, C] })
    await act(store, id('A'), { kind: 'caption', text: CAPTION.replace('Crazy paving', 'Air bronchogram') })
    await amend(workspace, store)
    const before = await standing(store)
    expect(before[2]!.mined.findings).toMatchObject({ AirBr: 'present', CrPa: 'none' })
    await mine()
    expect((await standing(store)).map(state => state.panel)).toEqual(['A', 'B'])
    await amend(workspace, store)
    expect(await standing(store)).toEqual(before)
    await store.close()
  })

  it('amended once more change nothing', async () => {
    const { workspace, store } = await minedWorkspace()
    await act(store, id('A'), { kind: 'split-panels', panels: [A, B, C] })
    await amend(workspace, store)
    expect((await amend(workspace, store)).documents).toEqual([])
    await store.close()
  })

  it('with nothing but paper inside are told of and left out; the others are cut', async () => {
    const { workspace, store } = await minedWorkspace()
    await act(store, id('A'), { kind: 'split-panels', panels: [{ label: 'Z', box: [0.3, 0, 0.35, 1] }, C] })
    expect((await amend(workspace, store)).problems).toEqual(['panel-empty'])
    expect((await standing(store)).map(state => state.panel)).toEqual(['C'])
    await store.close()
  })
})

describe('a picture that is no CT to the miner', () => {
  it('becomes a case where a person asks, and a CT where they say so, also after mining again', async () => {
    const { workspace, store, record, mine } = await minedWorkspace()
    const chart = id('~1', 'Figure 2')
    expect(await store.cases.get(chart)).toBeUndefined()
    await amend(workspace, store, `${record.id}#Figure 2`)
    expect(await store.cases.get(chart)).toMatchObject({ kind: { kind: 'chart' } })
    expect((await store.cases.list()).total).toBe(2)
    await act(store, chart, { kind: 'kind', image: 'ct' })
    expect((await store.cases.list()).total).toBe(3)
    await mine()
    await amend(workspace, store)
    expect(await store.cases.get(chart)).toMatchObject({ kind: { kind: 'ct', score: 1 } })
    await store.close()
  })
})
