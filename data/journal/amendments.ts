import type { CaptionReading, DrawnPanel, MinedCase, PanelLayout } from '../records/case.ts'
import type { ShownPanel } from '../records/panel-findings.ts'

/**
 * What a job added to a case because people changed its figure: readings of corrected captions, and layouts of panels
 * drawn by hand (extractor/mine/amend.ts). The acts decide which of them holds, so that an undo and a redo need no job.
 */

/** What is mined of a caption's text: of the mined text what was mined with it, of a corrected one its reading. */
export function readingsOf(mined: MinedCase): (text: string) => CaptionReading | undefined {
  const own: CaptionReading = {
    text: mined.caption,
    covid: { flag: mined.mined.flag, evidence: mined.mined.evidence },
    mentions: mined.mentions,
    skipped: mined.skipped,
    panels: {},
  }
  return text => (text === mined.caption ? own : mined.readings?.find(reading => reading.text === text))
}

export const sameLayout = (a: readonly DrawnPanel[], b: readonly DrawnPanel[]) =>
  JSON.stringify(a) === JSON.stringify(b)

export interface CaseLayout {
  /** The case's place among the panels drawn by hand; null where the mined panels hold, or it has none. */
  here: PanelLayout['here']
  shown: ShownPanel
  /** Whether the case is one of the figure's panels as they stand. */
  stands: boolean
  /** False while the last drawing waits to be cut: until then the panels before it hold. */
  isCut: boolean
}

/**
 * Where a case stands among its figure's panels.
 * @param drawings the `split-panels` acts that stand, in order; an empty one goes back to the mined panels.
 */
export function layoutOf(mined: MinedCase, drawings: readonly (readonly DrawnPanel[])[]): CaseLayout {
  const known = (drawing: readonly DrawnPanel[]) =>
    drawing.length === 0 || mined.layouts?.some(layout => sameLayout(layout.panels, drawing))
  const last = drawings.at(-1)
  const isCut = last === undefined || known(last) === true
  const holds = drawings.findLast(known)
  if (holds === undefined || holds.length === 0)
    return {
      here: null,
      shown: { label: mined.panel, wholeFigure: mined.figureImage === undefined },
      stands: mined.drawn === undefined,
      isCut,
    }
  const here = mined.layouts?.find(layout => sameLayout(layout.panels, holds))?.here ?? null
  return {
    here,
    shown: { label: here ? here.panel : mined.panel, wholeFigure: holds.length === 1 },
    stands: here !== null,
    isCut,
  }
}
