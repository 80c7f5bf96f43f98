import type { Pixels } from '../../data/workspace/images.ts'

/** A box in pixels: [x0, y0, x1, y1], ends exclusive. */
export type Box = [number, number, number, number]

/** Grey values of a picture: [height, width]. */
export interface Grey {
  data: Uint8Array
  width: number
  height: number
}

export function greyOf({ data, width, height }: Pixels): Grey {
  const grey = new Uint8Array(width * height)
  for (let i = 0, j = 0; i < grey.length; i++, j += 3)
    grey[i] = (data[j]! * 299 + data[j + 1]! * 587 + data[j + 2]! * 114 + 500) / 1000
  return { data: grey, width, height }
}

/** Parts smaller than this share of the whole picture's side are no panels. */
const SMALLEST = 0.1
const SMALLEST_PIXELS = 40
const MOST_CELLS = 48
/** Share of a gutter's pixels that may differ (JPEG noise, a line's end), and how far from its shade. */
const STRAY = 0.004
const SHADE = 14

/** A band of one shade: its first line, the line after its last, its shade. */
export interface Gutter {
  start: number
  end: number
  shade: number
}

/**
 * Splits a compound picture along its gutters: bands of one shade that run through it from side to side, again and
 * again within the parts. One box where there are none. Linear in the pixels for each level.
 * @param thickest gutters of more than this share of the split side are taken for picture (bone, background)
 */
export function splitByGutters(grey: Grey, thickest: number): Box[] {
  const smallest: [number, number] = [
    Math.max(SMALLEST_PIXELS, SMALLEST * grey.width),
    Math.max(SMALLEST_PIXELS, SMALLEST * grey.height),
  ]
  const parts = cut(grey, [0, 0, grey.width, grey.height], smallest, thickest, 0)
  return parts.length > MOST_CELLS ? [[0, 0, grey.width, grey.height]] : parts
}

function cut(grey: Grey, box: Box, smallest: [number, number], thickest: number, depth: number): Box[] {
  if (depth > 5) return [box]
  const across = guttersAlong(grey, box, 'x', smallest[0]).filter(
    g => g.end - g.start <= thickest * grey.width,
  )
  const down = guttersAlong(grey, box, 'y', smallest[1]).filter(
    g => g.end - g.start <= thickest * grey.height,
  )
  const byX = pieces(box, across, 'x', smallest[0])
  const byY = pieces(box, down, 'y', smallest[1])
  const choice = evenness(byX, 'x') >= evenness(byY, 'y') && byX.length > 1 ? byX : byY.length > 1 ? byY : byX
  if (choice.length < 2) return [box]
  return choice.flatMap(part => cut(grey, part, smallest, thickest, depth + 1))
}

/** Runs of lines of one shade, not at the box's rim. */
export function guttersAlong(grey: Grey, box: Box, axis: 'x' | 'y', smallest: number): Gutter[] {
  const [from, to] = axis === 'x' ? [box[0], box[2]] : [box[1], box[3]]
  if (to - from < 2 * smallest) return []
  return runsAlong(grey, box, axis).filter(r => r.start > from && r.end < to)
}

/** What was found in a picture: it is asked for the same boxes again with each thickness tried. */
const known = new WeakMap<Grey, Map<string, Gutter[]>>()

function runsAlong(grey: Grey, box: Box, axis: 'x' | 'y'): Gutter[] {
  const boxes = known.get(grey) ?? new Map<string, Gutter[]>()
  known.set(grey, boxes)
  const key = `${axis} ${box}`
  const before = boxes.get(key)
  if (before) return before
  const [from, to] = axis === 'x' ? [box[0], box[2]] : [box[1], box[3]]
  const runs: Gutter[] = []
  let run: Gutter | undefined
  for (let at = from; at < to; at++) {
    const shade = shadeOf(grey, box, axis, at)
    if (shade !== undefined && run && Math.abs(shade - run.shade) <= SHADE && run.end === at) run.end = at + 1
    else if (shade !== undefined) {
      run = { start: at, end: at + 1, shade }
      runs.push(run)
    } else run = undefined
  }
  boxes.set(key, runs)
  return runs
}

const sample = new Uint8Array(9)

/** The one shade of a row or column, or undefined where it has more. */
function shadeOf(grey: Grey, [x0, y0, x1, y1]: Box, axis: 'x' | 'y', at: number): number | undefined {
  const { data, width } = grey
  const length = axis === 'x' ? y1 - y0 : x1 - x0
  const first = axis === 'x' ? y0 * width + at : at * width + x0
  const step = axis === 'x' ? width : 1
  const most = Math.max(1, Math.floor(STRAY * length))
  // The shade is the median of nine pixels spread over the line.
  for (let i = 0; i < 9; i++) {
    const value = data[first + step * Math.floor(((i + 0.5) * length) / 9)]!
    let at = i
    for (; at > 0 && sample[at - 1]! > value; at--) sample[at] = sample[at - 1]!
    sample[at] = value
  }
  const shade = sample[4]!
  let stray = 0
  for (let i = 0, p = first; i < length; i++, p += step)
    if (Math.abs(data[p]! - shade) > SHADE && ++stray > most) return undefined
  return shade
}

/**
 * The parts between gutters. A thin gutter is left out of both parts; a wide one may hold the dark margins of the
 * pictures beside it, so that the parts meet in its middle. Parts too small (a caption strip, a scale) join a neighbour.
 */
function pieces(box: Box, gutters: Gutter[], axis: 'x' | 'y', smallest: number): Box[] {
  const [from, to] = axis === 'x' ? [box[0], box[2]] : [box[1], box[3]]
  const thin = 0.08 * (to - from)
  const cuts: [number, number][] = []
  let last = from
  for (const gutter of gutters) {
    const dark = gutter.shade < 60
    const width = gutter.end - gutter.start
    const middle = (gutter.start + gutter.end) / 2
    const ends: [number, number] =
      dark && width > 6 ? [Math.floor(middle), Math.ceil(middle)] : [gutter.start, gutter.end]
    if (dark && width > thin && !isEvenCut(middle, from, to)) continue
    if (ends[0] - last < smallest || to - ends[1] < smallest) continue
    cuts.push(ends)
    last = ends[1]
  }
  const parts: Box[] = []
  let start = from
  for (const [end, next] of [...cuts, [to, to] as [number, number]]) {
    parts.push(axis === 'x' ? [start, box[1], end, box[3]] : [box[0], start, box[2], end])
    start = next
  }
  return parts
}

/** Whether a cut stands where an even grid of two to six parts would have one. */
function isEvenCut(at: number, from: number, to: number): boolean {
  const share = (at - from) / (to - from)
  for (let n = 2; n <= 6; n++) for (let k = 1; k < n; k++) if (Math.abs(share - k / n) < 0.035) return true
  return false
}

/** How equal the parts are, 0…1; a picture's panels mostly are. */
function evenness(parts: Box[], axis: 'x' | 'y'): number {
  if (parts.length < 2) return 0
  const sizes = parts.map(part => (axis === 'x' ? part[2] - part[0] : part[3] - part[1]))
  return Math.min(...sizes) / Math.max(...sizes)
}

/** Whether a part is filled like a picture rather than drawn on paper: little of it is white, and it has many shades. */
export function isPictureLike(grey: Grey, [x0, y0, x1, y1]: Box): boolean {
  const shades = new Uint32Array(32)
  let white = 0
  let count = 0
  const step = Math.max(1, Math.floor(Math.sqrt(((x1 - x0) * (y1 - y0)) / 40_000)))
  for (let y = y0; y < y1; y += step)
    for (let x = x0; x < x1; x += step) {
      const value = grey.data[y * grey.width + x]!
      if (value > 243) white++
      shades[value >> 3]!++
      count++
    }
  const used = shades.filter(n => n > 0.002 * count).length
  return white < 0.7 * count && used >= 10
}
