import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { phantomSlice } from '../../../data/demo/phantom/slice.ts'
import { corpusFolder, readCorpusTruth } from '../../../data/demo/truth.ts'
import type { MinedCase } from '../../../data/records/case.ts'
import { openStore } from '../../../data/stores/open.ts'
import { listDocuments } from '../../../data/workspace/documents.ts'
import { encodePng } from '../../../data/workspace/images.ts'
import type { Workspace } from '../../../data/workspace/open.ts'
import { lastScreened } from '../../../data/workspace/screening.ts'
import { type MineOptions, mineDocuments } from '../../../extractor/mine/mine-documents.ts'
import { createMiner } from '../../../extractor/text/miner.ts'
import { writeDicom } from '../../data/dicom/write-dicom.ts'
import { newWorkspace, temporaryFolder } from '../../data/stores/sample.ts'

const miner = createMiner()
let workspace: Workspace
let folder: string
beforeEach(async () => {
  workspace = await newWorkspace()
  folder = await temporaryFolder()
})

async function mine(paths: string[] = [folder], options: Partial<MineOptions> = {}) {
  const store = await openStore(workspace, { write: ['documents', 'cases'] })
  try {
    const result = await mineDocuments(workspace, paths, {
      cases: store.cases,
      miner,
      kinds: ['ct', 'xray', 'chart', 'diagram', 'photograph'],
      ...options,
    })
    const cases: MinedCase[] = []
    for await (const one of store.cases.all()) cases.push(one)
    const documents = []
    for await (const one of listDocuments(workspace)) documents.push(one)
    return { result, cases, documents, screened: await lastScreened(workspace) }
  } finally {
    await store.close()
  }
}

async function slicePng(seed: string, width = 320): Promise<Uint8Array> {
  const slice = phantomSlice(seed, { covid: true, lesions: ['GGO'], width })
  const data = new Uint8Array(slice.width * slice.height * 3)
  for (const [i, grey] of slice.pixels.entries()) data.fill(grey, i * 3, i * 3 + 3)
  return await encodePng({ data, width: slice.width, height: slice.height })
}

const article = (figures: string, front = '') =>
  `<?xml version="1.0" encoding="UTF-8"?><article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta>${front}</article-meta></front><body>${figures}</body></article>`
const FRONT =
  '<article-id pub-id-type="doi">10.5555/jats.1</article-id><title-group><article-title>Chest CT in COVID-19</article-title></title-group><permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"/></permissions>'
const figure = (href: string, caption = 'Chest CT of a patient with COVID-19: ground-glass opacity.') =>
  `<fig id="f1"><label>Figure 1</label><caption><p>${caption}</p></caption><graphic xlink:href="${href}"/></fig>`

describe('an article of JATS', () => {
  it('with its pictures beside it becomes a document with cases, its DOI and licence', async () => {
    await writeFile(join(folder, 'paper.nxml'), article(figure('f1'), FRONT))
    await writeFile(join(folder, 'f1.png'), await slicePng('one'))
    const { result, cases, documents, screened } = await mine()
    expect(result).toMatchObject({ mined: 1, cases: 1, rejected: [] })
    expect(documents).toMatchObject([{ id: '10.5555/jats.1', format: 'jats', licence: 'CC-BY-4.0' }])
    expect(cases).toMatchObject([
      { id: '10.5555/jats.1#Figure 1#~1', mined: { flag: 'positive', findings: { GGO: 'present' } } },
    ])
    expect(screened).toMatchObject([{ document: '10.5555/jats.1', outcome: 'mined', cases: 1 }])
  })

  it('in a .tar.gz is the same', async () => {
    const tar = pack()
    tar.entry({ name: 'PMC1/a.nxml' }, article(figure('f1.jpg'), FRONT))
    tar.entry({ name: 'PMC1/f1.png' }, Buffer.from(await slicePng('one')))
    tar.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of tar) chunks.push(chunk as Buffer)
    await writeFile(join(folder, 'PMC1.tar.gz'), gzipSync(Buffer.concat(chunks)))
    const { cases } = await mine()
    expect(cases.map(({ id }) => id)).toEqual(['10.5555/jats.1#Figure 1#~1'])
    expect(existsSync(workspace.paths.image(cases[0]!.imageFile))).toBe(true)
  })

  it('without its picture says which is missing, and is a document without cases', async () => {
    await writeFile(join(folder, 'paper.nxml'), article(figure('f1'), FRONT))
    const { documents, screened } = await mine()
    expect(documents[0]!.skipped).toMatchObject([
      { reason: 'Figure 1: f1: no such picture beside the article' },
    ])
    expect(screened).toMatchObject([{ outcome: 'no-case' }])
  })

  it('that is broken goes to rejected/ with its line, and the rest goes through', async () => {
    await writeFile(join(folder, 'broken.nxml'), '<article><front>')
    await writeFile(join(folder, 'whole.nxml'), article(figure('f1'), FRONT))
    await writeFile(join(folder, 'f1.png'), await slicePng('one'))
    const { result, screened } = await mine()
    expect(result).toMatchObject({ mined: 1, rejected: [{ file: 'broken.nxml', code: 'xml-malformed' }] })
    expect(screened.map(({ outcome }) => outcome).sort()).toEqual(['mined', 'rejected'])
  })

  it('is passed over in folders where the XML is something else', async () => {
    await writeFile(join(folder, 'label-config.xml'), '<View><Image name="i"/></View>')
    expect((await mine()).result).toMatchObject({ mined: 0, rejected: [] })
  })
})

describe('a PDF and its article', () => {
  const truth = readCorpusTruth().documents[0]!
  const xml = article(
    `<fig><label>Figure 1</label><caption><p>(A) Crazy paving. (B) No consolidation.</p></caption><graphic xlink:href="none"/></fig>`,
    `<article-id pub-id-type="doi">${truth.doi}</article-id><article-version>${truth.version}</article-version><title-group><article-title>${truth.title}</article-title></title-group>`,
  )
  const id = `${truth.doi}v${truth.version}`

  const isOne = async ({ documents, cases }: Awaited<ReturnType<typeof mine>>) => {
    expect(documents).toHaveLength(1)
    expect(documents[0]).toMatchObject({
      id,
      format: 'pdf',
      file: { stored: 'source.pdf' },
      text: { stored: 'article.xml' },
    })
    const own = cases.filter(each => each.figure === 'Figure 1')
    expect(own.map(({ panel }) => panel).slice(0, 2)).toEqual(['A', 'B'])
    expect(own[0]).toMatchObject({
      caption: '(A) Crazy paving. (B) No consolidation.',
      mined: { findings: { CrPa: 'present' } },
    })
  }

  it('of one name are one document: pictures of the PDF, words of the article', async () => {
    await copyFile(join(corpusFolder(), truth.file), join(folder, 'p.pdf'))
    await writeFile(join(folder, 'p.xml'), xml)
    const first = await mine()
    await isOne(first)
    expect((await mine()).result).toMatchObject({ mined: 0, unchanged: 1 })
  })

  it('that come one after the other are one document too, in either order', async () => {
    const pdf = join(folder, 'p', 'whatever.pdf')
    const other = join(folder, 'x', 'article.xml')
    await mkdir(join(folder, 'p'))
    await mkdir(join(folder, 'x'))
    await copyFile(join(corpusFolder(), truth.file), pdf)
    await writeFile(other, xml)
    await mine([pdf])
    await isOne(await mine([other]))
    workspace = await newWorkspace()
    await mine([other])
    await isOne(await mine([pdf]))
  })
})

describe('DICOM slices', () => {
  it('become cases without a caption, one group a patient, and nothing of who the patient is comes along', async () => {
    const side = 64
    const write = (name: string, patient: string, study: string, shade: number) =>
      writeFile(
        join(folder, name),
        writeDicom({
          width: side,
          height: side,
          samples: Array.from({ length: side * side }, (_, i) => 100 + shade + (i % side)),
          elements: {
            '0010,0010': ['PN', 'Doe^Jane'],
            '0010,0020': ['LO', patient],
            '0020,000d': ['UI', study],
          },
        }),
      )
    await write('doe-jane-1.dcm', 'P1', '1.2.3', 0)
    await write('IM000002', 'P1', '1.2.4', 300)
    await write('3.dcm', 'P2', '1.2.5', 600)
    await writeFile(join(folder, 'cut.dcm'), readFileSync(join(folder, '3.dcm')).subarray(0, 200))
    const { result, cases } = await mine()
    expect(cases).toHaveLength(3)
    expect(new Set(cases.map(({ patient }) => patient)).size).toBe(2)
    expect(cases[0]).toMatchObject({ document: null, caption: '', kind: { kind: 'ct' } })
    for (const { hounsfield } of cases)
      expect(existsSync(join(workspace.paths.images, hounsfield!.file))).toBe(true)
    expect(result.rejected.map(({ file }) => file)).toEqual(['cut.dcm'])
    expect(readFileSync(workspace.paths.cases, 'utf8')).not.toMatch(/doe|P1|1\.2\.3/i)
    expect((await mine()).cases).toHaveLength(3)
  })
})

describe('a text', () => {
  it('beside a DICOM slice of its name gives a case with the units of the slice', async () => {
    await writeFile(join(folder, 'scan.txt'), 'Chest CT, COVID-19. Consolidation.')
    const samples = Array.from({ length: 64 * 64 }, (_, i) => (i % 64 > 12 ? 900 + (i % 50) : 24))
    await writeFile(join(folder, 'scan.dcm'), writeDicom({ width: 64, height: 64, samples }))
    const { cases } = await mine()
    const { hounsfield } = cases.find(({ caption }) => caption !== '')!
    expect(hounsfield).toMatchObject({ slope: 1, intercept: -32_768 })
    expect(existsSync(join(workspace.paths.images, hounsfield!.file))).toBe(true)
  })

  it('beside a picture of its name is a document of one figure', async () => {
    await writeFile(join(folder, 'scan.txt'), 'Chest CT, COVID-19.\nConsolidation, no crazy paving.')
    await writeFile(join(folder, 'scan.png'), await slicePng('one'))
    const { cases, documents } = await mine()
    expect(documents).toMatchObject([{ format: 'text' }])
    expect(cases).toMatchObject([
      {
        caption: 'Chest CT, COVID-19. Consolidation, no crazy paving.',
        mined: { findings: { Csld: 'present', CrPa: 'absent' } },
      },
    ])
  })
})
