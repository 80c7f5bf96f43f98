import type { Region } from '../../data/records/document.ts'
import type { PdfPage } from './document.ts'
import { chain, type Matrix, transformed } from './geometry.ts'
import type { Graphic } from './graphics.ts'
import type { TextItem } from './text.ts'

/** A page in the frame in which most of its text reads from left to right, and the way back to the page as shown. */
export interface ReadingPage extends PdfPage {
  /** A region of the reading frame in the page as shown. */
  shown(region: Region): Region
}

/**
 * Pages shown sideways (a landscape page without its /Rotate, a turned table) are read turned by quarter turns.
 * @param quarters how often the text's direction is turned clockwise on the page as shown, 0…3
 */
export function readingPage(page: PdfPage, quarters: number): ReadingPage {
  if (quarters === 0) return { ...page, shown: region => region }
  const { width: w, height: h } = page
  // From the page as shown to the reading frame, and back.
  const [to, back] = (
    [
      undefined,
      [
        [0, -1, 1, 0, 0, w],
        [0, 1, -1, 0, w, 0],
      ],
      [
        [-1, 0, 0, -1, w, h],
        [-1, 0, 0, -1, w, h],
      ],
      [
        [0, 1, -1, 0, h, 0],
        [0, -1, 1, 0, 0, h],
      ],
    ] as const
  )[quarters] as unknown as [Matrix, Matrix]
  const read: ReadingPage = {
    ...page,
    width: quarters === 2 ? w : h,
    height: quarters === 2 ? h : w,
    shown: region => transformed(region, back),
    text: async () => (await page.text()).map(item => turnedItem(item, quarters, to)),
    graphics: async () => (await page.graphics()).map(graphic => turnedGraphic(graphic, to)),
    render: async (region, dpi) => turnedPixels(await page.render(transformed(region, back), dpi), quarters),
  }
  return read
}

/** How often the direction of most text is turned clockwise, in quarter turns. */
export function quartersOf(items: TextItem[]): number {
  const letters = [0, 0, 0, 0]
  for (const item of items) {
    const quarter = (((item.angle / 90) % 4) + 4) % 4
    if (Number.isInteger(quarter)) letters[quarter]! += item.text.length
  }
  const all = letters.reduce((sum, n) => sum + n, 0)
  const most = letters.indexOf(Math.max(...letters))
  return letters[most]! > 0.7 * all && all > 40 ? most : 0
}

function turnedItem(item: TextItem, quarters: number, to: Matrix): TextItem {
  const region = transformed(item.region, to)
  let angle = item.angle - 90 * quarters
  if (angle <= -180) angle += 360
  if (angle > 180) angle -= 360
  // A baseline is known for upright text only: a fifth of the height is under it.
  const baseline = angle === 0 ? region[3] - 0.2 * (region[3] - region[1]) : region[3]
  return { ...item, region, angle, baseline }
}

function turnedGraphic(graphic: Graphic, to: Matrix): Graphic {
  const region = transformed(graphic.region, to)
  return graphic.kind === 'image'
    ? { ...graphic, region, matrix: chain(graphic.matrix, to) }
    : { ...graphic, region }
}

/** Pixels of the page as shown, turned back so that its text reads from left to right. */
function turnedPixels({ data, width, height }: Awaited<ReturnType<PdfPage['render']>>, quarters: number) {
  const w = quarters === 2 ? width : height
  const h = quarters === 2 ? height : width
  const out = new Uint8Array(w * h * 3)
  for (let y = 0, j = 0; y < h; y++)
    for (let x = 0; x < w; x++, j += 3) {
      const [u, v] =
        quarters === 1
          ? [width - 1 - y, x]
          : quarters === 2
            ? [width - 1 - x, height - 1 - y]
            : [y, height - 1 - x]
      const i = (v! * width + u!) * 3
      out[j] = data[i]!
      out[j + 1] = data[i + 1]!
      out[j + 2] = data[i + 2]!
    }
  return { data: out, width: w, height: h }
}
