import type { Region } from '../../data/records/document.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import type { PdfPage } from '../pdf/document.ts'
import { area, height, intersection, overlapX, overlapY, transformed, union, width } from '../pdf/geometry.ts'
import type { PaintedImage } from '../pdf/graphics.ts'
import type { Cluster } from './clusters.ts'

/** A picture of a figure with its pixels. */
export interface Picture {
  region: Region
  pixels: Pixels
  /** Set where it is a rendering of the page. */
  renderedDpi?: number
  /** The JPEG it is stored as in the file, where it is shown just so; `pixels` are what that decodes to. */
  jpeg?: Uint8Array
}

/** Dots per inch of vector and mixed figures: a single-column figure gives about 650 pixels of width. */
export const RENDER_DPI = 200
const MOST_RENDERED_PIXELS = 16_000_000
/** A figure of more painted pictures than this is drawn of them (icons, dots), not made up of them. */
const MOST_IMAGES = 40
const COVERED = 0.5

/**
 * The pictures of a figure: its image objects, tiles of one picture joined; or, for vector and mixed figures, one
 * rendering of the whole region.
 */
export async function picturesOf(page: PdfPage, region: Region, clusters: Cluster[]): Promise<Picture[]> {
  const images = distinct(
    clusters.flatMap(cluster => cluster.images).filter(image => !image.stencil && area(image.region) > 200),
  )
  const covered = images.reduce((sum, image) => sum + area(image.region), 0) / Math.max(area(region), 1)
  if (images.length === 0 || images.length > MOST_IMAGES || covered < COVERED)
    return [await rendered(page, region)]
  const groups = tiles(images)
  const pictures: Picture[] = []
  for (const group of readingOrder(groups.map(part => ({ part, region: union(part.map(i => i.region))! })))) {
    if (group.part.length === 1) pictures.push(await pictureOf(page, group.part[0]!))
    else pictures.push(await rendered(page, group.region, dpiOf(group.part)))
  }
  return pictures
}

async function pictureOf(page: PdfPage, image: PaintedImage): Promise<Picture> {
  const pixels = await page.pixels(image)
  if (!pixels) return await rendered(page, image.region, dpiOf([image]))
  if (!image.clipped) {
    const jpeg = await page.jpeg(image, pixels)
    return { region: image.region, ...(jpeg ? { pixels: jpeg.pixels, jpeg: jpeg.bytes } : { pixels }) }
  }
  return { region: image.region, pixels: crop(pixels, transformed([0, 0, 1, 1], image.matrix), image.region) }
}

/** The part of a picture's pixels that a region of the page shows. */
export function crop(pixels: Pixels, whole: Region, part: Region): Pixels {
  const shown = intersection(whole, part)
  if (!shown) return pixels
  const perX = pixels.width / width(whole)
  const perY = pixels.height / height(whole)
  const x0 = Math.min(pixels.width - 1, Math.max(0, Math.round((shown[0] - whole[0]) * perX)))
  const y0 = Math.min(pixels.height - 1, Math.max(0, Math.round((shown[1] - whole[1]) * perY)))
  const x1 = Math.max(x0 + 1, Math.min(pixels.width, Math.round((shown[2] - whole[0]) * perX)))
  const y1 = Math.max(y0 + 1, Math.min(pixels.height, Math.round((shown[3] - whole[1]) * perY)))
  const w = x1 - x0
  const data = new Uint8Array(w * (y1 - y0) * 3)
  for (let y = y0; y < y1; y++)
    data.set(pixels.data.subarray((y * pixels.width + x0) * 3, (y * pixels.width + x1) * 3), (y - y0) * w * 3)
  return { data, width: w, height: y1 - y0 }
}

async function rendered(page: PdfPage, region: Region, dpi = RENDER_DPI): Promise<Picture> {
  const most = 72 * Math.sqrt(MOST_RENDERED_PIXELS / Math.max(area(region), 1))
  const used = Math.max(20, Math.round(100 * Math.min(dpi, most)) / 100)
  return { region, pixels: await page.render(region, used), renderedDpi: used }
}

/** The resolution of painted pictures along their own sides, in dots per inch. */
const dpiOf = (images: PaintedImage[]) =>
  Math.min(
    600,
    Math.max(
      ...images.flatMap(({ width: w, height: h, matrix: [a, b, c, d] }) => [
        (72 * w) / Math.max(1, Math.hypot(a, b)),
        (72 * h) / Math.max(1, Math.hypot(c, d)),
      ]),
    ) || RENDER_DPI,
  )

/** One picture painted twice at a place (with a mask, as a shadow) counts once: what is on top. */
function distinct(images: PaintedImage[]): PaintedImage[] {
  return images.filter(
    (image, i) =>
      !images.some((other, j) => {
        const shared = intersection(image.region, other.region)
        if (j <= i || !shared) return false
        return area(shared) > 0.92 * area(image.region) && area(image.region) > 0.8 * area(other.region)
      }),
  )
}

/**
 * Groups the tiles that one picture was cut into: strips of equal width that touch. Panels that touch are squarish
 * and few; strips are flat or many.
 */
function tiles(images: PaintedImage[]): PaintedImage[][] {
  const groups = images.map(image => [image])
  const touching = (a: PaintedImage, b: PaintedImage) => {
    const stacked =
      Math.abs(a.region[0] - b.region[0]) < 0.8 &&
      Math.abs(a.region[2] - b.region[2]) < 0.8 &&
      Math.abs(overlapY(a.region, b.region)) < 0.8
    const inRow =
      Math.abs(a.region[1] - b.region[1]) < 0.8 &&
      Math.abs(a.region[3] - b.region[3]) < 0.8 &&
      Math.abs(overlapX(a.region, b.region)) < 0.8
    const flat = (r: Region) => width(r) > 3 * height(r)
    const slim = (r: Region) => height(r) > 3 * width(r)
    return (stacked && (flat(a.region) || flat(b.region))) || (inRow && (slim(a.region) || slim(b.region)))
  }
  for (let again = true; again; ) {
    again = false
    search: for (let i = 0; i < groups.length; i++)
      for (let j = i + 1; j < groups.length; j++)
        if (groups[i]!.some(a => groups[j]!.some(b => touching(a, b)))) {
          groups[i]!.push(...groups.splice(j, 1)[0]!)
          again = true
          break search
        }
  }
  return groups
}

/** Rows from the top, each from the left: two things stand in a row where half of the lower one's height overlaps. */
export function readingOrder<T extends { region: Region }>(items: T[]): T[] {
  const rows: T[][] = []
  for (const item of [...items].sort((a, b) => a.region[1] - b.region[1])) {
    const row = rows.find(r =>
      r.some(
        other =>
          overlapY(other.region, item.region) > 0.5 * Math.min(height(other.region), height(item.region)),
      ),
    )
    if (row) row.push(item)
    else rows.push([item])
  }
  return rows.flatMap(row => row.sort((a, b) => a.region[0] - b.region[0]))
}
