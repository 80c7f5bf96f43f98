import { type Finding, findingOf, LESIONS, type Lesion, type MinedFlag } from '../../records/vocabulary.ts'
import { type MeantCaption, writeCaption } from '../captions/grammar.ts'
import type { FigureScript, PanelScript } from '../captions/script.ts'
import { phantomRadiograph } from '../phantom/radiograph.ts'
import { type PhantomSlice, phantomSlice } from '../phantom/slice.ts'
import { phantomTissue } from '../phantom/tissue.ts'
import type { Random } from '../random.ts'
import type { FigurePlan } from './figure.ts'
import type { DocumentPlan, PlannedFigure } from './plans.ts'
import { ENCODINGS, type Encoding } from './raster.ts'

export interface MadePanel {
  script: PanelScript
  slice: PhantomSlice
  said: { flag: MinedFlag; findings: Partial<Record<Lesion, Finding>> }
}

/** A figure before it is set: its pictures, its caption, its plan. */
export interface MadeFigure {
  /** Document and figure, in front of the patients' names. */
  owner: string
  planned: PlannedFigure
  label: string
  caption: MeantCaption
  plan: FigurePlan
  panels: MadePanel[]
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

/** Draws a figure's panels and writes its caption. */
export function makeFigure(
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
