import type { PaintedImage } from './graphics.ts'
import type { PDFPageProxy } from './pdfjs.ts'
import type { DecodedImage } from './pixels.ts'

/** Wait for a picture's pixels at most so long: pdf.js leaves the promise open where decoding failed. */
const PIXELS_WITHIN_MS = 20_000
/** And so long once one of the document has failed to come, so that a hundred damaged pictures don't take an hour. */
const AFTER_ONE_FAILED_MS = 1000

/** The pictures of one document as pdf.js has decoded them. */
export class DecodedImages {
  #patience = PIXELS_WITHIN_MS

  /** Undefined where the pixels can't be had, or not on their own: the page is rendered then. */
  async of(page: PDFPageProxy, image: PaintedImage): Promise<DecodedImage | undefined> {
    if (image.stencil) return undefined
    if ('inline' in image.source) {
      const inline = image.source.inline as DecodedImage & {
        part?: { x: number; y: number; w: number; h: number }
      }
      // A part of a sheet that pdf.js joined of many small pictures is rendered instead.
      return inline.part || !inline.data ? undefined : inline
    }
    const id = image.source.object
    const objects = id.startsWith('g_') ? page.commonObjs : page.objs
    return await new Promise(resolve => {
      const timer = setTimeout(() => {
        this.#patience = AFTER_ONE_FAILED_MS
        resolve(undefined)
      }, this.#patience)
      objects.get(id, (data: unknown) => {
        clearTimeout(timer)
        resolve((data ?? undefined) as DecodedImage | undefined)
      })
    })
  }
}
