import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { LUNG_WINDOW } from '../../../data/dicom/window.ts'
import type { Diagnosis } from '../../../data/records/live.ts'
import { nodeFiles } from '../../../data/workspace/files.ts'
import { encodePng } from '../../../data/workspace/images.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { promoteCycle } from '../../../trainer/compare/promote.ts'
import { readCycleOptions } from '../../../trainer/cycle/options.ts'
import { runCycle } from '../../../trainer/cycle/run-cycle.ts'
import { diagnose } from '../../../trainer/diagnose/diagnose.ts'
import { Answerer } from '../../../trainer/live/answer.ts'
import { writeDicom } from '../../data/dicom/write-dicom.ts'
import { fillWithPhantoms } from '../phantom-cases.ts'

let dir: string
let workspace: Workspace
let answerer: Answerer
const OPTIONS = readCycleOptions({
  backend: 'wasm',
  samples: 0,
  epochs: 10,
  penalties: [10],
  lambdas: [0.3],
})

/** A phantom as a picture and as a CT slice whose units are those greys through the lung window. */
async function phantom(): Promise<{ png: Uint8Array; dicom: Uint8Array }> {
  const { width, height, pixels } = phantomSlice('test/3', { covid: true, width: 96, height: 72 })
  const rgb = Uint8Array.from(pixels, grey => grey)
  const data = new Uint8Array(rgb.length * 3).map((_, at) => rgb[Math.floor(at / 3)]!)
  const low = LUNG_WINDOW.centre - LUNG_WINDOW.width / 2
  const samples = Array.from(rgb, grey => Math.round(low + (grey * LUNG_WINDOW.width) / 255) + 1024)
  const elements = { '0010,0010': ['PN', 'Doe^Jane'] as [string, string] }
  return {
    png: await encodePng({ data, width, height }),
    dicom: writeDicom({ width, height, samples, elements }),
  }
}

const ask = async (bytes: Uint8Array, name: string) =>
  (await answerer.answer({
    id: 1,
    verb: 'diagnose',
    picture: Buffer.from(bytes).toString('base64'),
    name,
  })) as Diagnosis

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lesionloop-answer-'))
  workspace = await openWorkspace(join(dir, 'workspace'), { create: true })
  await fillWithPhantoms(workspace, 10)
  await runCycle(workspace, OPTIONS, { by: 'Test' })
  answerer = new Answerer(workspace)
}, 120_000)
afterAll(() => nodeFiles.remove(dir))

describe('the kept process asked about a picture', () => {
  it('answers a DICOM slice as the same slice in a PNG, and says no word of its tags', async () => {
    const { png, dicom } = await phantom()
    const [one, other] = [await ask(png, 'a.png'), await ask(dicom, 'a.dcm')]
    for (const [at, { probability }] of other.heads.entries())
      expect(probability).toBeCloseTo(one.heads[at]!.probability, 3)
    expect(other.picture).toMatchObject({ width: 96, height: 72 })
    expect(JSON.stringify(other)).not.toMatch(/Doe|Jane/)
  })

  it('gives each learned head the range over its fold models, least first', async () => {
    const { heads } = await ask((await phantom()).png, 'a.png')
    const ranges = heads.flatMap(({ range, learned }) => (learned ? [range] : []))
    expect(ranges.length).toBeGreaterThan(0)
    for (const range of ranges) expect(range![0]).toBeLessThanOrEqual(range![1])
    expect(ranges.some(range => range![0] < range![1])).toBe(true)
  })

  it('answers by the newest cycle as soon as it is sealed, and by the promoted one as soon as it is promoted', async () => {
    const { png } = await phantom()
    expect((await ask(png, 'a.png')).cycle).toBe('0001')
    await runCycle(workspace, { ...OPTIONS, seed: 2 }, { by: 'Test' })
    expect((await ask(png, 'a.png')).cycle).toBe('0002')
    await promoteCycle(workspace, '1')
    expect((await ask(png, 'a.png')).cycle).toBe('0001')
  }, 60_000)

  it('refuses what is no picture, and a damaged DICOM file, and answers the next', async () => {
    const { png, dicom } = await phantom()
    await expect(ask(Buffer.from('Dear Sir'), 'letter.png')).rejects.toMatchObject({
      code: 'image-undecodable',
    })
    await expect(ask(dicom.subarray(0, dicom.length - 500), 'half.dcm')).rejects.toThrow(/half\.dcm/)
    expect((await ask(png, 'a.png')).heads).toHaveLength(6)
  })
})

describe('diagnose in a terminal', () => {
  it('says of a DICOM file what the kept process says, with the range, and why there are no heat maps', async () => {
    const { dicom } = await phantom()
    const path = join(dir, 'slice.dcm')
    await writeFile(path, dicom)
    const opinion = await diagnose(workspace, path, { backend: 'wasm', maps: join(dir, 'maps') })
    const kept = await ask(await readFile(path), 'slice.dcm')
    expect(opinion.heads.map(({ probability, range }) => [probability, range])).toEqual(
      kept.heads.map(({ probability, range }) => [probability, range]),
    )
    expect(opinion.maps).toEqual([])
    expect(opinion.mapsAbsent).toContain('efficientnet-lite0')
  })
})
