import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { corpusFolder, readCorpusTruth } from '../../../data/demo/truth.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import type { Progress } from '../../../data/records/job.ts'
import { openStore } from '../../../data/stores/open.ts'
import { listRejected, readDocument } from '../../../data/workspace/documents.ts'
import { encodePng } from '../../../data/workspace/images.ts'
import { openWorkspace, type Workspace } from '../../../data/workspace/open.ts'
import { type MineOptions, mineDocuments } from '../../../extractor/mine/mine-documents.ts'
import { minerVersion } from '../../../extractor/mine/mine-run.ts'
import { createMiner } from '../../../extractor/text/miner.ts'
import { makePdf, ramp } from '../pdf/make-pdf.ts'

const truth = readCorpusTruth()
const document = truth.documents.find(({ figures }) => figures.some(({ panels }) => panels.length > 1))!
const documentPath = join(corpusFolder(), document.file)
const documentId = `${document.doi}v${document.version}`
const miner = createMiner()

let folder: string
let workspace: Workspace
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lesionloop-mine-'))
  workspace = await openWorkspace(join(folder, 'workspace'), { create: true })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Mines with a store over the workspace's own files. */
async function mine(paths: string[], options: Partial<MineOptions> = {}) {
  const store = await openStore(workspace, { write: ['documents', 'cases'] })
  try {
    const result = await mineDocuments(workspace, paths, { cases: store.cases, miner, ...options })
    const cases: MinedCase[] = []
    for await (const one of store.cases.all()) cases.push(one)
    return { result, cases }
  } finally {
    await store.close()
  }
}

describe('mining a document', () => {
  it('makes a case of every CT panel, with its letter, picture and findings', async () => {
    const { cases } = await mine([documentPath])
    const panels = document.figures.flatMap(figure =>
      figure.kind === 'ct'
        ? figure.panels.length > 1
          ? figure.panels.map(({ label }) => `${figure.label}#${label ?? ''}`)
          : [figure.label]
        : [],
    )
    expect(cases).toHaveLength(panels.length)
    for (const one of cases) {
      expect(one.document).toBe(documentId)
      expect(one.id).toMatch(new RegExp(`^${documentId}#${one.figure}#(${one.panel}|~\\d)$`))
      expect(existsSync(workspace.paths.image(one.imageFile))).toBe(true)
      expect(one.kind.kind).toBe('ct')
    }
    const lettered = document.figures.find(({ panels: p }) =>
      p.some(({ label, said }) => label && said.findings.GGO === 'present'),
    )
    for (const panel of lettered?.panels ?? []) {
      const mined = cases.find(one => one.figure === lettered!.label && one.panel === panel.label)!
      expect(mined.figureImage).toBeDefined()
      expect(mined.mined.findings.GGO).toBe(panel.said.findings.GGO ?? 'none')
    }
  })

  it('writes the document with its source, figures and where they stand', async () => {
    await mine([documentPath])
    const record = (await readDocument(workspace, documentId))!
    expect(record).toMatchObject({
      title: document.title,
      format: 'pdf',
      pages: document.pages,
      miner: { version: minerVersion() },
    })
    expect(record.figures.map(({ label }) => label).sort()).toEqual(
      document.figures.map(({ label }) => label).sort(),
    )
    expect(
      readFileSync(join(workspace.paths.document(documentId), record.file.stored!)).equals(
        readFileSync(documentPath),
      ),
    ).toBe(true)
  })

  it('passes over what the same miner has mined, and keeps all ids where it is asked to mine again', async () => {
    const first = await mine([documentPath])
    const second = await mine([documentPath])
    expect(second.result).toMatchObject({ mined: 0, unchanged: 1 })
    const third = await mine([documentPath], { again: true })
    expect(third.result).toMatchObject({ mined: 1, unchanged: 0 })
    expect(third.cases.map(({ id }) => id)).toEqual(first.cases.map(({ id }) => id))
    expect(third.cases.map(({ image }) => image)).toEqual(first.cases.map(({ image }) => image))
  })

  it('makes cases of other kinds where they are asked for', async () => {
    const other = truth.documents.find(({ figures }) => figures.some(({ kind }) => kind === 'chart'))!
    const path = join(corpusFolder(), other.file)
    const { cases } = await mine([path])
    const { cases: all } = await mine([path], {
      kinds: ['ct', 'xray', 'chart', 'diagram', 'photograph'],
      again: true,
    })
    expect(all.length).toBeGreaterThan(cases.length)
    // A kind more or less changes no other case's id.
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(cases.map(({ id }) => id)))
  })
})

describe('two files with one DOI', () => {
  it('are two documents where their names differ, and stay what they are when mined again', async () => {
    const supplement = join(folder, 'supplement.pdf')
    // A comment at the end changes the bytes and nothing that is shown.
    await writeFile(supplement, Buffer.concat([readFileSync(documentPath), Buffer.from('\n% supplement\n')]))
    const { result, cases } = await mine([documentPath, supplement])
    expect(new Set(result.documents).size).toBe(2)
    expect(result.documents[0]).toBe(documentId)
    const again = await mine([supplement, documentPath], { again: true })
    expect(again.result.documents).toEqual([...result.documents].reverse())
    expect(again.cases.map(({ id }) => id).sort()).toEqual(cases.map(({ id }) => id).sort())
  })
})

describe('faulty input', () => {
  it('gets a line each and a place in rejected/, and the rest goes through', async () => {
    const inbox = join(folder, 'inbox')
    await mkdir(inbox)
    const whole = readFileSync(documentPath)
    await writeFile(join(inbox, 'cut.pdf'), whole.subarray(0, whole.length / 2))
    await writeFile(join(inbox, 'empty.pdf'), '')
    await writeFile(join(inbox, 'notes.pdf'), 'Patient 1: no opacity.')
    await writeFile(
      join(inbox, 'locked.pdf'),
      await makePdf(pdf => void pdf.text('x'), { userPassword: 'a', ownerPassword: 'b' }),
    )
    await copyFile(documentPath, join(inbox, 'good.pdf'))
    const problems: NonNullable<Progress['problem']>[] = []
    const { result } = await mine([inbox, join(folder, 'missing.pdf')], {
      onProgress: ({ problem }) => {
        if (problem) problems.push(problem)
      },
    })
    expect(result.mined).toBe(1)
    expect(Object.fromEntries(problems.map(({ item, code }) => [item, code]))).toEqual({
      'cut.pdf': 'pdf-truncated',
      'empty.pdf': 'pdf-empty',
      'notes.pdf': 'pdf-not-a-pdf',
      'locked.pdf': 'pdf-encrypted',
      'missing.pdf': 'ENOENT',
    })
    const rejected = await listRejected(workspace)
    expect(rejected.map(({ name }) => name).sort()).toEqual([
      'cut.pdf',
      'empty.pdf',
      'locked.pdf',
      'notes.pdf',
    ])
    // Nothing half-written: one document, and its record.
    expect(await readdir(workspace.paths.documents)).toHaveLength(1)
  })

  it('in tables of pictures with captions is a line each too, and the good rows are mined', async () => {
    const inbox = join(folder, 'inbox')
    await mkdir(inbox)
    await writeFile(join(inbox, 'slice.png'), await encodePng(ramp(64, 64)))
    await writeFile(
      join(inbox, 'rows.jsonl'),
      '{"image":"slice.png","caption":"Bilateral ground-glass opacities in COVID-19."}\n{broken\n{"image":"gone.png","caption":"x"}\n',
    )
    await writeFile(join(inbox, 'captions.csv'), 'caption\nno picture here\n')
    await writeFile(join(inbox, 'notes.txt'), 'Patient 1: no opacity.')
    const { result, cases } = await mine([inbox])
    expect(cases).toHaveLength(1)
    expect(cases[0]!.mined).toMatchObject({ flag: 'positive', findings: { GGO: 'present', Csld: 'none' } })
    const codes = result.rejected.map(({ code }) => code)
    expect(codes).toHaveLength(4)
    expect(codes).toContain('text-without-picture')
    expect((await listRejected(workspace)).length).toBeGreaterThanOrEqual(4)
  })

  it('leaves what was mined in place when it is stopped, and goes on from there', async () => {
    const paths = truth.documents.slice(0, 3).map(({ file }) => join(corpusFolder(), file))
    const controller = new AbortController()
    await expect(
      mine(paths, {
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 1) controller.abort(new Error('enough'))
        },
      }),
    ).rejects.toThrow('enough')
    const { result } = await mine(paths)
    expect(result).toMatchObject({ unchanged: 1, mined: 2 })
  })
})
