import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import type { Region } from '../../data/records/document.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import { restoreBuiltins } from './builtins.ts'
import { DecodedImages } from './decoded-images.ts'
import { height, type Matrix, width } from './geometry.ts'
import { type Graphic, graphicsOf, type PaintedImage } from './graphics.ts'
import { type JpegPicture, JpegStreams } from './jpeg.ts'
import { AnnotationMode, getDocument, ImageKind, type PDFDocumentProxy, type PDFPageProxy } from './pdfjs.ts'
import { isUpright, rgbOf, upright, withoutAlpha } from './pixels.ts'
import { type TextItem, textItems } from './text.ts'

/** One page; all regions in points from its top left, as shown (its crop box, after its rotation). */
export interface PdfPage {
  /** From 1. */
  readonly number: number
  readonly width: number
  readonly height: number
  text(): Promise<TextItem[]>
  /** Visible pictures and paths; costs the decoding of the page's pictures. */
  graphics(): Promise<Graphic[]>
  /** The pixels of a picture of this page, turned as shown; undefined where they can't be had (render it then). */
  pixels(image: PaintedImage): Promise<Pixels | undefined>
  /**
   * The JPEG that a picture of this page is stored as, with what it decodes to; undefined where it is stored otherwise,
   * or where the page shows it turned, mirrored, masked or in other colours.
   * @param pixels as `pixels` gave them
   */
  jpeg(image: PaintedImage, pixels: Pixels): Promise<JpegPicture | undefined>
  /** A part of the page, drawn. */
  render(region: Region, dpi: number): Promise<Pixels>
  /** Frees what pdf.js keeps of the page. */
  release(): void
}

export interface PdfDocument {
  readonly name: string
  readonly pages: number
  /** Title and the like as the file's own metadata give them: often missing or wrong. */
  readonly info: { title?: string; doi?: string }
  page(number: number): Promise<PdfPage>
}

const distribution = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))
const resource = (folder: string) => `${join(distribution, folder)}/`
const IMAGE_PIXEL_LIMIT = 100_000_000
/** No paper or book has as many; a file of a few megabytes may say that it has millions. */
const PAGE_LIMIT = 10_000
/** Points a side that a page may have: 200 inches, as much as other readers show (ISO 32000-1, annex C). */
const SIDE_LIMIT = 14_400

/**
 * Opens a PDF, lets `use` work with it, and always closes it.
 * @throws LesionloopError `pdf-empty`, `pdf-not-a-pdf`, `pdf-truncated`, `pdf-encrypted`, `pdf-damaged`, `pdf-too-long`, `pdf-page-size`.
 */
export async function withPdf<T>(
  bytes: Uint8Array,
  name: string,
  use: (document: PdfDocument) => Promise<T>,
): Promise<T> {
  refuse(bytes, name)
  const task = getDocument({
    // pdf.js takes the buffer over: give it a copy.
    data: new Uint8Array(bytes),
    verbosity: 0,
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    standardFontDataUrl: resource('standard_fonts'),
    cMapUrl: resource('cmaps'),
    cMapPacked: true,
    wasmUrl: resource('wasm'),
    iccUrl: resource('iccs'),
    maxImageSize: IMAGE_PIXEL_LIMIT,
    enableXfa: false,
  })
  try {
    const document = await task.promise.catch(error => {
      throw openingError(error, name)
    })
    // The first document loads the other half of pdf.js.
    restoreBuiltins()
    if (document.numPages === 0)
      throw new LesionloopError('pdf-damaged', `pdf: ${name}: no page: expected at least one; fetch it again`)
    if (document.numPages > PAGE_LIMIT)
      throw new LesionloopError(
        'pdf-too-long',
        `pdf: ${name}: ${document.numPages} pages: expected at most ${PAGE_LIMIT}; split it`,
      )
    return await use(await describe(document, name, new JpegStreams(bytes)))
  } finally {
    await task.destroy()
  }
}

function refuse(bytes: Uint8Array, name: string) {
  if (bytes.length === 0)
    throw new LesionloopError('pdf-empty', `pdf: ${name}: 0 bytes: expected a PDF; fetch it again`)
  const text = (from: number, to: number) =>
    Buffer.from(bytes.subarray(Math.max(0, from), to)).toString('latin1')
  if (!text(0, 1024).includes('%PDF-'))
    throw new LesionloopError(
      'pdf-not-a-pdf',
      `pdf: ${name}: not a PDF (no %PDF- at its start); give a PDF, or a caption file ending in .jsonl, .csv or .txt`,
    )
  const end = text(bytes.length - 16_384, bytes.length)
  if (!end.includes('%%EOF') && !end.includes('startxref'))
    throw new LesionloopError(
      'pdf-truncated',
      `pdf: ${name}: ends in the middle (${bytes.length} bytes, no %%EOF): the download was cut off; fetch it again`,
    )
}

function openingError(error: unknown, name: string): LesionloopError {
  const kind = error instanceof Error ? error.name : ''
  if (kind === 'PasswordException')
    return new LesionloopError(
      'pdf-encrypted',
      `pdf: ${name}: encrypted; remove its password and mine it again`,
      {},
      { cause: error },
    )
  return new LesionloopError(
    'pdf-damaged',
    `pdf: ${name}: can't be opened (${messageOf(error)}); open it in a viewer and print it to a new PDF, or fetch it again`,
    {},
    { cause: error },
  )
}

async function describe(document: PDFDocumentProxy, name: string, jpegs: JpegStreams): Promise<PdfDocument> {
  // One page object a page: what was walked stays known until it is released.
  const open = new Map<number, Promise<PdfPage>>()
  const images = new DecodedImages()
  const metadata = await document.getMetadata().catch(() => undefined)
  const own = (metadata?.info ?? {}) as Record<string, unknown>
  const xmp = metadata?.metadata as { get(key: string): unknown } | null | undefined
  const word = (value: unknown) => (typeof value === 'string' && value.trim() ? value.trim() : undefined)
  const title = word(xmp?.get('dc:title')) ?? word(own['Title'])
  const doi =
    word(xmp?.get('prism:doi')) ??
    word(xmp?.get('pdfx:doi')) ??
    word((own['Custom'] as Record<string, unknown> | undefined)?.['doi'])
  return {
    name,
    pages: document.numPages,
    info: { ...(title ? { title } : {}), ...(doi ? { doi } : {}) },
    page: number => {
      const known =
        open.get(number) ??
        document
          .getPage(number)
          .then(page => openPage(page, number, document.canvasFactory as CanvasFactory, jpegs, images))
      open.set(number, known)
      return known
    },
  }
}

/** pdf.js draws on the canvas that it brings along; one of another release doesn't take its paths. */
interface CanvasFactory {
  create(
    width: number,
    height: number,
  ): {
    canvas: object
    context: { getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray } }
  }
  destroy(made: object): void
}

function openPage(
  page: PDFPageProxy,
  number: number,
  canvases: CanvasFactory,
  jpegs: JpegStreams,
  images: DecodedImages,
): PdfPage {
  const viewport = page.getViewport({ scale: 1 })
  if (!(viewport.width <= SIDE_LIMIT && viewport.height <= SIDE_LIMIT))
    throw new LesionloopError(
      'pdf-page-size',
      `pdf: page ${number}: ${Math.round(viewport.width)} × ${Math.round(viewport.height)} points: expected at most ${SIDE_LIMIT} a side; print it to pages of a usual size`,
    )
  const toShown = viewport.transform as Matrix
  // Walking the operator list is what makes pdf.js decode the page's pictures.
  let walked: Promise<Graphic[]> | undefined
  let text: Promise<TextItem[]> | undefined
  const walk = () => {
    walked ??= page
      .getOperatorList({ annotationMode: AnnotationMode.DISABLE })
      .then(list => graphicsOf(list, toShown, [0, 0, viewport.width, viewport.height]))
    return walked
  }
  return {
    number,
    width: viewport.width,
    height: viewport.height,
    text: () => {
      text ??= page.getTextContent().then(({ items, styles }) => textItems(items, styles, toShown))
      return text
    },
    graphics: walk,
    pixels: async image => {
      await walk()
      const decoded = await images.of(page, image)
      const rgb = decoded && rgbOf(decoded)
      return rgb && upright(rgb, image.matrix)
    },
    jpeg: async (image, pixels) => {
      if (image.clipped || !isUpright(image.matrix)) return undefined
      const decoded = await images.of(page, image)
      // Four channels: a mask was laid over it.
      if (!decoded?.ref || decoded.kind === ImageKind.RGBA_32BPP) return undefined
      return await jpegs.matching(decoded.ref, pixels)
    },
    render: async (region, dpi) => {
      const scale = dpi / 72
      const w = Math.max(1, Math.round(width(region) * scale))
      const h = Math.max(1, Math.round(height(region) * scale))
      if (!(w * h <= IMAGE_PIXEL_LIMIT))
        throw new LesionloopError(
          'pdf-page-size',
          `pdf: page ${number}: ${w} × ${h} pixels to draw: expected at most ${IMAGE_PIXEL_LIMIT / 1e6} million; print it to pages of a usual size`,
        )
      const made = canvases.create(w, h)
      const { canvas, context } = made
      await page.render({
        canvas: canvas as never,
        canvasContext: context as never,
        viewport: page.getViewport({ scale, offsetX: -region[0] * scale, offsetY: -region[1] * scale }),
        annotationMode: AnnotationMode.DISABLE,
        background: '#ffffff',
      }).promise
      const { data } = context.getImageData(0, 0, w, h)
      canvases.destroy(made)
      return { data: withoutAlpha(data), width: w, height: h }
    },
    release: () => {
      walked = undefined
      text = undefined
      page.cleanup()
    },
  }
}
