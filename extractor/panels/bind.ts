import type { Region } from '../../data/records/document.ts'
import { height, overlapX, overlapY, union, width } from '../pdf/geometry.ts'

/** A cell of a figure before it has its letter. */
export interface Cell {
  region: Region
  /** Index of its picture. */
  picture: number
  /** Filled like a photograph or scan rather than drawn on paper. */
  pictureLike: boolean
}

/** A letter that may name a panel. */
export interface Letter {
  name: string
  region: Region
  source: 'text' | 'pixels'
  score: number
  picture?: number
}

export interface BoundPanel {
  label: string | null
  region: Region
  cells: Cell[]
}

type Place = 'inside' | 'above' | 'below' | 'left'
const PLACES: Place[] = ['inside', 'above', 'below', 'left']

/**
 * Binds letters to cells. Where each letter has one cell, by place: all letters of a figure stand alike (in a corner,
 * above, below or left of their panel). Where there are more cells than letters, a letter takes the cells that follow
 * it up to the next letter. Where letters can't be read but the caption names as many panels as there are cells, by
 * the reading order.
 */
export function bindLetters(cells: Cell[], letters: Letter[], expected: string[]): BoundPanel[] {
  const filled = cells.filter(cell => cell.pictureLike)
  const main = filled.length >= 2 ? filled : cells
  const names = namesOf(letters, expected)
  if (names.length < 2)
    return filled.length >= 2 && isGrid(filled)
      ? filled.map(cell => ({ label: null, region: cell.region, cells: [cell] }))
      : []
  if (main.length === names.length) return oneToOne(main, letters, names)
  if (cells.length === names.length) return oneToOne(cells, letters, names)
  const known = chosen(letters, names)
  if (known.length === names.length && cells.length > names.length) return followers(cells, known)
  return byRows(main, names)
}

/** The caption's panels, or the letters read where they run on from A. */
function namesOf(letters: Letter[], expected: string[]): string[] {
  if (expected.length >= 2) return expected
  const sure = new Set(
    letters.filter(letter => letter.source === 'text' || letter.score > 0.9).map(letter => letter.name),
  )
  const names: string[] = []
  while (sure.has(String.fromCharCode(65 + names.length))) names.push(String.fromCharCode(65 + names.length))
  return names
}

/** The surest reading of each letter. */
function chosen(letters: Letter[], names: string[]): Letter[] {
  return names.flatMap(name => {
    const [best] = letters.filter(letter => letter.name === name).sort((a, b) => rank(b) - rank(a))
    return best ? [best] : []
  })
}

const rank = (letter: Letter) => letter.score + (letter.source === 'text' ? 1 : 0)

function oneToOne(cells: Cell[], letters: Letter[], names: string[]): BoundPanel[] {
  let best: { labels: (string | null)[]; cost: number; bound: number } | undefined
  for (const place of PLACES) {
    const pairs = letters
      .filter(letter => names.includes(letter.name))
      .flatMap(letter =>
        cells.map((cell, i) => ({ letter, i, cost: distance(letter.region, cell.region, place) })),
      )
      .filter(pair => pair.cost < 1)
      .sort((a, b) => a.cost - rank(a.letter) - (b.cost - rank(b.letter)))
    const labels: (string | null)[] = cells.map(() => null)
    let cost = 0
    for (const { letter, i, cost: c } of pairs) {
      if (labels[i] !== null || labels.includes(letter.name)) continue
      labels[i] = letter.name
      cost += c
    }
    const bound = labels.filter(label => label !== null).length
    if (!best || bound > best.bound || (bound === best.bound && cost < best.cost))
      best = { labels, cost, bound }
  }
  const { labels, bound } = best!
  // What is left over goes in order. Fewer than half read, or the order broken by it: the reading order is the surer guide.
  const left = names.filter(name => !labels.includes(name))
  const filled = labels.map(label => label ?? left.shift()!)
  const broken = bound < cells.length && filled.some((name, i) => i > 0 && name < filled[i - 1]!)
  const order = bound * 2 < cells.length || broken
  return cells.map((cell, i) => ({
    label: order ? names[i]! : filled[i]!,
    region: cell.region,
    cells: [cell],
  }))
}

/** How far a letter is from where it would stand for a cell, in cell sizes; 1 and more: not its letter. */
function distance(letter: Region, cell: Region, place: Place): number {
  const w = width(cell)
  const h = height(cell)
  const cx = (letter[0] + letter[2]) / 2
  const cy = (letter[1] + letter[3]) / 2
  const inX = cx >= cell[0] - 0.05 * w && cx <= cell[2] + 0.05 * w
  const inY = cy >= cell[1] - 0.05 * h && cy <= cell[3] + 0.05 * h
  const reach = Math.max(0.3 * h, 30)
  switch (place) {
    case 'inside': {
      if (!inX || !inY) return 1
      const toX = Math.min(Math.abs(cx - cell[0]), Math.abs(cell[2] - cx)) / w
      const toY = Math.min(Math.abs(cy - cell[1]), Math.abs(cell[3] - cy)) / h
      return toX + toY < 0.5 ? toX + toY : 1
    }
    case 'above':
      return inX && cy < cell[1] + 0.05 * h && cell[1] - cy < reach ? (cell[1] - cy) / reach : 1
    case 'below':
      return inX && cy > cell[3] - 0.05 * h && cy - cell[3] < reach ? (cy - cell[3]) / reach : 1
    case 'left':
      return inY && cx < cell[0] && cell[0] - cx < Math.max(0.3 * w, 30)
        ? (cell[0] - cx) / Math.max(0.3 * w, 30)
        : 1
  }
}

/**
 * Each cell goes to the letter that it follows: the nearest one above or left of its far corner, with letters on its
 * own row first.
 */
function followers(cells: Cell[], letters: Letter[]): BoundPanel[] {
  const groups = new Map<Letter, Cell[]>()
  for (const cell of cells) {
    let best: { letter: Letter; cost: number } | undefined
    for (const letter of letters) {
      const dx = cell.region[0] - letter.region[0]
      const dy = cell.region[1] - letter.region[1]
      const outside =
        Math.max(0, -overlapX(letter.region, cell.region)) +
        Math.max(0, -overlapY(letter.region, cell.region))
      // A letter right of a cell's middle or under its middle is not the one it follows.
      const behind =
        letter.region[0] > (cell.region[0] + cell.region[2]) / 2 ||
        letter.region[1] > cell.region[3] - 0.2 * height(cell.region)
      const cost = outside + (behind ? 400 : 0) + 0.2 * Math.abs(dx) + 0.6 * Math.abs(dy)
      if (!best || cost < best.cost) best = { letter, cost }
    }
    groups.set(best!.letter, [...(groups.get(best!.letter) ?? []), cell])
  }
  return letters.map(letter => {
    const own = groups.get(letter) ?? []
    const region = union([...own.map(cell => cell.region), letter.region])!
    return { label: letter.name, region, cells: own.length > 0 ? own : [nearest(cells, letter.region)] }
  })
}

const nearest = (cells: Cell[], region: Region): Cell =>
  cells.reduce((a, b) => (gapTo(b.region, region) < gapTo(a.region, region) ? b : a))
const gapTo = (a: Region, b: Region) => Math.max(0, -overlapX(a, b)) + Math.max(0, -overlapY(a, b))

/** As many rows (or columns) of cells as names: a row a panel. Else no panel can be told. */
function byRows(cells: Cell[], names: string[]): BoundPanel[] {
  for (const axis of [1, 0] as const) {
    const bands: Cell[][] = []
    for (const cell of [...cells].sort((a, b) => a.region[axis] - b.region[axis])) {
      const band = bands.find(
        b =>
          (axis === 1 ? overlapY : overlapX)(b[0]!.region, cell.region) >
          0.5 * (axis === 1 ? height : width)(cell.region),
      )
      if (band) band.push(cell)
      else bands.push([cell])
    }
    if (bands.length === names.length && bands.length > 1)
      return bands.map((band, i) => ({
        label: names[i]!,
        region: union(band.map(cell => cell.region))!,
        cells: band,
      }))
  }
  return cells.length >= 2 && cells.every(cell => cell.pictureLike) && isGrid(cells)
    ? cells.map(cell => ({ label: null, region: cell.region, cells: [cell] }))
    : []
}

/** Cells of about one size. */
function isGrid(cells: Cell[]): boolean {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
  const w = middle(cells.map(cell => width(cell.region)))
  const h = middle(cells.map(cell => height(cell.region)))
  return cells.every(
    cell => Math.abs(width(cell.region) / w - 1) < 0.4 && Math.abs(height(cell.region) / h - 1) < 0.4,
  )
}
