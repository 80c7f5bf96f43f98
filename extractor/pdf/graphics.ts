import type { Region } from '../../data/records/document.ts'
import { chain, intersection, type Matrix, transformed } from './geometry.ts'
import { OPS } from './pdfjs.ts'

/** Where the pixels of a painted picture are: an object of the page, or in the operator itself. */
export type ImageSource = { object: string } | { inline: unknown }

/** A picture as it is painted; `region` is what the clip leaves of it, in points as shown. */
export interface PaintedImage {
  kind: 'image'
  region: Region
  /** From the unit square (v upwards) to the page as shown. */
  matrix: Matrix
  source: ImageSource
  /** Size in pixels as stored. */
  width: number
  height: number
  /** True where a clip leaves only a part of it. */
  clipped: boolean
  /** A stencil painted in one colour (scanned line art, glyphs) rather than a picture of its own colours. */
  stencil: boolean
}

/** A path, shading or stencil as it is painted. */
export interface PaintedPath {
  kind: 'path'
  region: Region
  filled: boolean
  /** Of the fill or stroke, "#rrggbb"; null for patterns and shadings. */
  colour: string | null
}

export type Graphic = PaintedImage | PaintedPath

interface State {
  ctm: Matrix
  clip: Region
  fill: string | null
  stroke: string | null
  lineWidth: number
  alpha: number
}

const UNIT: Region = [0, 0, 1, 1]
const STROKES = new Set<number>([OPS.stroke, OPS.closeStroke])
const FILLS = new Set<number>([OPS.fill, OPS.eoFill, OPS.rawFillPath])
const BOTH = new Set<number>([OPS.fillStroke, OPS.eoFillStroke, OPS.closeFillStroke, OPS.closeEOFillStroke])

/**
 * Walks a page's operator list and gives every visible graphic with its extent. White paths and what the clip hides
 * are left out; text is not walked (its geometry comes with the text layer).
 * @param toShown from PDF space to points from the page's top left as shown
 */
export function graphicsOf(
  list: { fnArray: number[]; argsArray: unknown[] },
  toShown: Matrix,
  page: Region,
): Graphic[] {
  const found: Graphic[] = []
  let now: State = { ctm: toShown, clip: page, fill: '#000000', stroke: '#000000', lineWidth: 1, alpha: 1 }
  const stack: State[] = []
  let pendingClip = false

  const path = (box: Region, filled: boolean, colour: string | null, by = 0) => {
    if (colour === '#ffffff' || now.alpha === 0) return
    const shown = transformed(box, now.ctm)
    const region = intersection([shown[0] - by, shown[1] - by, shown[2] + by, shown[3] + by], now.clip)
    if (region) found.push({ kind: 'path', region, filled, colour })
  }
  const image = (
    matrix: Matrix,
    source: ImageSource,
    size: { width: number; height: number },
    stencil: boolean,
  ) => {
    const whole = transformed(UNIT, matrix)
    const region = intersection(whole, now.clip)
    if (!region || now.alpha === 0) return
    const clipped =
      region[0] > whole[0] + 1 ||
      region[1] > whole[1] + 1 ||
      region[2] < whole[2] - 1 ||
      region[3] < whole[3] - 1
    found.push({
      kind: 'image',
      region,
      matrix,
      source,
      width: size.width,
      height: size.height,
      clipped,
      stencil,
    })
  }

  for (let i = 0; i < list.fnArray.length; i++) {
    // biome-ignore lint/suspicious/noExplicitAny: the operands' shapes are pdf.js's own and differ by operator
    const args = (list.argsArray[i] ?? []) as any[]
    switch (list.fnArray[i]) {
      case OPS.save:
        stack.push({ ...now })
        break
      case OPS.restore:
      case OPS.endGroup:
      case OPS.paintFormXObjectEnd:
        now = stack.pop() ?? now
        break
      case OPS.transform:
        now.ctm = chain(args as unknown as Matrix, now.ctm)
        break
      case OPS.beginGroup: {
        stack.push({ ...now })
        const { matrix, bbox } = args[0] ?? {}
        if (bbox) clipTo(now, transformed(boxOf(bbox), matrix ? chain(matrix, now.ctm) : now.ctm))
        break
      }
      case OPS.paintFormXObjectBegin:
        stack.push({ ...now })
        if (args[0]) now.ctm = chain(args[0] as Matrix, now.ctm)
        if (args[1]) clipTo(now, transformed(boxOf(args[1]), now.ctm))
        break
      case OPS.setLineWidth:
        now.lineWidth = args[0]
        break
      case OPS.setGState:
        for (const [key, value] of (args[0] ?? []) as [string, unknown][]) {
          if (key === 'LW') now.lineWidth = value as number
          if (key === 'ca') now.alpha = value as number
        }
        break
      case OPS.setFillRGBColor:
        now.fill = colourOf(args)
        break
      case OPS.setStrokeRGBColor:
        now.stroke = colourOf(args)
        break
      case OPS.setFillColorN:
        now.fill = null
        break
      case OPS.setStrokeColorN:
        now.stroke = null
        break
      case OPS.clip:
      case OPS.eoClip:
        pendingClip = true
        break
      case OPS.constructPath: {
        const [op, , minMax] = args as [number, unknown, ArrayLike<number> | null]
        const box = minMax ? boxOf(minMax) : undefined
        if (box && Number.isFinite(box[0])) {
          const lines =
            (now.lineWidth * Math.sqrt(Math.abs(now.ctm[0] * now.ctm[3] - now.ctm[1] * now.ctm[2]))) / 2
          const half = Math.min(Math.max(lines, 0.25), 20)
          if (FILLS.has(op)) path(box, true, now.fill, 0.05)
          else if (BOTH.has(op)) path(box, true, now.fill === '#ffffff' ? now.stroke : now.fill, half)
          else if (STROKES.has(op)) path(box, false, now.stroke, half)
          if (pendingClip) clipTo(now, transformed(box, now.ctm))
        }
        pendingClip = false
        break
      }
      case OPS.shadingFill:
        found.push({ kind: 'path', region: now.clip, filled: true, colour: null })
        break
      case OPS.paintImageXObject:
        image(now.ctm, { object: args[0] }, { width: args[1] ?? 0, height: args[2] ?? 0 }, false)
        break
      case OPS.paintInlineImageXObject:
        image(now.ctm, { inline: args[0] }, args[0], false)
        break
      case OPS.paintImageXObjectRepeat: {
        const [object, scaleX, scaleY, positions] = args as [string, number, number, number[]]
        for (let p = 0; p + 1 < positions.length; p += 2)
          image(
            chain([scaleX, 0, 0, scaleY, positions[p]!, positions[p + 1]!], now.ctm),
            { object },
            { width: 0, height: 0 },
            false,
          )
        break
      }
      case OPS.paintInlineImageXObjectGroup: {
        const [inline, map] = args as [
          unknown,
          { transform: Matrix; w: number; h: number; x: number; y: number }[],
        ]
        for (const part of map)
          image(
            chain(part.transform, now.ctm),
            { inline: { ...(inline as object), part } },
            { width: part.w, height: part.h },
            false,
          )
        break
      }
      case OPS.paintImageMaskXObject:
        if (now.fill !== '#ffffff') image(now.ctm, { inline: args[0] }, args[0], true)
        break
      case OPS.paintImageMaskXObjectGroup:
        for (const mask of args[0] as { transform: Matrix; width: number; height: number }[])
          image(chain(mask.transform, now.ctm), { inline: mask }, mask, true)
        break
      case OPS.paintImageMaskXObjectRepeat: {
        const [mask, scaleX, skewX, skewY, scaleY, positions] = args
        for (let p = 0; p + 1 < positions.length; p += 2)
          image(
            chain([scaleX, skewX, skewY, scaleY, positions[p], positions[p + 1]], now.ctm),
            { inline: mask },
            mask,
            true,
          )
        break
      }
      case OPS.paintSolidColorImageMask:
        path(UNIT, true, now.fill)
        break
    }
  }
  return found
}

function boxOf(box: ArrayLike<number>): Region {
  return [
    Math.min(box[0]!, box[2]!),
    Math.min(box[1]!, box[3]!),
    Math.max(box[0]!, box[2]!),
    Math.max(box[1]!, box[3]!),
  ]
}

function clipTo(state: State, region: Region) {
  // An empty clip hides all that follows; a region of no area says so.
  state.clip = intersection(state.clip, region) ?? [
    state.clip[0],
    state.clip[1],
    state.clip[0],
    state.clip[1],
  ]
}

function colourOf(args: unknown[]): string | null {
  if (typeof args[0] === 'string') return args[0].toLowerCase()
  if (args.length < 3) return null
  return `#${args
    .slice(0, 3)
    .map(value => Math.round(Number(value)).toString(16).padStart(2, '0'))
    .join('')}`
}
