import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decide, readDuplicates, writeDuplicates } from '../../../data/duplicates/record.ts'
import { renewSides } from '../../../data/duplicates/renew-sides.ts'
import { readSignatures } from '../../../data/duplicates/signatures.ts'
import { imageOf, updateDuplicates } from '../../../data/duplicates/update.ts'
import type { Progress } from '../../../data/records/job.ts'
import { caseGroups } from '../../../data/splits/groups.ts'
import { readDoubles, readSplit } from '../../../data/splits/keep.ts'
import { encodePng, type Pixels, storeImage } from '../../../data/workspace/images.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { splitCase } from '../splits/cases.ts'
import { newWorkspace } from '../stores/sample.ts'
import { slice, VARIANTS } from './variants.ts'

async function put(workspace: Workspace, pixels: Pixels) {
  const { id, file } = await storeImage(workspace, await encodePng(pixels))
  return { id: `case-${id}`, image: id, imageFile: file }
}
const original = slice('update', 0.5)

describe('duplicates.json', () => {
  test('holds the links with their evidence, and splits read them', async () => {
    const workspace = await newWorkspace()
    const cases = [
      await put(workspace, original),
      await put(workspace, await VARIANTS['cropped, smaller, JPEG']!(original)),
      await put(workspace, slice('stranger', 0.5)),
    ]
    const record = await updateDuplicates(workspace, cases)
    expect(record.links).toHaveLength(1)
    expect(record.links[0]!.evidence.detail).toBeGreaterThan(0.94)
    expect(record.compared).toHaveLength(3)
    const rows = cases.map(row => ({ ...row, document: null, patient: row.id }))
    const groups = caseGroups(rows, await readDoubles(workspace))
    expect(groups.get(rows[0]!.id)).toBe(groups.get(rows[1]!.id))
    expect(groups.get(rows[2]!.id)).not.toBe(groups.get(rows[0]!.id))
  })
  test('grows with the cases: a new double is found, the same bytes where nothing is new', async () => {
    const workspace = await newWorkspace()
    const cases = [await put(workspace, original), await put(workspace, slice('stranger', 0.5))]
    expect((await updateDuplicates(workspace, cases)).links).toEqual([])
    cases.push(await put(workspace, await VARIANTS['with arrows']!(original)))
    const grown = await updateDuplicates(workspace, cases)
    expect(grown.links).toHaveLength(1)
    expect(await updateDuplicates(workspace, cases)).toEqual(grown)
    // The same as if all had come at once.
    const other = await newWorkspace()
    for (const pixels of [original, slice('stranger', 0.5), await VARIANTS['with arrows']!(original)])
      await put(other, pixels)
    expect((await updateDuplicates(other, cases)).links).toEqual(grown.links)
  })
  test('a pair taken apart stays apart with its reason, and can be linked again', async () => {
    const workspace = await newWorkspace()
    const cases = [
      await put(workspace, original),
      await put(workspace, await VARIANTS['half the size']!(original)),
    ]
    const record = await updateDuplicates(workspace, cases)
    const pair = {
      one: imageOf(cases[0]!.id, cases),
      other: imageOf(cases[1]!.image, cases),
      why: 'two patients',
    }
    await writeDuplicates(workspace, decide(record, { ...pair, is: 'apart' }, new Date(0)))
    const later = await updateDuplicates(workspace, [...cases, await put(workspace, slice('new', 0.5))])
    expect(later.links).toEqual([])
    expect(later.apart).toHaveLength(1)
    expect(later.decisions).toMatchObject([{ is: 'apart', why: 'two patients' }])
    const again = decide(later, { ...pair, is: 'linked' }, new Date(0))
    expect(again.links).toHaveLength(1)
    expect(() => decide(again, { ...pair, is: 'linked' }, new Date(0))).toThrow(/not taken apart/)
    expect(() => imageOf('nobody', cases)).toThrow(/no such case or picture/)
  })
  test('a picture that can’t be read is reported and passed over, and tried again later', async () => {
    const workspace = await newWorkspace()
    const cases = [
      await put(workspace, original),
      await put(workspace, await VARIANTS['half the size']!(original)),
    ]
    const bytes = await encodePng(original)
    writeFileSync(workspace.paths.image(cases[0]!.imageFile), 'no picture')
    const problems: Progress['problem'][] = []
    const record = await updateDuplicates(workspace, cases, {
      onProgress: ({ problem }) => problem && problems.push(problem),
    })
    expect(problems.map(problem => problem!.item)).toEqual([cases[0]!.image])
    expect(record.compared).toEqual([cases[1]!.image])
    writeFileSync(workspace.paths.image(cases[0]!.imageFile), bytes)
    expect((await updateDuplicates(workspace, cases)).links).toHaveLength(1)
  })
  test('a stopped search writes nothing', async () => {
    const workspace = await newWorkspace()
    const cases = [await put(workspace, original)]
    await expect(
      updateDuplicates(workspace, cases, { signal: AbortSignal.abort(new Error('stopped')) }),
    ).rejects.toThrow('stopped')
    expect((await readDuplicates(workspace)).compared).toEqual([])
  })
})

describe('when cases come in', () => {
  const sided = (row: Awaited<ReturnType<typeof put>>) => ({
    ...splitCase(row.id),
    image: row.image,
    imageFile: row.imageFile,
  })
  async function* all(rows: ReturnType<typeof sided>[]) {
    yield* rows
  }
  test('a double of a picture in test goes to test, with nobody asking', async () => {
    const workspace = await newWorkspace()
    const held = { ...sided(await put(workspace, original)), officialSide: 'test' as const }
    expect((await renewSides(workspace, () => all([held]))).linked).toBe(0)
    const again = sided(await put(workspace, await VARIANTS['half the size']!(original)))
    const stranger = sided(await put(workspace, slice('stranger', 0.5)))
    const { split, linked } = await renewSides(workspace, () => all([held, again, stranger]))
    expect(linked).toBe(1)
    expect(split.cases[again.id]?.side).toBe('test')
    expect(split.cases[stranger.id]?.side).toBe('train')
    expect(await readSplit(workspace)).toEqual(split)
  })
  test('left out on wish, pictures are compared by the next run', async () => {
    const workspace = await newWorkspace()
    const rows = [
      sided(await put(workspace, original)),
      sided(await put(workspace, await VARIANTS['half the size']!(original))),
    ]
    expect((await renewSides(workspace, () => all(rows), { duplicates: false })).linked).toBe(0)
    expect((await readDuplicates(workspace)).compared).toEqual([])
    expect((await renewSides(workspace, () => all(rows))).linked).toBe(1)
  })
  test('a run that is stopped keeps its hashes, and the next one goes on with the same result', async () => {
    const workspace = await newWorkspace()
    const rows = [
      sided(await put(workspace, original)),
      sided(await put(workspace, await VARIANTS['half the size']!(original))),
      sided(await put(workspace, slice('stranger', 0.5))),
    ]
    const stop = new AbortController()
    const read: number[] = []
    await expect(
      updateDuplicates(workspace, rows, {
        signal: stop.signal,
        onProgress: ({ step, done }) => {
          if (step === 'reading pictures' && done === 1) stop.abort()
        },
      }),
    ).rejects.toThrow()
    // As a kill in the middle of a line leaves it.
    const path = join(workspace.paths.featuresOf('perceptual-hash'), 'windows-1.jsonl')
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2)
    appendFileSync(path, '{"image":"torn')
    const record = await updateDuplicates(workspace, rows, {
      onProgress: ({ step, done }) => {
        if (step === 'reading pictures') read.push(done)
      },
    })
    expect(read).toEqual([0])
    expect(record.links).toHaveLength(1)
    expect((await readSignatures(workspace)).size).toBe(3)
  })
})
