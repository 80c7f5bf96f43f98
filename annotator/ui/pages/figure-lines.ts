/**
 * Panels as lines cut them: a figure is one panel, or is cut in two along a line, and each part again. All places are
 * shares of the figure's picture. Pure, so that it is tested without a browser.
 */
export type Box = readonly [x0: number, y0: number, x1: number, y1: number]

export interface Panel {
  label: string | null
  box: Box
}

export type Cut =
  /** `kept`: the box that a panel came with, which holds while the lines around it stay where they were. */
  | { kind: 'panel'; label: string | null; kept?: { within: Box; box: Box } }
  | { kind: 'line'; along: 'x' | 'y'; at: number; parts: readonly [Cut, Cut] }

/** A way down the cuts: 0 the part before a line (left, above), 1 the one behind. */
export type Path = readonly (0 | 1)[]

export interface Line {
  path: Path
  /** `x`: an upright line, at a share of the width. */
  along: 'x' | 'y'
  at: number
  /** The stretch of the line, on the other axis. */
  from: number
  to: number
  /** How far it can be moved. */
  low: number
  high: number
}

export interface Cell extends Panel {
  path: Path
  within: Box
}

export const WHOLE: Box = [0, 0, 1, 1]
/** No panel is thinner than this share of the figure. */
export const THINNEST = 0.02
const NEAR = 1e-6

/** The cuts that give these panels; null where no straight lines do (they overlap, or interlock). */
export function cutsOf(panels: readonly Panel[], within: Box = WHOLE): Cut | null {
  const [only, ...others] = panels
  if (!only) return { kind: 'panel', label: null }
  if (others.length === 0) return { kind: 'panel', label: only.label, kept: { within, box: only.box } }
  // Rows before columns: panels are lettered that way.
  for (const along of ['y', 'x'] as const) {
    const axis = along === 'x' ? 0 : 1
    const sorted = [...panels].sort((a, b) => a.box[axis] - b.box[axis])
    for (let i = 1; i < sorted.length; i++) {
      const end = Math.max(...sorted.slice(0, i).map(panel => panel.box[axis + 2]!))
      const begin = sorted[i]!.box[axis]!
      if (end > begin + 0.01) continue
      const at = (end + begin) / 2
      const [before, behind] = halves(within, along, at)
      const first = cutsOf(inOrder(panels, sorted.slice(0, i)), before)
      const second = cutsOf(inOrder(panels, sorted.slice(i)), behind)
      return first && second ? { kind: 'line', along, at, parts: [first, second] } : null
    }
  }
  return null
}

const inOrder = (all: readonly Panel[], some: readonly Panel[]) => all.filter(panel => some.includes(panel))

function halves(within: Box, along: 'x' | 'y', at: number): [Box, Box] {
  const [x0, y0, x1, y1] = within
  return along === 'x'
    ? [
        [x0, y0, at, y1],
        [at, y0, x1, y1],
      ]
    : [
        [x0, y0, x1, at],
        [x0, at, x1, y1],
      ]
}

/** The panels, in reading order. */
export function cellsOf(cut: Cut, within: Box = WHOLE, path: Path = []): Cell[] {
  if (cut.kind === 'panel') {
    const isKept = cut.kept?.within.every((side, i) => Math.abs(side - within[i]!) < NEAR)
    return [{ path, within, label: cut.label, box: isKept ? cut.kept!.box : within }]
  }
  const [before, behind] = halves(within, cut.along, cut.at)
  return [...cellsOf(cut.parts[0], before, [...path, 0]), ...cellsOf(cut.parts[1], behind, [...path, 1])]
}

/** The panels as an act carries them. */
export function drawnPanels(cut: Cut): { label: string | null; box: [number, number, number, number] }[] {
  const round = (side: number) => Math.round(side * 1e4) / 1e4
  return cellsOf(cut).map(({ label, box: [x0, y0, x1, y1] }) => ({
    label,
    box: [round(x0), round(y0), round(x1), round(y1)],
  }))
}

export function linesOf(cut: Cut, within: Box = WHOLE, path: Path = []): Line[] {
  if (cut.kind === 'panel') return []
  const { along, at, parts } = cut
  const [before, behind] = halves(within, along, at)
  const axis = along === 'x' ? 0 : 1
  const other = 1 - axis
  const own: Line = {
    path,
    along,
    at,
    from: within[other]!,
    to: within[other + 2]!,
    low: Math.max(within[axis]!, ...placesAlong(parts[0], along)) + THINNEST,
    high: Math.min(within[axis + 2]!, ...placesAlong(parts[1], along)) - THINNEST,
  }
  return [own, ...linesOf(parts[0], before, [...path, 0]), ...linesOf(parts[1], behind, [...path, 1])]
}

function placesAlong(cut: Cut, along: 'x' | 'y'): number[] {
  if (cut.kind === 'panel') return []
  const inside = cut.parts.flatMap(part => placesAlong(part, along))
  return cut.along === along ? [cut.at, ...inside] : inside
}

function changed(cut: Cut, path: Path, change: (cut: Cut) => Cut): Cut {
  const [next, ...rest] = path
  if (next === undefined || cut.kind === 'panel') return change(cut)
  const [first, second] = cut.parts
  return {
    ...cut,
    parts: next === 0 ? [changed(first, rest, change), second] : [first, changed(second, rest, change)],
  }
}

/** Puts a line elsewhere, as far as it goes. */
export function moveLine(cut: Cut, path: Path, to: number): Cut {
  const line = linesOf(cut).find(each => samePath(each.path, path))
  if (!line || line.low > line.high) return cut
  const at = Math.min(line.high, Math.max(line.low, to))
  return changed(cut, path, each => (each.kind === 'line' ? { ...each, at } : each))
}

/** Cuts a panel in two, at a place or in its middle; the same cuts where it is too thin. */
export function addLine(cut: Cut, path: Path, along: 'x' | 'y', to?: number): Cut {
  const cell = cellsOf(cut).find(each => samePath(each.path, path))
  if (!cell) return cut
  const axis = along === 'x' ? 0 : 1
  const [low, high] = [cell.within[axis]! + THINNEST, cell.within[axis + 2]! - THINNEST]
  if (low > high) return cut
  const at = Math.min(high, Math.max(low, to ?? (cell.within[axis]! + cell.within[axis + 2]!) / 2))
  return changed(cut, path, each => ({
    kind: 'line',
    along,
    at,
    parts: [
      { kind: 'panel', label: each.kind === 'panel' ? each.label : null },
      { kind: 'panel', label: null },
    ],
  }))
}

/** Takes a line away: what lay on its two sides is one panel, under the first one's letter. */
export function removeLine(cut: Cut, path: Path): Cut {
  return changed(cut, path, each => ({ kind: 'panel', label: cellsOf(each)[0]?.label ?? null }))
}

export function nameAt(cut: Cut, path: Path, label: string | null): Cut {
  return changed(cut, path, each => (each.kind === 'panel' ? { ...each, label } : each))
}

/** Letters the panels A, B, C … in reading order; the 27th is AA. */
export function lettered(cut: Cut): Cut {
  return cellsOf(cut).reduce((all, { path }, i) => nameAt(all, path, letterOf(i)), cut)
}

function letterOf(i: number): string {
  const last = String.fromCharCode(65 + (i % 26))
  return i < 26 ? last : letterOf(Math.floor(i / 26) - 1) + last
}

export const samePath = (a: Path, b: Path) => a.length === b.length && a.every((step, i) => step === b[i])

/** What stands in the way of saving; null where nothing does. */
export function faultOf(cut: Cut): string | null {
  const labels = cellsOf(cut).flatMap(({ label }) => (label === null ? [] : [label]))
  const twice = labels.find((label, i) => labels.indexOf(label) !== i)
  return twice === undefined ? null : `Two panels have the letter ${twice}; give one of them another.`
}
