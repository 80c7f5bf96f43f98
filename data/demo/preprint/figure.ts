import type { Region } from '../../records/document.ts'
import type { ImageKind } from '../../records/vocabulary.ts'
import type { Random } from '../random.ts'
import { drawChart, drawDiagram } from './drawings.ts'
import {
  blankImage,
  burnArrow,
  burnText,
  type Encoding,
  encodeImage,
  pasteImage,
  type RasterImage,
} from './raster.ts'
import { breakLines, heightOf, type Line, type Pdf, round, type Style, setLines } from './typesetter.ts'

export interface PanelPicture {
  /** As printed: `A`, `(a)`, `B2`; null where no letter is printed. */
  printed: string | null
  width: number
  height: number
  pixels: Uint8Array
  /** Pixel that a burned-in arrow points at. */
  arrowAt?: { x: number; y: number }
}

export type LetterPlace = 'pixels' | 'text-inside' | 'text-above' | 'text-below' | 'none'

/** How a figure is built: its pictures, its grid, its caption, and where each goes. */
export interface FigurePlan {
  kind: ImageKind
  panels: PanelPicture[]
  /** For a picture that is no CT: its raster, or none where it is drawn in vectors. */
  raster?: RasterImage
  columns: number
  /** One image for the whole grid, or one for each panel. */
  tiled: boolean
  gutter: number
  gutterShade: number
  letters: LetterPlace
  encoding: Encoding
  /** "Figure 1." as printed, set bold in front of the caption or on a line of its own. */
  printedLabel: string
  labelOwnLine: boolean
  caption: string
  captionPlace: 'below' | 'above' | 'beside'
  /** Share of the width given that the picture takes. */
  share: number
  /** Side markers R and L burned into the pixels, as scanners do. */
  markers: boolean
}

/** Where everything of a figure came to lie, in points from the page's top left. */
export interface PlacedFigure {
  region: Region
  captionRegion: Region
  images: { region: Region; width: number; height: number; encoding: Encoding }[]
  panels: { region: Region; image: number; box: [number, number, number, number] }[]
}

export interface MeasuredFigure {
  height: number
  place(x: number, y: number): Promise<PlacedFigure>
  /** Picture and caption apart, for captions that stand on another page. */
  pictureHeight: number
  placePicture(x: number, y: number): Promise<Omit<PlacedFigure, 'captionRegion'>>
  captionHeight: number
  placeCaption(x: number, y: number): Region
}

const LETTER_SPACE = 11

/** Measures a figure for a width in points; nothing is set before `place`. */
export function measureFigure(
  pdf: Pdf,
  plan: FigurePlan,
  width: number,
  style: Style,
  random: Random,
  onLine?: (top: number) => void,
): MeasuredFigure {
  const beside = plan.captionPlace === 'beside'
  const pictureWidth = beside ? width * 0.56 : width * plan.share
  const captionWidth = beside ? width * 0.4 : width
  const label = plan.printedLabel
    .split(' ')
    .map(word => `**${word}**`)
    .join(' ')
  const lines: Line[] = plan.labelOwnLine
    ? [...breakLines(pdf, label, captionWidth, style), ...breakLines(pdf, plan.caption, captionWidth, style)]
    : breakLines(pdf, `${label} ${plan.caption}`, captionWidth, style)
  const captionHeight = heightOf(lines, style)
  const grid = gridOf(plan, pictureWidth)
  const pictureHeight = grid.height
  const gap = 9
  const placeCaption = (x: number, y: number) => setLines(pdf, lines, x, y, captionWidth, style, onLine)
  const placePicture = (x: number, y: number) =>
    setPicture(pdf, plan, grid, beside ? x : x + (width - pictureWidth) / 2, y, random)
  return {
    height: beside ? Math.max(pictureHeight, captionHeight) : pictureHeight + gap + captionHeight,
    pictureHeight,
    placePicture,
    captionHeight,
    placeCaption,
    async place(x, y) {
      if (plan.captionPlace === 'above') {
        const captionRegion = placeCaption(x, y)
        return { ...(await placePicture(x, y + captionHeight + gap)), captionRegion }
      }
      const picture = await placePicture(x, y)
      const captionRegion = beside
        ? placeCaption(x + width * 0.6, y)
        : placeCaption(x, y + pictureHeight + gap)
      return { ...picture, captionRegion }
    },
  }
}

interface Grid {
  width: number
  height: number
  /** Points a pixel. */
  scale: number
  rows: number
  cell: { width: number; height: number }
  rowStep: number
}

function gridOf(plan: FigurePlan, width: number): Grid {
  if (plan.panels.length === 0) {
    const height = plan.raster ? (width * plan.raster.height) / plan.raster.width : width * 0.55
    return {
      width,
      height,
      scale: plan.raster ? width / plan.raster.width : 1,
      rows: 1,
      cell: { width: 0, height: 0 },
      rowStep: 0,
    }
  }
  const cell = { width: plan.panels[0]!.width, height: plan.panels[0]!.height }
  const rows = Math.ceil(plan.panels.length / plan.columns)
  const scale = width / (plan.columns * cell.width + (plan.columns - 1) * plan.gutter)
  const letters = plan.letters === 'text-above' || plan.letters === 'text-below' ? LETTER_SPACE : 0
  const rowStep = (cell.height + plan.gutter) * scale + letters
  return { width, height: rows * rowStep - plan.gutter * scale, scale, rows, cell, rowStep }
}

async function setPicture(
  pdf: Pdf,
  plan: FigurePlan,
  grid: Grid,
  x: number,
  y: number,
  random: Random,
): Promise<Omit<PlacedFigure, 'captionRegion'>> {
  const region: Region = [round(x), round(y), round(x + grid.width), round(y + grid.height)]
  if (plan.panels.length === 0) {
    if (plan.raster) {
      pdf.image(await encodeImage(plan.raster, plan.encoding), x, y, {
        width: grid.width,
        height: grid.height,
      })
      return {
        region,
        images: [{ region, width: plan.raster.width, height: plan.raster.height, encoding: plan.encoding }],
        panels: [],
      }
    }
    const ink =
      plan.kind === 'diagram'
        ? drawDiagram(pdf, random, x, y, grid.width, grid.height)
        : drawChart(pdf, random, random.chance(0.5), x, y, grid.width, grid.height)
    return { region: ink.map(round) as Region, images: [], panels: [] }
  }
  const placed: Omit<PlacedFigure, 'captionRegion'> = { region, images: [], panels: [] }
  const { cell, scale } = grid
  const above = plan.letters === 'text-above' ? LETTER_SPACE : 0
  const at = (index: number) => ({
    column: index % plan.columns,
    row: Math.floor(index / plan.columns),
  })
  const regionOf = (index: number): Region => {
    const { column, row } = at(index)
    const left = x + column * (cell.width + plan.gutter) * scale
    const top = y + row * grid.rowStep + above
    return [round(left), round(top), round(left + cell.width * scale), round(top + cell.height * scale)]
  }
  const pixelLetters = plan.letters === 'pixels'
  const burn = (image: RasterImage, picture: PanelPicture, left: number, top: number) => {
    if (plan.markers) {
      burnText(image, { text: 'R', x: left + 5, y: top + cell.height / 2, size: 8, weight: 1.3 }, 235)
      burnText(
        image,
        { text: 'L', x: left + cell.width - 12, y: top + cell.height / 2, size: 8, weight: 1.3 },
        235,
      )
    }
    if (picture.arrowAt)
      burnArrow(
        image,
        { x: left + picture.arrowAt.x, y: top + picture.arrowAt.y },
        { x: left + cell.width / 2, y: top + cell.height / 2 },
      )
    if (pixelLetters && picture.printed)
      burnText(image, { text: picture.printed, x: left + 7, y: top + 7, size: 15, weight: 2.6 }, 255)
  }
  if (plan.tiled && above === 0 && plan.letters !== 'text-below') {
    const width = plan.columns * cell.width + (plan.columns - 1) * plan.gutter
    const height = grid.rows * cell.height + (grid.rows - 1) * plan.gutter
    const image = blankImage(width, height, plan.gutterShade)
    for (const [index, picture] of plan.panels.entries()) {
      const { column, row } = at(index)
      const left = column * (cell.width + plan.gutter)
      const top = row * (cell.height + plan.gutter)
      pasteImage(image, picture, left, top)
      burn(image, picture, left, top)
      placed.panels.push({ region: regionOf(index), image: 0, box: [left, top, cell.width, cell.height] })
    }
    pdf.image(await encodeImage(image, plan.encoding), x, y, { width: grid.width, height: grid.height })
    placed.images.push({ region, width, height, encoding: plan.encoding })
  } else
    for (const [index, picture] of plan.panels.entries()) {
      const image = blankImage(cell.width, cell.height, 0)
      pasteImage(image, picture, 0, 0)
      burn(image, picture, 0, 0)
      const box = regionOf(index)
      pdf.image(await encodeImage(image, plan.encoding), box[0], box[1], {
        width: box[2] - box[0],
        height: box[3] - box[1],
      })
      placed.images.push({ region: box, width: cell.width, height: cell.height, encoding: plan.encoding })
      placed.panels.push({ region: box, image: index, box: [0, 0, cell.width, cell.height] })
    }
  if (plan.letters.startsWith('text'))
    for (const [index, picture] of plan.panels.entries()) {
      if (!picture.printed) continue
      const box = regionOf(index)
      const inside = plan.letters === 'text-inside'
      const top = inside ? box[1] + 3 : above ? box[1] - LETTER_SPACE + 1 : box[3] + 2
      const left = inside || above ? box[0] + 3 : (box[0] + box[2]) / 2 - 4
      pdf
        .font('Helvetica-Bold')
        .fontSize(9)
        .fillColor(inside ? 'white' : 'black')
        .text(picture.printed, left, top, { lineBreak: false })
    }
  return placed
}
