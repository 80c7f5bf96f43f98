import { messageOf } from '../../data/errors.ts'
import type { Figure, FigureImage, MinedFigures } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import type { PdfDocument } from '../pdf/document.ts'
import { rounded } from '../pdf/geometry.ts'
import { figuresOf } from './document-figures.ts'
import type { PageText } from './layout.ts'
import type { Pairing } from './pairing.ts'
import { type Picture, picturesOf } from './pictures.ts'

/** Where pictures go: given a picture's pixels, its identity and the file it lies in. */
export type PictureSink = (pixels: Pixels, name: string) => Promise<{ id: string; file: string }>

export interface ReadFigures extends MinedFigures {
  /** The text of every page, for the front matter. */
  text: PageText[]
}

/** The figures of a PDF with their pictures given to `sink`. A figure that fails is reported and left out. */
export async function readFigures(
  document: PdfDocument,
  sink: PictureSink,
  options: RunOptions = {},
): Promise<ReadFigures> {
  const { pages, pairings, skipped } = await figuresOf(document, options)
  const figures: Figure[] = []
  for (const [i, pairing] of pairings.entries()) {
    options.signal?.throwIfAborted()
    options.onProgress?.({
      step: 'taking pictures',
      done: figures.length,
      total: pairings.length,
      detail: `${document.name}, ${pairing.caption.label}`,
    })
    try {
      figures.push(await figureOf(document, pairing, sink))
      if (!pairing.region)
        skipped.push({
          page: pairing.caption.page,
          reason: `${pairing.caption.label}: no picture found for its caption`,
        })
    } catch (error) {
      options.signal?.throwIfAborted()
      figures.push(withoutPicture(pairing))
      skipped.push({
        page: pairing.page,
        reason: `${pairing.caption.label}: its picture can't be read: ${messageOf(error)}`,
      })
    }
    if (pairings[i + 1]?.page !== pairing.page) (await document.page(pairing.page)).release()
  }
  return { pages: document.pages, figures, skipped, text: pages }
}

async function figureOf(document: PdfDocument, pairing: Pairing, sink: PictureSink): Promise<Figure> {
  const { caption, region } = pairing
  if (!region) return withoutPicture(pairing)
  const page = await document.page(pairing.page)
  const pictures = await picturesOf(page, region, pairing.clusters)
  const images: FigureImage[] = []
  for (const [i, picture] of pictures.entries())
    images.push(await imageOf(picture, pairing.page, `${caption.label} ${i + 1}`, sink))
  return { ...withoutPicture(pairing), images }
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

async function imageOf(
  picture: Picture,
  page: number,
  name: string,
  sink: PictureSink,
): Promise<FigureImage> {
  const { id, file } = await sink(picture.pixels, name)
  return {
    id,
    file,
    page,
    region: rounded(picture.region),
    width: picture.pixels.width,
    height: picture.pixels.height,
    ...(picture.renderedDpi ? { renderedDpi: picture.renderedDpi } : {}),
  }
}
