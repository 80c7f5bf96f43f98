import type { DrawnPanel, MinedCase } from './case.ts'
import type { Figure, FigureImage, Panel, Region } from './document.ts'

type Box = DrawnPanel['box']

/** Of the parts of a figure, in the order of its cases, the place in the figure's picture; null where it has none. */
export function panelBoxes(figure: Pick<Figure, 'images' | 'panels' | 'region' | 'page'>): (Box | null)[] {
  const parts = partsOf(figure)
  const [only, ...others] = figure.images
  const whole = only && others.length === 0 ? only : figure
  return parts.map(part => (part.page === whole.page ? boxIn(part.region, whole.region) : null))
}

/** What the miner took each of these parts for. */
export const panelKinds = (figure: Pick<Figure, 'images' | 'panels'>): FigureImage['kind'][] =>
  partsOf(figure).map(part => ('image' in part ? part.image?.kind : (part as FigureImage).kind))

function partsOf({ panels, images }: Pick<Figure, 'images' | 'panels'>): readonly (Panel | FigureImage)[] {
  const pictured = panels.filter(panel => panel.image)
  return pictured.length > 0 ? pictured : images
}

function boxIn([x0, y0, x1, y1]: Region, [left, top, right, bottom]: Region): Box | null {
  const share = (at: number, from: number, to: number) =>
    Math.round(Math.min(1, Math.max(0, (at - from) / (to - from))) * 1e4) / 1e4
  const box: Box = [
    share(x0, left, right),
    share(y0, top, bottom),
    share(x1, left, right),
    share(y1, top, bottom),
  ]
  return box[2] > box[0] && box[3] > box[1] ? box : null
}

/** How far the sides of a box may lie apart, as a share of the picture, to be the same panel still. */
const SAME_PANEL = 0.006

export const sameBox = (a: Box, b: Box) => a.every((side, i) => Math.abs(side - b[i]!) <= SAME_PANEL)

/** The picture that a figure's panels are drawn on; null where its cases are pictures with nothing around them. */
export function figurePicture(
  mined: readonly Pick<MinedCase, 'figureImage' | 'image' | 'imageFile' | 'drawn'>[],
): { id: string; file: string } | null {
  const whole = mined.find(each => each.figureImage)?.figureImage
  if (whole) return whole
  const own = mined.filter(each => !each.drawn)
  const [only] = own
  return only && own.length === 1 ? { id: only.image, file: only.imageFile } : null
}
