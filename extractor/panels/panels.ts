import type { Panel, Region } from '../../data/records/document.ts'
import { type Picture, readingOrder } from '../figures/pictures.ts'
import { height, rounded, width } from '../pdf/geometry.ts'
import { bindLetters, type Cell, type Letter } from './bind.ts'
import { captionLetters } from './caption-letters.ts'
import { splitEvenly } from './even-grid.ts'
import { readLetters } from './glyphs.ts'
import { type Box, type Grey, greyOf, isPictureLike, splitByGutters } from './gutters.ts'
import { reduce } from './reduce.ts'

export interface FoundPanel {
  panel: Panel
  /** Its picture's index, and its box there in pixels. */
  picture: number
  box: [number, number, number, number]
}

/** Letters beyond those that the caption names are read up to here. */
const ALPHABET = 'ABCDEFGHIJKLMNOP'
/** Pictures are looked at with sides of about so many pixels at most. */
const LONGEST = 1100

/**
 * Splits a figure into its panels and binds each one's letter: gutters in the pixels and separate pictures give cells;
 * letters come from the text layer, then from the pixels, then, where cells and caption agree in number, from the
 * reading order. No panels where the figure is one picture.
 * @param texts short text-layer pieces in or right beside the figure
 * @param photographic which pictures are scans or photographs rather than drawings
 */
export function panelsOf(
  caption: string,
  page: number,
  pictures: Picture[],
  texts: { text: string; region: Region }[],
  photographic: boolean[] = pictures.map(() => true),
): FoundPanel[] {
  const expected = captionLetters(caption)
  const letters = [...fromText(texts, expected)]
  const small = pictures.map(picture => ({ ...picture, pixels: reduce(picture.pixels, LONGEST).pixels }))
  const cells = cellsOf(small, expected.length, photographic)
  // One picture that nothing names panels of, or a drawing with white strips.
  if (expected.length < 2 && letters.length < 2 && (cells.length < 2 || !photographic.includes(true)))
    return []
  const plain = expected.filter(name => name.length === 1)
  const wanted = new Set(plain.length > 0 ? plain : ALPHABET)
  if (letters.length < Math.max(2, expected.length)) {
    const seen = new Set(letters.map(letter => letter.name))
    for (const [i, picture] of small.entries())
      for (const read of readLetters(picture.pixels, wanted))
        if (!seen.has(read.letter))
          letters.push({
            name: read.letter,
            region: onPage(read.box, picture),
            source: 'pixels',
            score: read.score,
            picture: i,
          })
  }
  let bound = bindLetters(cells, letters, expected)
  // The caption's letters may be another figure's or a sentence's: where none is drawn, an even grid is split all the same.
  if (bound.length === 0 && letters.length === 0) bound = bindLetters(cellsOf(small, 0, photographic), [], [])
  return readingOrder(bound.map(part => ({ ...part, region: part.region }))).map(
    ({ label, region, cells: own }) => {
      const picture = own[0]!.picture
      return {
        panel: { label, page, region: rounded(region) },
        picture,
        box: inPixels(region, pictures[picture]!),
      }
    },
  )
}

/** Thickest gutters tried, as shares of the picture's side, the surest first. */
const THICKNESSES = [0.035, 0.07, 0.15, 1]

/**
 * The cells of a figure's pictures. Where the caption says how many panels there are, gutters are taken as thick as
 * gives that number; else only thin ones.
 */
function cellsOf(pictures: Picture[], names: number, photographic: boolean[]): Cell[] {
  const greys = pictures.map(picture => greyOf(picture.pixels))
  const cellsBy = (split: (grey: Grey) => Box[]) =>
    readingOrder(
      pictures.flatMap((picture, index) =>
        split(greys[index]!).map(box => ({
          region: onPage(box, picture),
          picture: index,
          pictureLike: isPictureLike(greys[index]!, box) || (photographic[index] ?? false),
        })),
      ),
    )
  if (names < 2) return cellsBy(grey => splitEvenly(grey) ?? splitByGutters(grey, THICKNESSES[0]!))
  if (pictures.length === names)
    return pictures.map((picture, index) => ({ region: picture.region, picture: index, pictureLike: true }))
  if (names % pictures.length === 0) {
    const even = cellsBy(
      grey => splitEvenly(grey, names / pictures.length) ?? [[0, 0, grey.width, grey.height]],
    )
    if (even.length === names && even.every(cell => cell.pictureLike)) return even
  }
  const tried = THICKNESSES.map(thickest => cellsBy(grey => splitByGutters(grey, thickest)))
  return (
    tried.find(cells => cells.length === names) ??
    tried.find(cells => cells.filter(cell => cell.pictureLike).length === names) ??
    tried[2]!
  )
}

/** A panel's letter in the text layer: alone ("A", "(b)", "C."), or at the start of its own line ("(a) Axial view"). */
function fromText(texts: { text: string; region: Region }[], expected: string[]): Letter[] {
  const letters: Letter[] = []
  for (const { text, region } of texts) {
    const alone = /^\s*[([]?\s*([A-Pa-p]\d{0,2})\s*[)\].:]?\s*$/.exec(text)
    const leading = /^\s*(?:\(\s*([A-Pa-p]\d{0,2})\s*\)|([A-Pa-p]\d{0,2})\))\s*\S/.exec(text)
    const name = (alone?.[1] ?? leading?.[1] ?? leading?.[2])?.toUpperCase()
    if (!name || (expected.length > 0 && !expected.includes(name))) continue
    letters.push({ name, region, source: 'text', score: alone ? 1 : 0.9 })
  }
  return letters
}

function onPage([x0, y0, x1, y1]: [number, number, number, number], { region, pixels }: Picture): Region {
  const perX = width(region) / pixels.width
  const perY = height(region) / pixels.height
  return [region[0] + x0 * perX, region[1] + y0 * perY, region[0] + x1 * perX, region[1] + y1 * perY]
}

function inPixels(part: Region, { region, pixels }: Picture): [number, number, number, number] {
  const perX = pixels.width / width(region)
  const perY = pixels.height / height(region)
  const x = (value: number) => Math.min(pixels.width, Math.max(0, Math.round((value - region[0]) * perX)))
  const y = (value: number) => Math.min(pixels.height, Math.max(0, Math.round((value - region[1]) * perY)))
  return [x(part[0]), y(part[1]), x(part[2]), y(part[3])]
}
