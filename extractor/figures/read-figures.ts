import { messageOf } from '../../data/errors.ts'
import type { Figure, FigureImage, MinedFigures, Panel, Region } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import { kindOf } from '../kinds/kind.ts'
import { panelsOf } from '../panels/panels.ts'
import type { PdfDocument } from '../pdf/document.ts'
import { grow, intersection, rounded } from '../pdf/geometry.ts'
import type { ReadingPage } from '../pdf/turned.ts'
import { figuresOf } from './document-figures.ts'
import type { PageText } from './layout.ts'
import type { Pairing } from './pairing.ts'
import { crop, type Picture, picturesOf } from './pictures.ts'

/**
 * Where pictures go: given a picture's pixels, its identity and the file it lies in.
 * @param jpeg the picture's bytes where the PDF holds it as one JPEG; they decode to `pixels` and may be kept instead
 */
export type PictureSink = (
  pixels: Pixels,
  name: string,
  jpeg?: Uint8Array,
) => Promise<{ id: string; file: string }>

export interface ReadFigures extends MinedFigures {
  /** The text of every page, for the front matter. */
  text: PageText[]
  /** Figures of several panels as a whole, by label; only where asked for. */
  wholes: Map<string, { id: string; file: string }>
}

export interface ReadOptions extends RunOptions {
  /** Gives the whole of a figure of several panels to the sink too. */
  wholes?: boolean
}

/** Dots per inch of a whole figure that is put together of several pictures. */
const WHOLE_DPI = 150

/** The figures of a PDF with their pictures given to `sink`. A figure that fails is reported and left out. */
export async function readFigures(
  document: PdfDocument,
  sink: PictureSink,
  options: ReadOptions = {},
): Promise<ReadFigures> {
  const { pages, pairings, skipped, page } = await figuresOf(document, options)
  const figures: Figure[] = []
  const wholes: ReadFigures['wholes'] = new Map()
  for (const [i, pairing] of pairings.entries()) {
    options.signal?.throwIfAborted()
    options.onProgress?.({
      step: 'taking pictures',
      done: figures.length,
      total: pairings.length,
      detail: `${document.name}, ${pairing.caption.label}`,
    })
    try {
      const on = await page(pairing.page)
      const figure = await figureOf(pairing, pages, on, sink)
      figures.push(asShown(figure, on, await page(pairing.caption.page)))
      if (options.wholes && figure.panels.length > 1) {
        const [only, ...others] = figure.images
        const whole =
          only && others.length === 0
            ? only
            : await sink(await on.render(figure.region, WHOLE_DPI), `${figure.label} whole`)
        wholes.set(figure.label, { id: whole.id, file: whole.file })
      }
      if (!pairing.region)
        skipped.push({
          page: pairing.caption.page,
          reason: `${pairing.caption.label}: no picture found for its caption`,
        })
    } catch (error) {
      options.signal?.throwIfAborted()
      figures.push(
        asShown(withoutPicture(pairing), await page(pairing.page), await page(pairing.caption.page)),
      )
      skipped.push({
        page: pairing.page,
        reason: `${pairing.caption.label}: its picture can't be read: ${messageOf(error)}`,
      })
    }
    if (pairings[i + 1]?.page !== pairing.page) (await page(pairing.page)).release()
  }
  return { pages: document.pages, figures, skipped, text: pages, wholes }
}

/** The figure in the reading frame of its page. */
async function figureOf(
  pairing: Pairing,
  pages: PageText[],
  page: ReadingPage,
  sink: PictureSink,
): Promise<Figure> {
  const { caption, region } = pairing
  if (!region) return withoutPicture(pairing)
  const pictures = await picturesOf(page, region, pairing.clusters)
  const images: FigureImage[] = []
  for (const [i, picture] of pictures.entries())
    images.push(await imageOf(picture, pairing.page, `${caption.label} ${i + 1}`, sink))
  const texts = textsNear(region, pairing, pages)
  const photographic = images.map(({ kind }) => kind?.kind !== 'chart' && kind?.kind !== 'diagram')
  const panels: Panel[] = []
  for (const { panel, picture, box } of panelsOf(caption.text, pairing.page, pictures, texts, photographic)) {
    // White strips run through charts and tables too: without letters they say nothing there.
    if (panel.label === null && !photographic.includes(true)) continue
    const whole = pictures[picture]!
    const part = cropTo(whole, box)
    // A panel that is a picture of its own is that picture.
    const image =
      part === whole
        ? images[picture]!
        : await imageOf(
            part,
            pairing.page,
            `${caption.label} ${panel.label ?? `panel ${panels.length + 1}`}`,
            sink,
          )
    panels.push({ ...panel, image })
  }
  return { ...withoutPicture(pairing), images, panels }
}

/** Short pieces of the text layer in the figure or right beside it: letters, titles of panels. */
function textsNear(region: Region, { page, caption }: Pairing, pages: PageText[]) {
  const near = grow(region, 22)
  const own = new Set(caption.lines)
  const lines = pages.find(text => text.page === page)?.lines ?? []
  return lines
    .filter(line => !own.has(line) && intersection(line.region, near))
    .flatMap(line => {
      const [first] = line.items
      const lettered = first && first.text.trim().length <= 3 && line.items.length > 1
      return lettered ? [{ text: first.text, region: first.region }, line] : [line]
    })
}

/** A picture's part; the picture itself where the part is nearly all of it. */
export function cropTo(picture: Picture, [x0, y0, x1, y1]: [number, number, number, number]): Picture {
  const { width, height } = picture.pixels
  if ((x1 - x0) * (y1 - y0) > 0.97 * width * height) return picture
  const whole: Region = [0, 0, width, height]
  // The JPEG is of the whole, so a part has none.
  const { jpeg: _, ...rest } = picture
  return { ...rest, pixels: crop(picture.pixels, whole, [x0, y0, x1, y1]) }
}

/** The figure as its caption gives it: one whose picture can't be had is a figure still. */
const withoutPicture = ({ page, caption, region }: Pairing): Figure => ({
  page,
  captionPage: caption.page,
  label: caption.label,
  caption: caption.text,
  captionRegion: rounded(caption.region),
  region: rounded(region ?? caption.region),
  images: [],
  panels: [],
})

/** The figure with its regions on the pages as shown; the same where those are not turned. */
function asShown(figure: Figure, page: ReadingPage, captionPage: ReadingPage): Figure {
  const shown = <T extends { region: Region }>(part: T): T => ({
    ...part,
    region: rounded(page.shown(part.region)),
  })
  return {
    ...shown(figure),
    captionRegion: rounded(captionPage.shown(figure.captionRegion)),
    images: figure.images.map(shown),
    panels: figure.panels.map(panel => ({
      ...shown(panel),
      ...(panel.image ? { image: shown(panel.image) } : {}),
    })),
  }
}

async function imageOf(
  picture: Picture,
  page: number,
  name: string,
  sink: PictureSink,
): Promise<FigureImage> {
  const { id, file } = await sink(picture.pixels, name, picture.jpeg)
  return {
    id,
    file,
    page,
    region: rounded(picture.region),
    width: picture.pixels.width,
    height: picture.pixels.height,
    kind: kindOf(picture.pixels),
    ...(picture.renderedDpi ? { renderedDpi: picture.renderedDpi } : {}),
  }
}
