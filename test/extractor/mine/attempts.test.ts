import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { LesionloopError } from '../../../data/errors.ts'
import { openPool } from '../../../data/pool/pool.ts'
import { openStore } from '../../../data/stores/open.ts'
import type { Store } from '../../../data/stores/store.ts'
import { listRejected } from '../../../data/workspace/documents.ts'
import { encodePng } from '../../../data/workspace/images.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { DocumentBook } from '../../../extractor/mine/document-book.ts'
import type { InputUnit } from '../../../extractor/mine/input-units.ts'
import { MineRun } from '../../../extractor/mine/mine-run.ts'
import { task } from '../../../extractor/mine/pdf-task.ts'
import { createMiner } from '../../../extractor/text/miner.ts'
import { newWorkspace, temporaryFolder } from '../../data/stores/sample.ts'

const miner = createMiner()
let workspace: Workspace
let folder: string
let store: Store
const say = () => undefined

beforeEach(async () => {
  workspace = await newWorkspace()
  folder = await temporaryFolder()
  store = await openStore(workspace, { write: ['documents', 'cases'] })
  onTestFinished(() => store.close())
})

async function scan(name: string): Promise<InputUnit> {
  const path = join(folder, `${name}.txt`)
  await writeFile(path, `Chest CT of ${name}, COVID-19. Ground-glass opacity.`)
  const { width, height, pixels } = phantomSlice(name, { covid: true, lesions: ['GGO'], width: 256 })
  const data = new Uint8Array(pixels.length * 3)
  for (const [i, grey] of pixels.entries()) data.fill(grey, i * 3, i * 3 + 3)
  await writeFile(join(folder, `${name}.png`), await encodePng({ data, width, height }))
  return { path, kind: 'text' }
}

async function brokenPdf(): Promise<InputUnit> {
  const path = join(folder, 'broken.pdf')
  await writeFile(path, 'no PDF at all')
  return { path, kind: 'pdf' }
}

/** An attempt at one file, as a worker of its own that knows what stands in the folder. */
async function attempt(unit: InputUnit, number: number, more: { book?: DocumentBook } = {}) {
  const book = more.book ?? new DocumentBook(workspace)
  if (!more.book) await book.readFolder()
  const pool = openPool(task, { workers: 1, timeLimit: 60, memoryLimit: 2048 })
  onTestFinished(() => pool.close())
  const run = new MineRun(workspace, {
    cases: store.cases,
    miner,
    pool,
    book,
    units: new Map([[unit.path, unit]]),
    attempt: { mark: 'job-1/7', isAgain: number > 1, since: new Date(Date.now() - 60_000).toISOString() },
  })
  const taken = await run.take(unit.path).then(
    value => ({ ok: true as const, value }),
    (error: unknown) => ({ ok: false as const, error }),
  )
  await run.finish(unit.path, taken, say)
  return run.result([unit.path])
}

const screening = async () =>
  (await readFile(workspace.paths.screening, 'utf8')).trimEnd().split('\n').filter(Boolean)

describe('a document that is mined a second time because its worker died', () => {
  it('after the work and before the word of it has its cases and its entry once', async () => {
    const unit = await scan('one')
    await attempt(unit, 1)
    await attempt(unit, 2)
    expect(await store.cases.count()).toBe(1)
    expect(await screening()).toHaveLength(1)
  })

  it('before its entry was written gets it', async () => {
    const unit = await scan('one')
    await attempt(unit, 1)
    await writeFile(workspace.paths.screening, '')
    await attempt(unit, 2)
    expect((await screening()).map(line => JSON.parse(line))).toMatchObject([
      { outcome: 'mined', cases: 1, piece: 'job-1/7 one.txt' },
    ])
  })

  it('and was refused is on the list of rejections once', async () => {
    const unit = await brokenPdf()
    expect((await attempt(unit, 1)).rejected).toHaveLength(1)
    expect((await attempt(unit, 2)).rejected).toHaveLength(1)
    expect(await listRejected(workspace)).toHaveLength(1)
    expect(await screening()).toHaveLength(1)
  })

  it('gets an entry of its own when it is mined by another job', async () => {
    const unit = await brokenPdf()
    await attempt(unit, 1)
    await attempt(unit, 1)
    expect(await listRejected(workspace)).toHaveLength(2)
  })
})

describe('two workers', () => {
  it('that read copies of one file side by side leave one document and a duplicate', async () => {
    const one = await scan('one')
    const copy: InputUnit = { path: join(folder, 'copy.txt'), kind: 'text' }
    await writeFile(copy.path, await readFile(one.path))
    await writeFile(join(folder, 'copy.png'), await readFile(join(folder, 'one.png')))
    const book = new DocumentBook(workspace)
    // Both looked before either wrote.
    const runs = [one, copy].map(
      unit =>
        new MineRun(workspace, {
          cases: store.cases,
          miner,
          pool: openPool(task, { workers: 1, timeLimit: 60, memoryLimit: 2048 }),
          book,
          units: new Map([[unit.path, unit]]),
          attempt: { mark: `job-1/${unit.path}`, isAgain: false, since: '2020-01-01T00:00:00.000Z' },
        }),
    )
    const taken = await Promise.all([runs[0]!.take(one.path), runs[1]!.take(copy.path)])
    await runs[0]!.finish(one.path, { ok: true, value: taken[0]! }, say)
    await runs[1]!.finish(copy.path, { ok: true, value: taken[1]! }, say)
    expect(runs[1]!.result([copy.path])).toMatchObject({ mined: 0, unchanged: 1 })
    expect((await screening()).map(line => JSON.parse(line).outcome)).toEqual(['mined', 'duplicate'])
  })

  it('leave what the database refused to be tried again, and put nothing aside for it', async () => {
    const unit = await scan('one')
    const run = new MineRun(workspace, {
      cases: {
        mined: () => Promise.reject(new Error('not asked')),
        put: () => Promise.reject(new LesionloopError('database-lost', 'database: gone')),
      },
      miner,
      pool: openPool(task, { workers: 1, timeLimit: 60, memoryLimit: 2048 }),
      book: new DocumentBook(workspace),
      units: new Map([[unit.path, unit]]),
      attempt: { mark: 'job-1/1', isAgain: false, since: '2020-01-01T00:00:00.000Z' },
    })
    const value = await run.take(unit.path)
    await expect(run.finish(unit.path, { ok: true, value }, say)).rejects.toMatchObject({
      code: 'database-lost',
    })
    expect(await listRejected(workspace)).toEqual([])
  })
})
