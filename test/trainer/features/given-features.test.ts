import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Progress } from '../../../data/records/job.ts'
import { loadBackbone } from '../../../trainer/backbones/load.ts'
import { chooseBackend } from '../../../trainer/backend/choose-backend.ts'
import { readCycleOptions } from '../../../trainer/cycle/options.ts'
import { runCycle } from '../../../trainer/cycle/run-cycle.ts'
import { diagnose } from '../../../trainer/diagnose/diagnose.ts'
import { cachedFeatures } from '../../../trainer/features/cached-features.ts'
import { encodeSafetensors } from '../../../trainer/weights/safetensors.ts'
import { newWorkspace } from '../../data/stores/sample.ts'
import { fillWithPhantoms } from '../phantom-cases.ts'

let folder = ''
beforeAll(async () => {
  await chooseBackend('cpu')
  folder = await mkdtemp(join(tmpdir(), 'given-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content)
  return `file:${join(folder, name)}`
}
const rowsOf = async (name: string, problems: string[] = []) => {
  const onProgress = ({ problem }: Progress) => void (problem && problems.push(problem.message))
  const { given } = await loadBackbone(name, { onProgress })
  return Object.fromEntries([...given!].map(([id, values]) => [id, [...values]]))
}
const THREE = { a: [1, 2], b: [3, 4], c: [5, 6] }

describe('features of one’s own', () => {
  it('are read from JSON lines, CSV and safetensors alike', async () => {
    const lines = Object.entries(THREE).map(([image, features]) => JSON.stringify({ image, features }))
    expect(await rowsOf(await file('a.jsonl', `\uFEFF${lines.join('\r\n')}\n\n`))).toEqual(THREE)
    expect(await rowsOf(await file('a.csv', 'image,one,two\na,1,2\n"b",3,4\nc,5,6\n'))).toEqual(THREE)
    const features = { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
    const tensors = new Map([['features', features]])
    const named = encodeSafetensors({ tensors, metadata: { images: '["a","b","c"]' } })
    expect(await rowsOf(await file('a.safetensors', named))).toEqual(THREE)
    await file('b.ids.txt', 'a\nb\nc\n')
    const bare = encodeSafetensors({ tensors: new Map([['x', features]]), metadata: {} })
    expect(await rowsOf(await file('b.safetensors', bare))).toEqual(THREE)
  })

  it('may name an image by its file', async () => {
    expect(await rowsOf(await file('ends.csv', 'image,one\na.png,1\nb.jpg,2\n'))).toEqual({ a: [1], b: [2] })
  })

  it('are left out row by row where they can’t be used, each with its reason', async () => {
    const problems: string[] = []
    const name = await file(
      'faults.jsonl',
      [
        '{"image": "a", "features": [1, 2]}',
        'no json',
        '{"image": "b", "features": [1, 2, 3]}',
        '{"image": "c", "features": [1, null]}',
        '{"image": "a", "features": [7, 8]}',
        '{"image": 3, "features": [7, 8]}',
        '{"image": "d", "features": [9, 10]}',
      ].join('\n'),
    )
    expect(await rowsOf(name, problems)).toEqual({ a: [1, 2], d: [9, 10] })
    expect(problems).toEqual([
      expect.stringContaining('line 2: left out: not valid JSON'),
      expect.stringContaining('image b: left out: 3 numbers: expected 2'),
      expect.stringContaining('image c: left out: not all of its features are finite'),
      expect.stringContaining('image a: left out: stands there twice'),
      expect.stringContaining('line 6: left out: expected {"image"'),
    ])
  })

  it('of a broken CSV row or an empty cell go on with the next row', async () => {
    const problems: string[] = []
    const name = await file('faults.csv', 'image,one,two\na,1,2\nb,3\nc,,5\nd,6,7\n')
    expect(await rowsOf(name, problems)).toEqual({ a: [1, 2], d: [6, 7] })
    expect(problems.length).toBe(2)
  })

  it('are refused as a whole where there is no file, no row, no known ending or an id too few', async () => {
    await expect(loadBackbone('file:nowhere.csv')).rejects.toMatchObject({ code: 'features-missing' })
    const empty = await file('empty.csv', 'image,one\n')
    await expect(loadBackbone(empty)).rejects.toMatchObject({ code: 'features-empty' })
    const odd = await file('odd.npy', 'x')
    await expect(loadBackbone(odd)).rejects.toMatchObject({ code: 'features-format' })
    const tensors = new Map([['features', { shape: [2, 1], data: Float32Array.of(1, 2) }]])
    for (const images of ['["a"]', '{}', 'no json']) {
      const short = await file('short.safetensors', encodeSafetensors({ tensors, metadata: { images } }))
      await expect(loadBackbone(short)).rejects.toMatchObject({ code: 'features-format' })
    }
    const alone = await file('alone.safetensors', encodeSafetensors({ tensors, metadata: {} }))
    await expect(loadBackbone(alone)).rejects.toThrow('alone.ids.txt')
  })

  it('leave out and name the images they do not have', async () => {
    const backbone = await loadBackbone(await file('two.csv', 'image,one\na,1\nb,2\n'))
    const images = ['a', 'b', 'c'].map(id => ({ id, file: `${id}.png` }))
    const problems: string[] = []
    const { rows, leftOut } = await cachedFeatures(await newWorkspace(), backbone, images, {
      onProgress: ({ problem }) => problem && problems.push(problem.message),
    })
    expect([...rows.keys()]).toEqual(['a', 'b'])
    expect(leftOut).toEqual([expect.objectContaining({ image: 'c', code: 'features-missing' })])
    expect(problems).toEqual(['image: c.png: left out: no features of it in two.csv'])
    await expect(
      cachedFeatures(await newWorkspace(), backbone, [{ id: 'z', file: 'z.png' }]),
    ).rejects.toMatchObject({ code: 'features-none' })
  })
})

describe('a cycle on features of one’s own', () => {
  it('learns from them, names the file in its record, and says why it can’t look at another picture', async () => {
    const workspace = await newWorkspace()
    const cases = await fillWithPhantoms(workspace, 16)
    // Two numbers that tell the flag, so that there is something to learn.
    const lines = cases
      .slice(1)
      .map(({ image, mined }, at) =>
        JSON.stringify({ image, features: [mined.flag === 'positive' ? 1 : -1, Math.sin(at)] }),
      )
    const name = await file('cycle.jsonl', lines.join('\n'))
    const options = readCycleOptions({
      backbone: name,
      backend: 'cpu',
      samples: 20,
      epochs: 60,
      penalties: [1],
      lambdas: [0.3],
    })
    const { record, metrics } = await runCycle(workspace, options)
    expect(record.backbone).toMatchObject({ name, weights: 'cycle.jsonl' })
    expect(metrics.warnings.join('\n')).toContain(cases[0]!.imageFile)
    expect(metrics.flag.oof?.['auc']?.value).toBeGreaterThan(0.95)
    await expect(
      diagnose(workspace, workspace.paths.image(cases[0]!.imageFile), { backend: 'cpu' }),
    ).rejects.toMatchObject({ code: 'features-file-only' })
  }, 120_000)
})
