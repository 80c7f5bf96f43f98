import { createHash } from 'node:crypto'
import type { RunOptions } from '../records/job.ts'
import { deliberateErrors, truthOf } from './figure-truth.ts'
import { type FlowedFigure, openFlow } from './preprint/flow.ts'
import { makeFigure } from './preprint/make-figure.ts'
import { DOCUMENT_PLANS } from './preprint/plans.ts'
import { SECTIONS, writeAuthors, writeReferences, writeSection, writeTable } from './preprint/prose.ts'
import { openPdf } from './preprint/typesetter.ts'
import { seededStream } from './random.ts'
import type { CorpusTruth, TruthDocument } from './truth.ts'

/** Seed of the committed corpus. */
export const CORPUS_SEED = 'lesionloop-demo-1'

export interface MadeDocument {
  file: string
  bytes: Buffer
  truth: TruthDocument
  deliberate: CorpusTruth['deliberate']
}

/**
 * Makes the demo corpus: preprint-like PDFs and the truth of everything in them. The same seed gives the same bytes.
 */
export async function makeCorpus(
  seed: string = CORPUS_SEED,
  options: RunOptions = {},
): Promise<{ documents: MadeDocument[]; truth: CorpusTruth }> {
  const documents: MadeDocument[] = []
  for (const [index, plan] of DOCUMENT_PLANS.entries()) {
    options.signal?.throwIfAborted()
    options.onProgress?.({
      step: 'making the demo corpus',
      done: index,
      total: DOCUMENT_PLANS.length,
      detail: plan.file,
    })
    documents.push(await makeDocument(plan.file, seed))
  }
  return {
    documents,
    truth: {
      format: 1,
      seed,
      documents: documents.map(document => document.truth),
      deliberate: documents.flatMap(document => document.deliberate),
    },
  }
}

/** Makes one document of the corpus by its file name. */
export async function makeDocument(file: string, seed: string = CORPUS_SEED): Promise<MadeDocument> {
  const number = DOCUMENT_PLANS.findIndex(plan => plan.file === file)
  const plan = DOCUMENT_PLANS[number]
  if (!plan)
    throw new RangeError(
      `demo document: ${file}: expected one of ${DOCUMENT_PLANS.map(p => p.file).join(', ')}`,
    )
  const random = seededStream(`${seed}/${file}`)
  const date = new Date(`${plan.date}T09:00:00Z`)
  const doi = `10.5555/${plan.date.replaceAll('-', '.')}.2000${String(number + 1).padStart(2, '0')}`
  const { pdf, bytes } = openPdf(plan.title, date)
  const figures = plan.figures.map((planned, i) =>
    makeFigure(plan, planned, i, number, random.fork(`figure${i}`)),
  )
  const flow = openFlow(
    pdf,
    plan.layout,
    `Preprint ${doi} (version ${plan.version}), not certified by peer review. Synthetic: no patient is shown.`,
  )
  await flow.start()
  const { body } = flow
  flow.wide(
    plan.title,
    { ...body, font: body.bold, size: 15, leading: 19, align: 'left', hyphenate: false },
    8,
  )
  flow.wide(writeAuthors(random.fork('authors')), { ...body, align: 'left', hyphenate: false }, 3)
  flow.wide(
    'Department of Synthetic Radiology, Phantom University Hospital. Text, patients and pictures are made by a program.',
    { ...body, size: 8.5, leading: 11, align: 'left', hyphenate: false },
    3,
  )
  flow.wide(
    `doi: https://doi.org/${doi}v${plan.version}`,
    { ...body, size: 8.5, leading: 11, align: 'left', hyphenate: false },
    10,
  )
  flow.wide(`**Abstract** ${plan.abstract}`, { ...body, hyphenate: false }, 14)

  const placed: FlowedFigure[] = []
  const queue = figures.map((figure, i) => ({ figure, i }))
  const put = (i: number) => (flowed: FlowedFigure) => {
    placed[i] = flowed
  }
  const labels = figures.map(figure => figure.label)
  for (const { figure, i } of queue) {
    if (figure.planned.place === 'wide') flow.wideFigure(figure.plan, random.fork(`draw${i}`), put(i))
    if (figure.planned.place === 'page') flow.pageFigure(figure.plan, random.fork(`draw${i}`), put(i))
  }
  const inText = queue.filter(({ figure }) => figure.planned.place === 'column')
  for (const [s, section] of SECTIONS.entries()) {
    await flow.heading(section)
    const texts = writeSection(random.fork(section), section, plan.paragraphs, labels)
    for (const [p, text] of texts.entries()) {
      await flow.paragraph(text)
      // Figures in the text stand after paragraphs of the later sections, as authors place them.
      const due = s >= 1 ? (p === 0 ? 1 : 0) : 0
      for (let n = 0; n < due && inText.length > 0; n++) {
        const { figure, i } = inText.shift()!
        await flow.columnFigure(figure.plan, random.fork(`draw${i}`), put(i))
      }
    }
    if (section === 'Results' && plan.table)
      await flow.table('**Table** **1.** How often each sign was seen.', writeTable(random.fork('table')))
  }
  for (const { figure, i } of inText) await flow.columnFigure(figure.plan, random.fork(`draw${i}`), put(i))
  await flow.heading('References')
  for (const reference of writeReferences(random.fork('references'), 10))
    await flow.paragraph(reference, { ...body, size: 8.5, leading: 11, align: 'left', hyphenate: false }, 2)
  const pages = await flow.finish()
  pdf.end()
  const data = await bytes
  return {
    file,
    bytes: data,
    deliberate: figures.flatMap(figure => deliberateErrors(file, figure)),
    truth: {
      file,
      sha256: createHash('sha256').update(data).digest('hex'),
      doi,
      version: plan.version,
      title: plan.title,
      abstract: plan.abstract,
      pages,
      layout: `${plan.layout.columns} column${plan.layout.columns === 2 ? 's' : ''}, caption ${plan.captionPlace}, letters ${plan.letters}`,
      figures: figures.map((figure, i) => truthOf(figure, placed[i]!)),
    },
  }
}
