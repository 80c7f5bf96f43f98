import sharp from 'sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import type { DocumentRecord } from '../../../data/records/document.ts'
import { renewSplit } from '../../../data/splits/keep.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Store } from '../../../data/stores/store.ts'
import { readDocument, writeDocument } from '../../../data/workspace/documents.ts'
import { writeJson } from '../../../data/workspace/files.ts'
import { encodePng, type Pixels, storeImage } from '../../../data/workspace/images.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { settleVersions } from '../../../extractor/mine/settle-versions.ts'
import { draft, labelAct, newWorkspace, sampleCase } from '../../data/stores/sample.ts'

const DOI = '10.1101/2020.05.11.20097907'
const idOf = (version: number) => `${DOI}v${version}`
let workspace: Workspace
beforeEach(async () => {
  workspace = await newWorkspace()
})

/** A slice of a phantom; neighbours in a scan have levels near each other. */
function slice(patient: string, level: number): Pixels {
  const { width, height, pixels } = phantomSlice(`${patient}/${level}`, {
    patient,
    level,
    lesions: ['GGO'],
    covid: true,
  })
  const data = new Uint8Array(width * height * 3)
  for (const [i, grey] of pixels.entries()) data.fill(grey, i * 3, i * 3 + 3)
  return { data, width, height }
}

async function rescaled(pixels: Pixels): Promise<Uint8Array> {
  const png = await encodePng(pixels)
  return await sharp(png)
    .resize(Math.round(pixels.width * 0.8))
    .jpeg({ quality: 85 })
    .toBuffer()
}

type Shown = { panel: string; bytes: Uint8Array; caption?: string; figure?: string }

async function put(store: Store, version: number, shown: Shown[], more: Partial<DocumentRecord> = {}) {
  const document = idOf(version)
  const cases: MinedCase[] = []
  for (const { panel, bytes, caption, figure = 'Figure 1' } of shown) {
    const image = await storeImage(workspace, bytes)
    const { id, file, width, height } = image
    cases.push(
      sampleCase({
        id: `${document}#${figure}#${panel}`,
        document,
        figure,
        panel,
        image: id,
        imageFile: file,
        width,
        height,
        ...(caption ? { caption } : {}),
      }),
    )
  }
  await store.cases.put(document, cases)
  await writeDocument(workspace, {
    id: document,
    format: 'pdf',
    file: { name: `v${version}.pdf`, sha256: String(version).repeat(64), bytes: 1 },
    doi: DOI,
    version,
    pages: 1,
    figures: [],
    skipped: [],
    miner: { version: 'test' },
    minedAt: '2020-05-18T00:00:00Z',
    ...more,
  })
}

async function inStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(workspace, { write: ['labels', 'documents', 'cases'] })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
const settle = (store: Store) => settleVersions(workspace, { cases: store.cases, acts: store.acts })
const ids = async (store: Store) => {
  const found: string[] = []
  for await (const state of store.cases.all()) found.push(state.id)
  return found
}

describe('a new version of a preprint', () => {
  const [a, b, c] = [slice('one', 0.4), slice('two', 0.5), slice('three', 0.6)]

  it('takes over the labels of the same pixels, and the earlier cases are in no list but stay readable', async () => {
    await inStore(async store => {
      await put(store, 1, [{ panel: 'A', bytes: await encodePng(a) }])
      await store.acts.append('ada', draft(`${idOf(1)}#Figure 1#A`, 0, labelAct({ GGO: 'present' })))
      await put(store, 2, [{ panel: 'B', bytes: await encodePng(a) }])
      const { versions } = await settle(store)
      expect(versions).toMatchObject([
        { document: idOf(2), replaces: [idOf(1)], added: [], gone: [], notCarried: [] },
      ])
      expect(versions[0]!.carried).toMatchObject([
        { from: `${idOf(1)}#Figure 1#A`, to: `${idOf(2)}#Figure 1#B`, labels: 1 },
      ])
      expect(await ids(store)).toEqual([`${idOf(2)}#Figure 1#B`])
      const now = await store.cases.get(`${idOf(2)}#Figure 1#B`)
      expect(now?.labels).toMatchObject([{ who: 'ada', lesions: { GGO: 'present' } }])
      expect(now?.truth.lesions.GGO).toEqual({ value: 'present', source: 'expert' })
      expect(await store.cases.get(`${idOf(1)}#Figure 1#A`)).toMatchObject({
        retired: true,
        labels: [{ who: 'ada' }],
      })
      expect((await readDocument(workspace, idOf(1)))?.supersededBy).toBe(idOf(2))
    })
  })

  it('keeps what was taken over when the store is opened again, by its snapshot and without', async () => {
    await inStore(async store => {
      await put(store, 1, [{ panel: 'A', bytes: await encodePng(a) }])
      await put(store, 2, [{ panel: 'A', bytes: await encodePng(a) }])
      await settle(store)
      await store.acts.append('ada', draft(`${idOf(1)}#Figure 1#A`, 0, labelAct()))
    })
    const labelled = () =>
      inStore(async store =>
        (await store.cases.list({ by: 'ada', state: 'labelled' })).rows.map(each => each.id),
      )
    expect(await labelled()).toEqual([`${idOf(2)}#Figure 1#A`])
    await workspace.files.remove(workspace.paths.snapshot)
    expect(await labelled()).toEqual([`${idOf(2)}#Figure 1#A`])
  })

  it('lets a label that was carried over be undone, corrected and given anew at the new case', async () => {
    await inStore(async store => {
      await put(store, 1, [{ panel: 'A', bytes: await encodePng(a) }])
      const { act } = await store.acts.append('ada', draft(`${idOf(1)}#Figure 1#A`, 0, labelAct()))
      await put(store, 2, [{ panel: 'A', bytes: await encodePng(a) }])
      await settle(store)
      const id = `${idOf(2)}#Figure 1#A`
      await store.acts.append('ada', draft(id, 1, { kind: 'undo', seq: act.seq }))
      expect((await store.cases.get(id))?.labels).toEqual([])
      expect((await store.cases.get(`${idOf(1)}#Figure 1#A`))?.labels).toHaveLength(1)
    })
  })

  it('knows a picture that was scaled and encoded anew under nearly the same caption, and tells of the caption', async () => {
    await inStore(async store => {
      await put(store, 1, [
        { panel: 'A', bytes: await encodePng(a) },
        { panel: 'B', bytes: await encodePng(b) },
      ])
      await put(store, 2, [
        {
          panel: 'A',
          bytes: await rescaled(b),
          caption:
            'Chest CT of a patient with COVID-19. Consolidation in the right lung (A), ground-glass opacity (B).',
        },
        {
          panel: 'B',
          bytes: await rescaled(a),
          caption:
            'Chest CT of a patient with COVID-19. Consolidation in the right lung (A), ground-glass opacity (B).',
        },
      ])
      const { versions } = await settle(store)
      expect(new Map(versions[0]!.carried.map(({ from, to }) => [from.slice(-1), to.slice(-1)]))).toEqual(
        new Map([
          ['B', 'A'],
          ['A', 'B'],
        ]),
      )
      expect(versions[0]!.carried.every(({ isCaptionChanged }) => isCaptionChanged)).toBe(true)
    })
  })

  it('takes no other slice of the same patient for the same picture', async () => {
    await inStore(async store => {
      await put(store, 1, [{ panel: 'A', bytes: await encodePng(slice('one', 0.4)) }])
      await put(store, 2, [{ panel: 'A', bytes: await encodePng(slice('one', 0.48)) }])
      expect((await settle(store)).versions).toMatchObject([
        { carried: [], added: [`${idOf(2)}#Figure 1#A`], gone: [`${idOf(1)}#Figure 1#A`] },
      ])
    })
  })

  it('lists labels that have no place in it', async () => {
    await inStore(async store => {
      await put(store, 1, [{ panel: 'A', bytes: await encodePng(a) }])
      await store.acts.append('ada', draft(`${idOf(1)}#Figure 1#A`, 0, labelAct()))
      await put(store, 2, [{ panel: 'A', bytes: await encodePng(c) }])
      expect((await settle(store)).versions[0]!.notCarried).toMatchObject([
        { case: `${idOf(1)}#Figure 1#A`, labels: 1 },
      ])
    })
  })

  it('gives the same however often and in whatever order the versions come', async () => {
    await inStore(async store => {
      const shown = [{ panel: 'A', bytes: await encodePng(a) }]
      await put(store, 2, shown)
      await settle(store)
      await put(store, 1, shown)
      await put(store, 3, shown)
      await settle(store)
      expect(await ids(store)).toEqual([`${idOf(3)}#Figure 1#A`])
      expect((await store.cases.get(`${idOf(3)}#Figure 1#A`))?.supersedes).toEqual([
        `${idOf(2)}#Figure 1#A`,
        `${idOf(1)}#Figure 1#A`,
      ])
      expect(await settle(store)).toEqual({ versions: [], marked: [] })
    })
  })

  it('stays on the side of the split that its earlier version was on', async () => {
    await inStore(async store => {
      await put(store, 1, [{ panel: 'A', bytes: await encodePng(a) }])
      const split = await renewSplit(workspace, store.cases.all())
      const before = `${idOf(1)}#Figure 1#A`
      await writeJson(workspace.files, workspace.paths.splits, {
        ...split,
        cases: { [before]: { ...split.cases[before]!, side: 'test' } },
      })
      await put(store, 2, [{ panel: 'A', bytes: await encodePng(a) }])
      await settle(store)
      const after = await renewSplit(workspace, store.cases.all())
      expect(Object.entries(after.cases).map(([id, { side }]) => [id, side])).toEqual([
        [`${idOf(2)}#Figure 1#A`, 'test'],
      ])
    })
  })
})

describe('a paper that was taken back', () => {
  const withdrawn = { kind: 'withdrawn' as const, reason: 'type: WITHDRAWN' }

  it('marks the cases of all its versions, which stay where they are', async () => {
    await inStore(async store => {
      await put(store, 1, [{ panel: 'A', bytes: await encodePng(slice('one', 0.4)) }])
      await put(store, 2, [], { withdrawn })
      expect((await settle(store)).marked).toEqual([idOf(1)])
      expect(await ids(store)).toEqual([`${idOf(1)}#Figure 1#A`])
      expect((await store.cases.get(`${idOf(1)}#Figure 1#A`))?.withdrawn).toEqual(withdrawn)
      expect((await settle(store)).marked).toEqual([])
    })
  })
})
