import { encodePng, imageId, type Pixels } from '../../data/workspace/images.ts'
import type { PictureSink } from '../figures/read-figures.ts'

/** A picture to be put into images/ under its name; the same pixels give the same name and bytes. */
export interface MinedPicture {
  file: string
  /** PNG, or the JPEG that the document holds it as. */
  bytes: Uint8Array
}

/** Collects a document's pictures, each once, without those that lie in images/ already: encoding is what costs. */
export function pictureKeeper(isThere?: (file: string) => boolean): {
  keep: PictureSink
  pictures(): MinedPicture[]
} {
  const pictures = new Map<string, MinedPicture>()
  return {
    async keep(pixels: Pixels, _name: string, jpeg?: Uint8Array) {
      const id = imageId(pixels)
      const names = [`${id}.png`, `${id}.jpg`]
      // The same pixels are kept once, in whatever file they came first.
      const there = names.find(file => pictures.has(file) || isThere?.(file))
      if (there) return { id, file: there }
      const file = `${id}.${jpeg ? 'jpg' : 'png'}`
      pictures.set(file, { file, bytes: jpeg ?? (await encodePng(pixels)) })
      return { id, file }
    },
    pictures: () => [...pictures.values()],
  }
}
