import { createHash } from 'node:crypto'
import type { RunOptions } from '../records/job.ts'
import { findingOf, LESIONS, type Lesion, type MinedFlag, perLesion } from '../records/vocabulary.ts'
import { type MeantCaption, writeCaption } from './captions/grammar.ts'
import type { FigureScript, PanelScript } from './captions/script.ts'
import { phantomRadiograph } from './phantom/radiograph.ts'
import { type PhantomSlice, phantomSlice } from './phantom/slice.ts'
import { phantomTissue } from './phantom/tissue.ts'
import type { FigurePlan } from './preprint/figure.ts'
import { type FlowedFigure, openFlow } from './preprint/flow.ts'
import { DOCUMENT_PLANS, type DocumentPlan, type PlannedFigure } from './preprint/plans.ts'
import { SECTIONS, writeAuthors, writeReferences, writeSection, writeTable } from './preprint/prose.ts'
import { ENCODINGS, type Encoding } from './preprint/raster.ts'
import { openPdf } from './preprint/typesetter.ts'
import { type Random, seededStream } from './random.ts'
import { type CorpusTruth, encodeMask, type TruthDocument, type TruthFigure } from './truth.ts'

/** Seed of the committed corpus. */
export const CORPUS_SEED = 'lesionloop-demo-1'

export interface MadeDocument {
  file: string
  bytes: Buffer
  truth: TruthDocument
  deliberate: CorpusTruth['deliberate']
}

interface MadePanel {
  script: PanelScript
  slice: PhantomSlice
  said: { flag: MinedFlag; findings: Partial<Record<Lesion, ReturnType<typeof findingOf>>> }
}

/** A figure before it is set: its pictures, its caption, its plan. */
interface MadeFigure {
  /** Document and figure, in front of the patients' names. */
  owner: string
  planned: PlannedFigure
  label: string
  caption: MeantCaption
  plan: FigurePlan
  panels: MadePanel[]
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

const printedLetter = (label: string, style: DocumentPlan['letterStyle']) =>
  /\d/.test(label)
    ? label
    : style === 'A'
      ? label
      : style === 'a'
        ? label.toLowerCase()
        : `(${label.toLowerCase()})`

/** Encodings go round by figure over the whole corpus, so that they tell nothing of what is pictured. */
function encodingOf(document: number, figure: number, kind: string): Encoding {
  if (kind === 'photograph') return 'jpeg-rgb'
  return ENCODINGS[(document * 3 + figure + (document > 5 ? 1 : 0)) % ENCODINGS.length]!
}

function makeFigure(
  document: DocumentPlan,
  planned: PlannedFigure,
  index: number,
  number: number,
  random: Random,
): MadeFigure {
  const { script } = planned
  const caption = writeCaption(script.caption, random.fork('caption'))
  const width = script.columns >= 4 ? 178 : script.columns === 3 ? 192 : 216
  // A shape for each document, as authors crop all their slices alike: patients and controls share it.
  const height = Math.round(width * (0.74 + 0.012 * ((number * 5) % 11)))
  const panels = script.panels.map((panel, i) => makePanel(script, panel, caption, width, height, random, i))
  const printedLabel = document.label.replace('#', String(index + 1))
  const raster =
    script.kind === 'xray'
      ? asRaster(phantomRadiograph(`${document.file}/xray`))
      : script.kind === 'photograph'
        ? { ...phantomTissue(`${document.file}/tissue`), channels: 3 as const }
        : undefined
  return {
    owner: `${document.file.replace('.pdf', '')}-${index + 1}`,
    planned,
    label: printedLabel
      .replace(/[.:|]/g, '')
      .trim()
      .replace(/^(fig\.?|figure)(?= )/i, 'Figure'),
    caption,
    panels,
    plan: {
      kind: script.kind,
      panels: panels.map(({ script: panel, slice }) => ({
        printed: panel.label && printedLetter(panel.label, document.letterStyle),
        width: slice.width,
        height: slice.height,
        pixels: slice.pixels,
        ...(panel.arrow && slice.masks[panel.arrow]
          ? { arrowAt: innermost(slice, slice.masks[panel.arrow]!) }
          : {}),
      })),
      ...(raster ? { raster } : {}),
      columns: script.columns,
      tiled: planned.tiled ?? false,
      gutter: planned.gutter ?? 6,
      gutterShade: planned.gutterShade ?? 255,
      letters: script.panels.some(panel => panel.label) ? (planned.letters ?? document.letters) : 'none',
      encoding: encodingOf(number, index, script.kind),
      printedLabel,
      labelOwnLine: document.labelOwnLine ?? false,
      caption: caption.text,
      captionPlace: planned.captionPlace ?? document.captionPlace,
      share: planned.share ?? 1,
      markers: planned.markers ?? false,
    },
  }
}

/** The pixel of a mask that lies nearest to the middle of the slice: where an arrow from inside reaches it. */
function innermost(slice: PhantomSlice, mask: Uint8Array): { x: number; y: number } {
  let best = { x: slice.width / 2, y: slice.height / 2 }
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue
    const x = i % slice.width
    const y = Math.floor(i / slice.width)
    const d = Math.hypot(x - slice.width / 2, y - slice.height / 2)
    if (d < nearest) {
      nearest = d
      best = { x, y }
    }
  }
  return best
}

const asRaster = (picture: { width: number; height: number; pixels: Uint8Array }) => ({
  width: picture.width,
  height: picture.height,
  channels: 1 as const,
  data: picture.pixels,
})

/** Draws a panel so that it shows what its caption asserts, and nothing else unless the script orders it. */
function makePanel(
  figure: FigureScript,
  script: PanelScript,
  caption: MeantCaption,
  width: number,
  height: number,
  random: Random,
  index: number,
): MadePanel {
  const about = caption.mentions.filter(
    mention =>
      mention.panels.length === 0 || (script.label !== null && mention.panels.includes(script.label)),
  )
  const findings: MadePanel['said']['findings'] = {}
  for (const lesion of LESIONS) {
    const finding = findingOf(
      about.filter(mention => mention.lesion === lesion).map(mention => mention.assertion),
    )
    if (finding !== 'none') findings[lesion] = finding
  }
  const own = random.fork(`panel${index}`)
  const shown = LESIONS.filter(lesion => {
    if (script.saidNotVisible?.includes(lesion)) return false
    if (script.visibleNotSaid?.includes(lesion)) return true
    return findings[lesion] === 'present' || (findings[lesion] === 'possible' && own.fork(lesion).chance(0.5))
  })
  const { level, severity, distribution, bilateral } = script
  const slice = phantomSlice(`${own.next()}`, {
    disease: script.disease,
    lesions: shown,
    width,
    height,
    patient: `${random.fork(script.patient).next()}`,
    ...(level === undefined ? {} : { level }),
    ...(severity === undefined ? {} : { severity }),
    ...(distribution === undefined ? {} : { distribution }),
    ...(bilateral === undefined ? {} : { bilateral }),
  })
  const extra = slice.lesions.filter(lesion => !shown.includes(lesion))
  if (extra.length > 0)
    throw new RangeError(
      `caption script: panel ${script.label}: shows ${extra.join(', ')} too; name it: ${figure.caption}`,
    )
  return {
    script,
    slice,
    said: { flag: script.flag ?? (script.disease === 'covid' ? 'positive' : 'negative'), findings },
  }
}

function flagOf(figure: MadeFigure): MinedFlag {
  if (figure.planned.script.flag) return figure.planned.script.flag
  const said = figure.panels.map(panel => panel.said.flag)
  return (['positive', 'possible', 'negative'] as const).find(flag => said.includes(flag)) ?? 'unstated'
}

function truthOf(figure: MadeFigure, placed: FlowedFigure): TruthFigure {
  const { caption, plan } = figure
  const letter = plan.letters === 'none' ? 'none' : plan.letters === 'pixels' ? 'pixels' : 'text'
  return {
    page: placed.page,
    captionPage: placed.captionPage,
    label: figure.label,
    printedLabel: plan.printedLabel,
    caption: caption.text,
    captionRegion: placed.captionRegion,
    region: placed.region,
    kind: plan.kind,
    flag: flagOf(figure),
    findings: perLesion(lesion =>
      findingOf(
        caption.mentions.filter(mention => mention.lesion === lesion).map(mention => mention.assertion),
      ),
    ),
    mentions: caption.mentions,
    skipped: caption.skipped,
    images: placed.images.map(image => ({ page: placed.page, ...image })),
    panels: placed.panels.map(({ region, image, box }, i) => {
      const { script, slice, said } = figure.panels[i]!
      return {
        label: script.label,
        letter: script.label ? letter : 'none',
        page: placed.page,
        region,
        image,
        box,
        patient: `${figure.owner}-${script.patient}`,
        said,
        shown: {
          flag: slice.covid ? 'positive' : 'negative',
          disease: slice.disease,
          lesions: slice.lesions,
        },
        masks: Object.fromEntries(
          Object.entries(slice.masks).map(([lesion, mask]) => [lesion, encodeMask(mask)]),
        ),
      }
    }),
  }
}

function deliberateErrors(document: string, figure: MadeFigure): CorpusTruth['deliberate'] {
  return figure.panels.flatMap(({ script }) => {
    const errors = (lesions: Lesion[] | undefined, cause: 'said-not-visible' | 'visible-not-said') =>
      (lesions ?? []).map(head => ({ document, figure: figure.label, panel: script.label, head, cause }))
    return [
      ...errors(script.saidNotVisible, 'said-not-visible'),
      ...errors(script.visibleNotSaid, 'visible-not-said'),
    ]
  })
}
