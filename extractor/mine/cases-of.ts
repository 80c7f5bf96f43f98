import type { MinedCase } from '../../data/records/case.ts'
import type { DocumentRecord, Figure, FigureImage } from '../../data/records/document.ts'
import { minedLabelFor } from '../../data/records/panel-findings.ts'
import type { ImageKind } from '../../data/records/vocabulary.ts'

export interface CaseOptions {
  /** Kinds of pictures that become cases. */
  kinds: readonly ImageKind[]
  /** Whole figures of several panels, by label. */
  wholes: ReadonlyMap<string, { id: string; file: string }>
}

/**
 * The cases of a document: its panels, or the pictures of figures without panels, of the kinds asked for. Ids number
 * all unlettered pictures of a figure, whatever their kind, so that a better judge of kinds changes no id.
 */
export function casesOf(record: DocumentRecord, { kinds, wholes }: CaseOptions): MinedCase[] {
  return record.figures.flatMap(figure => {
    const parts = partsOf(figure)
    const whole = wholes.get(figure.label)
    let unlettered = 0
    return parts.flatMap(({ label, image }, order) => {
      const panel = label ?? `~${++unlettered}`
      if (!image.kind || !kinds.includes(image.kind.kind) || !figure.text) return []
      const made: MinedCase = {
        id: `${record.id}#${figure.label}#${panel}`,
        document: record.id,
        figure: figure.label,
        panel: label,
        order,
        page: image.page,
        image: image.id,
        imageFile: image.file,
        width: image.width,
        height: image.height,
        ...(image.hounsfield ? { hounsfield: image.hounsfield } : {}),
        ...(whole && parts.length > 1 ? { figureImage: whole } : {}),
        kind: image.kind,
        caption: figure.caption,
        mentions: figure.text.mentions,
        skipped: figure.text.skipped,
        mined: minedLabelFor(figure.text, { label, wholeFigure: parts.length === 1 }),
        patient: record.id,
        source: { name: record.title ?? record.file.name, file: record.file.name, format: record.format },
        minedBy: record.miner.version,
      }
      return [made]
    })
  })
}

function partsOf(figure: Figure): { label: string | null; image: FigureImage }[] {
  const panels = figure.panels.flatMap(({ label, image }) => (image ? [{ label, image }] : []))
  if (panels.length > 0) return uniqueLabels(panels)
  return figure.images.map(image => ({ label: null, image }))
}

/** Two panels of one letter would share an id: the later ones count as unlettered. */
function uniqueLabels(panels: { label: string | null; image: FigureImage }[]) {
  const seen = new Set<string>()
  return panels.map(panel => {
    if (panel.label === null || !seen.has(panel.label)) {
      if (panel.label !== null) seen.add(panel.label)
      return panel
    }
    return { ...panel, label: null }
  })
}
