import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../../data/demo/truth.ts'
import { PIXEL_LIMIT } from '../../../data/workspace/images.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'
import { type Run, runCli } from '../../cli/run-cli.ts'
import { HOSTILE_PDFS } from './pdfs.ts'

const GOOD = readCorpusTruth().documents[0]!.file
const SECONDS = 10
const MEGABYTES = 900
const LIMIT = /^file-(time|memory)-limit$/
/** Where the file can only be refused, how; the others are read as far as they go, or refused in words. */
const REFUSED_BY: Record<string, RegExp> = {
  'a page content of 2 GB, deflated twice': LIMIT,
  'a picture whose bytes unpack to 2 GB': LIMIT,
  'drawings that paint each other 2^40 times': LIMIT,
  'a million pages that are one': /^pdf-too-long$/,
}
const IN_WORDS = /^(pdf-[a-z-]+|file-time-limit|file-memory-limit)$/

// The built command line: only there are PDFs read in processes of their own.
describe.skipIf(!existsSync(packagePath('dist', 'cli.js')))('PDFs that mean harm', () => {
  const names = Object.keys(HOSTILE_PDFS)
  const fileOf = (name: string) => `hostile-${names.indexOf(name)}.pdf`
  let folder: string
  let run: Run
  let rejected: Map<string, { code: string; message: string }>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lesionloop-hostile-'))
    const paths: string[] = []
    for (const name of names) {
      const path = join(folder, fileOf(name))
      await writeFile(path, HOSTILE_PDFS[name]!())
      paths.push(path)
    }
    const limits = ['--workers', '2', '--time-limit', String(SECONDS), '--memory-limit', String(MEGABYTES)]
    const good = join(corpusFolder(), GOOD)
    const args = ['mine', '--workspace', join(folder, 'workspace'), ...limits, ...paths, good, '--json']
    run = await runCli(args)
    const { rejected: list } = JSON.parse(run.out) as {
      rejected: { file: string; code: string; message: string }[]
    }
    rejected = new Map(list.map(each => [each.file, each]))
  }, 400_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('end neither the run nor the mining of a good document beside them', async () => {
    expect(run.status).toBe(1)
    const cases = await readFile(join(folder, 'workspace', 'cases', 'cases.jsonl'), 'utf8')
    expect(cases).toContain(GOOD)
    expect(rejected.has(GOOD)).toBe(false)
  })

  it.each(names)('%s is read or refused in words, never a crash', name => {
    const refusal = rejected.get(fileOf(name))
    if (REFUSED_BY[name]) expect(refusal?.code).toMatch(REFUSED_BY[name])
    else if (refusal) expect(refusal.code).toMatch(IN_WORDS)
    if (refusal) expect(refusal.message).toMatch(/^(pdf|document): .*;/)
  })

  it('lose the page that is larger than any, and not the document', async () => {
    const documents = join(folder, 'workspace', 'documents')
    const records = await Promise.all(
      (await readdir(documents)).map(async each =>
        JSON.parse(await readFile(join(documents, each, 'document.json'), 'utf8')),
      ),
    )
    const name = fileOf('a page of 10 million points a side')
    const { skipped } = records.find(({ file }) => file.name === name)
    expect(JSON.stringify(skipped)).toMatch(/10000000 × 10000000 points: expected at most 14400 a side/)
  })

  it('leave no picture over the limit of pixels', async () => {
    const images = join(folder, 'workspace', 'images')
    for (const file of await readdir(images)) {
      const { width, height } = await sharp(join(images, file)).metadata()
      expect(width * height).toBeLessThanOrEqual(PIXEL_LIMIT)
    }
  })
})
