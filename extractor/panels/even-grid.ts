import { type Box, type Grey, type Gutter, guttersAlong } from './gutters.ts'

/** Panels of a montage stand this exactly where an even grid has them, as a share of the side. */
const OFF = 0.025
const MOST = 6
const DARK = 60
const SMALLEST_PIXELS = 40

/**
 * Splits a montage of equal panels: gutters that run through the whole picture at even distances, all of one shade and
 * thickness. Bone or background inside a panel makes bands too, but not ones like the gutters at even distances.
 * @param count panels there must be; without it the finest even grid is taken
 * @returns undefined where there is no such grid
 */
export function splitEvenly(grey: Grey, count?: number): Box[] | undefined {
  // Nobody says that it is a montage: a broad white band may be a spine or a mediastinum.
  const thickest = count === undefined ? 0.055 : 0.2
  const columns = divisions(grey, 'x', thickest)
  const rows = divisions(grey, 'y', thickest)
  let best: { boxes: Box[]; fit: number } | undefined
  for (const across of columns)
    for (const down of rows) {
      const n = (across.length + 1) * (down.length + 1)
      if (n < 2 || (count !== undefined && n !== count)) continue
      const boxes = cells(grey, across, down)
      const [first] = boxes
      const shape = (first![2] - first![0]) / (first![3] - first![1])
      // Among grids of one number the one with squarish panels; without a number, the finest.
      const fit = count === undefined ? n - Math.abs(Math.log(shape / 1.2)) : -Math.abs(Math.log(shape / 1.2))
      if (!best || fit > best.fit) best = { boxes, fit }
    }
  return best?.boxes
}

/** The ways to cut one side evenly, none first: for each the gutters cut at. */
function divisions(grey: Grey, axis: 'x' | 'y', thickest: number): Gutter[][] {
  const side = axis === 'x' ? grey.width : grey.height
  const gutters = guttersAlong(grey, [0, 0, grey.width, grey.height], axis, 1).filter(
    g => g.end - g.start < 0.2 * side,
  )
  const found: Gutter[][] = [[]]
  for (let n = 2; n <= MOST && side / n >= SMALLEST_PIXELS; n++) {
    const cuts: Gutter[] = []
    for (let k = 1; k < n; k++) {
      const at = (side * k) / n
      const near = gutters
        .map(gutter => ({
          gutter,
          off: Math.max(0, gutter.start - at, at - gutter.end),
          centre: Math.abs((gutter.start + gutter.end) / 2 - at),
        }))
        .filter(({ gutter, off, centre }) => (gutter.shade < DARK ? off : centre) <= OFF * side)
        .sort((a, b) => a.off - b.off || a.centre - b.centre)
      if (near[0]) cuts.push(near[0].gutter)
    }
    const thin = cuts.every(cut => cut.shade < DARK || cut.end - cut.start <= thickest * side)
    if (cuts.length === n - 1 && thin && alike(cuts)) found.push(cuts)
  }
  return found
}

/** One shade and, where it isn't dark (dark margins of the pictures widen a dark gutter), one thickness. */
function alike(cuts: Gutter[]): boolean {
  const [first, ...others] = cuts as [Gutter, ...Gutter[]]
  const thickness = first.end - first.start
  return others.every(
    other =>
      Math.abs(other.shade - first.shade) <= 20 &&
      (first.shade < DARK || Math.abs(other.end - other.start - thickness) <= Math.max(2, 0.35 * thickness)),
  )
}

function cells(grey: Grey, across: Gutter[], down: Gutter[]): Box[] {
  const xs = spans(across, grey.width)
  const ys = spans(down, grey.height)
  return ys.flatMap(([y0, y1]) => xs.map(([x0, x1]): Box => [x0, y0, x1, y1]))
}

function spans(cuts: Gutter[], side: number): [number, number][] {
  const n = cuts.length + 1
  const found: [number, number][] = []
  let start = 0
  cuts.forEach(({ start: from, end: to, shade }, i) => {
    // A dark band wider than a gutter holds margins: the cut is where the even grid has it.
    const at = (side * (i + 1)) / n
    const wide = shade < DARK && to - from > 0.02 * side
    found.push([start, wide ? Math.round(at) : from])
    start = wide ? Math.round(at) : to
  })
  found.push([start, side])
  return found
}
