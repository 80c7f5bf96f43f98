import { findingOf, type Lesion, type MinedFlag, perLesion } from '../records/vocabulary.ts'
import type { FlowedFigure } from './preprint/flow.ts'
import type { MadeFigure } from './preprint/make-figure.ts'
import { type CorpusTruth, encodeMask, type TruthFigure } from './truth.ts'

/** The flag of the caption as a whole. */
function flagOf(figure: MadeFigure): MinedFlag {
  if (figure.planned.script.flag) return figure.planned.script.flag
  const said = figure.panels.map(panel => panel.said.flag)
  return (['positive', 'possible', 'negative'] as const).find(flag => said.includes(flag)) ?? 'unstated'
}

/** The truth of a figure as it was placed. */
export function truthOf(figure: MadeFigure, placed: FlowedFigure): TruthFigure {
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

/** The panels whose caption was made to disagree with the picture. */
export function deliberateErrors(document: string, figure: MadeFigure): CorpusTruth['deliberate'] {
  return figure.panels.flatMap(({ script }) => {
    const errors = (lesions: Lesion[] | undefined, cause: 'said-not-visible' | 'visible-not-said') =>
      (lesions ?? []).map(head => ({ document, figure: figure.label, panel: script.label, head, cause }))
    return [
      ...errors(script.saidNotVisible, 'said-not-visible'),
      ...errors(script.visibleNotSaid, 'visible-not-said'),
    ]
  })
}
