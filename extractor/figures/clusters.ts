import type { Region } from '../../data/records/document.ts'
import { area, height, intersection, overlapX, overlapY, shareInside, union, width } from '../pdf/geometry.ts'
import type { Graphic, PaintedImage } from '../pdf/graphics.ts'
import type { PageText } from './layout.ts'
import type { Line } from './lines.ts'

/** Graphics that stand together on a page: one picture or a part of one. */
export interface Cluster {
  page: number
  region: Region
  images: PaintedImage[]
  /** Paths in it; 0 for pictures alone. */
  paths: number
}

const CELL = 3
/** Clusters smaller than this on both sides are marks (bullets, fraction bars, logos of licences). */
const MARK = 14
const RULE = 4
/** Pictures larger than this on both sides stand for themselves. */
const PICTURE = 30

/**
 * The clusters of a page's graphics: each picture of some size, and paths and small pictures that lie within a cell of
 * each other. Page backgrounds, rules, furniture and boxes around running text are left out.
 */
export function clustersOf(graphics: Graphic[], page: PageText): Cluster[] {
  const paper = page.width * page.height
  const pictures: Cluster[] = []
  const rest: Graphic[] = []
  for (const graphic of graphics) {
    const { region } = graphic
    if (graphic.kind === 'image') {
      if ((graphic.stencil && area(region) < 30) || isBackground(graphic, page)) continue
      if (width(region) > PICTURE && height(region) > PICTURE && !graphic.stencil)
        pictures.push({ page: page.page, region, images: [graphic], paths: 0 })
      else rest.push(graphic)
    } else if (area(region) < 0.75 * paper && !isPageRule(region, page)) rest.push(graphic)
  }
  const clusters = [...pictures, ...joinedByCells(rest, page)]
  return clusters.filter(
    cluster => !isRule(cluster) && !isFurniture(cluster, page) && !isTextBox(cluster, page),
  )
}

/** A scan or colour behind the whole page. */
const isBackground = (image: PaintedImage, page: PageText) =>
  area(image.region) > 0.85 * page.width * page.height && page.lines.length > 12

/** A rule that runs over most of the page's width or height: between head and text, between columns. */
const isPageRule = (r: Region, page: PageText) =>
  (height(r) < RULE && width(r) > 0.6 * page.width) || (width(r) < RULE && height(r) > 0.6 * page.height)

const isRule = ({ region, images }: Cluster) =>
  images.length === 0 && (height(region) < RULE || width(region) < RULE)

/** What lies wholly in the head or foot margin, outside all text but running heads. */
function isFurniture({ region }: Cluster, page: PageText): boolean {
  const inHead = region[3] < 0.09 * page.height
  const inFoot = region[1] > 0.93 * page.height
  const atSide = region[2] < 0.055 * page.width || region[0] > 0.945 * page.width
  return inHead || inFoot || atSide
}

/** A frame or tint with running text in it, not a picture. */
function isTextBox(cluster: Cluster, page: PageText): boolean {
  if (area(union(cluster.images.map(image => image.region)) ?? [0, 0, 0, 0]) > 0.3 * area(cluster.region))
    return false
  const inside = page.lines.filter(line => shareInside(line.region, cluster.region) > 0.8)
  const prose = inside.filter(isProse)
  const covered = prose.reduce((sum, line) => sum + area(line.region), 0)
  return prose.length >= 3 && covered > 0.35 * area(cluster.region)
}

/** A line of running text: five words or more, mostly of letters, that fill it (not the labels of an axis). */
export function isProse(line: Line): boolean {
  if (line.text.length < 28) return false
  const words = line.text.match(/\p{L}{2,}/gu) ?? []
  if (words.length < 4) return false
  const letters = words.reduce((sum, word) => sum + word.length, 0)
  const ink = line.items.reduce((sum, item) => sum + width(item.region), 0)
  return letters > 0.55 * line.text.length && ink > 0.75 * width(line.region)
}

function joinedByCells(graphics: Graphic[], page: PageText): Cluster[] {
  const columns = Math.ceil(page.width / CELL) + 2
  const rows = Math.ceil(page.height / CELL) + 2
  const cells = new Uint8Array(columns * rows)
  const spans = graphics.map(({ region }) => [
    clamp(Math.floor(region[0] / CELL), columns),
    clamp(Math.floor(region[1] / CELL), rows),
    clamp(Math.floor(region[2] / CELL), columns),
    clamp(Math.floor(region[3] / CELL), rows),
  ])
  const painted = new Set<string>()
  for (const [x0, y0, x1, y1] of spans as [number, number, number, number][]) {
    const key = `${x0},${y0},${x1},${y1}`
    if (painted.has(key)) continue
    painted.add(key)
    for (let y = y0; y <= y1; y++) cells.fill(1, y * columns + x0, y * columns + x1 + 1)
  }
  const labels = components(cells, columns, rows)
  const groups = new Map<number, Cluster>()
  graphics.forEach((graphic, i) => {
    const [x0, y0] = spans[i] as [number, number]
    const label = labels[y0 * columns + x0]!
    const cluster = groups.get(label)
    if (!cluster)
      groups.set(label, {
        page: page.page,
        region: graphic.region,
        images: graphic.kind === 'image' ? [graphic] : [],
        paths: graphic.kind === 'image' ? 0 : 1,
      })
    else {
      cluster.region = union([cluster.region, graphic.region])!
      if (graphic.kind === 'image') cluster.images.push(graphic)
      else cluster.paths++
    }
  })
  return [...groups.values()]
}

const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1)

/** Connected cells, those one empty cell apart too. */
function components(cells: Uint8Array, columns: number, rows: number): Int32Array {
  const labels = new Int32Array(cells.length)
  const stack: number[] = []
  let next = 0
  for (let start = 0; start < cells.length; start++) {
    if (!cells[start] || labels[start]) continue
    labels[start] = ++next
    stack.push(start)
    while (stack.length > 0) {
      const at = stack.pop()!
      const x = at % columns
      const y = (at - x) / columns
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++) {
          const nx = x + dx
          const ny = y + dy
          if (nx < 0 || ny < 0 || nx >= columns || ny >= rows) continue
          const to = ny * columns + nx
          if (!cells[to] || labels[to]) continue
          labels[to] = next
          stack.push(to)
        }
    }
  }
  return labels
}

export const isMark = ({ region }: Cluster) => width(region) < MARK && height(region) < MARK

/**
 * Leaves out graphics that come again at the same place on most of the pages looked at (logos, stamps, watermarks),
 * and what comes again at one height of the head or foot.
 */
export function withoutRepeated(
  pages: Map<number, Graphic[]>,
  sizes: Map<number, PageText>,
): Map<number, Graphic[]> {
  const places = new Map<string, Set<number>>()
  const keys = (graphic: Graphic, page: PageText): string[] => {
    const r = graphic.region.map(value => Math.round(value))
    const what = graphic.kind === 'image' ? `${graphic.width}x${graphic.height}` : `${graphic.colour}`
    const atEdge = graphic.region[3] < 0.14 * page.height || graphic.region[1] > 0.86 * page.height
    return [`at ${r.join()} ${what}`, ...(atEdge ? [`edge ${r[1]} ${r[3]} ${what}`] : [])]
  }
  for (const [number, graphics] of pages)
    for (const graphic of graphics)
      for (const key of keys(graphic, sizes.get(number)!))
        places.set(key, (places.get(key) ?? new Set()).add(number))
  const most = Math.max(3, 0.6 * pages.size)
  const kept = new Map<number, Graphic[]>()
  for (const [number, graphics] of pages)
    kept.set(
      number,
      graphics.filter(graphic => {
        const [at, edge] = keys(graphic, sizes.get(number)!)
        return places.get(at!)!.size < most && !(edge && places.get(edge)!.size >= 2)
      }),
    )
  return kept
}

/** Whether running text or another caption stands between two regions, in the strip that they share. */
export function isBlocked(from: Region, to: Region, obstacles: Region[]): boolean {
  const vertical = overlapX(from, to) > 0 || overlapY(from, to) <= 0
  const strip: Region = vertical
    ? [Math.max(from[0], to[0]), Math.min(from[3], to[3]), Math.min(from[2], to[2]), Math.max(from[1], to[1])]
    : [Math.min(from[2], to[2]), Math.max(from[1], to[1]), Math.max(from[0], to[0]), Math.min(from[3], to[3])]
  if (strip[2] <= strip[0] || strip[3] <= strip[1]) return false
  return obstacles.some(obstacle => {
    const shared = intersection(obstacle, strip)
    return (
      shared !== undefined &&
      height(shared) > 0.5 * Math.min(height(obstacle), height(strip)) &&
      width(shared) > 3
    )
  })
}
