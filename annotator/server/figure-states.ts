import type { CaseState } from '../../data/records/case.ts'
import type { DocumentRecord } from '../../data/records/document.ts'
import { figurePicture, panelBoxes } from '../../data/records/figure-panels.ts'
import type { FigurePanel, FigureState } from './replies.ts'

/**
 * The figures of a document as they stand, in the order of the record, then those that only cases name (tables).
 * @param states all cases of the document, those that panels drawn by hand leave out too
 */
export function figuresOf(document: DocumentRecord | null, states: readonly CaseState[]): FigureState[] {
  const byLabel = new Map<string, CaseState[]>()
  for (const state of states) {
    const label = state.figure ?? state.id
    const own = byLabel.get(label)
    if (own) own.push(state)
    else byLabel.set(label, [state])
  }
  const labels = new Set([...(document?.figures ?? []).map(figure => figure.label), ...byLabel.keys()])
  return [...labels].map(label => figureState(label, document, byLabel.get(label) ?? []))
}

function figureState(
  label: string,
  document: DocumentRecord | null,
  states: readonly CaseState[],
): FigureState {
  const figure = document?.figures.find(each => each.label === label)
  const standing = states.filter(state => !state.retired).sort((a, b) => a.order - b.order)
  const first = standing[0] ?? states[0]
  const picture = figurePicture(states) ?? onlyPicture(figure)
  const drawn = first?.amending ? undefined : first?.panels
  const mined = figure ? panelBoxes(figure) : standing.length === 1 ? [[0, 0, 1, 1] as const] : []
  return {
    label,
    caption: first?.caption ?? figure?.caption ?? '',
    minedCaption: first?.minedCaption ?? null,
    amending: states.some(state => state.amending),
    act: first ? { case: first.id, version: first.version } : null,
    picture,
    panels: standing.map((state): FigurePanel => {
      const box = drawn ? drawn[state.order]?.box : mined[state.order]
      return {
        label: state.panel,
        box: box ? [box[0], box[1], box[2], box[3]] : null,
        case: state.id,
        version: state.version,
        imageFile: state.imageFile,
        kind: state.kind.kind,
        labelled: state.labels.length > 0,
      }
    }),
    isDrawn: drawn !== undefined,
  }
}

function onlyPicture(figure: DocumentRecord['figures'][number] | undefined): FigureState['picture'] {
  const [only, ...others] = figure?.images ?? []
  return only && others.length === 0 ? { id: only.id, file: only.file } : null
}
