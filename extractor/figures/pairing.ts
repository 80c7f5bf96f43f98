import type { Region } from '../../data/records/document.ts'
import { area, height, overlapX, overlapY, shareInside, width } from '../pdf/geometry.ts'
import type { Caption } from './captions.ts'
import { type Cluster, isBlocked, isMark, isProse } from './clusters.ts'
import { regionOf } from './figure-region.ts'
import { adopt, type Claim, regroup, type Side } from './grouping.ts'
import type { PageText } from './layout.ts'
import type { Line } from './lines.ts'

/** A caption with its picture's parts, all on one page. */
export interface Pairing {
  caption: Caption
  /** Page of the picture. */
  page: number
  clusters: Cluster[]
  /** Around the picture with its own lettering; undefined where there is none. */
  region: Region | undefined
}

/** Points that a picture on the less usual side of its caption must be nearer. */
const OTHER_SIDE = 60
const EMPTY_CAPTION = 400
const PICTURED_TABLE = 250
const ORPHAN = 150

/**
 * Gives each cluster of a page to the caption it belongs to. Captions usually stand all below or all above their
 * pictures; the page is read both ways and the reading that leaves less over is kept (`usual` breaks a tie).
 */
export function pairPage(
  captions: Caption[],
  clusters: Cluster[],
  page: PageText,
  usual: 'above' | 'below' = 'above',
): { pairings: Pairing[]; orphans: Cluster[]; side: 'above' | 'below'; cost: number } {
  const readings = (['above', 'below'] as const).map(side => ({
    side,
    ...assign(captions, clusters, page, side),
  }))
  const [above, below] = readings as [(typeof readings)[0], (typeof readings)[0]]
  const margin = usual === 'above' ? 1 : -1
  const best = above.cost <= below.cost + margin ? above : below
  const pairings = captions.map((caption, i) => {
    const own = best.owned[i]!
    return { caption, page: page.page, clusters: own, region: regionOf(own, caption, captions, page) }
  })
  return { pairings, orphans: best.orphans, side: best.side, cost: best.cost }
}

function assign(captions: Caption[], clusters: Cluster[], page: PageText, usual: 'above' | 'below') {
  const owned: Cluster[][] = captions.map(() => [])
  const claims: Claim[][] = captions.map(() => [])
  const orphans: Cluster[] = []
  const captionRegions = captions.map(caption => caption.region)
  const captionLines = new Set(captions.flatMap(caption => caption.lines))
  const prose = page.lines.filter(
    line =>
      isProse(line) &&
      !captionLines.has(line) &&
      !clusters.some(c => shareInside(line.region, c.region) > 0.6),
  )
  const spans = captions.map(caption => spanOf(caption, captions, prose, clusters, page))
  const big = clusters.filter(cluster => !isMark(cluster))
  let cost = 0
  for (const cluster of big) {
    let best: { i: number; side: Side; cost: number } | undefined
    captions.forEach((caption, i) => {
      const obstacles = [...prose.map(line => line.region), ...captionRegions.filter((_, j) => j !== i)]
      const here = costOf(cluster.region, caption, spans[i]!, obstacles, usual)
      // A table is rarely a picture.
      if (here && caption.kind === 'table' && cluster.images.length > 0) here.cost += PICTURED_TABLE
      if (here && (!best || here.cost < best.cost)) best = { i, ...here }
    })
    if (best) claims[best.i]!.push({ cluster, side: best.side, cost: best.cost })
    else orphans.push(cluster)
  }
  regroup(claims, captions, usual, [...prose.map(line => line.region), ...captionRegions])
  claims.forEach((claim, i) => {
    // A picture stands on one side of its caption: what was claimed on another belongs to somebody else.
    const weight = { above: 0, below: 0, beside: 0 }
    for (const { cluster, side, cost: c } of claim) weight[side] += area(cluster.region) / (c + 20)
    const [main] = (Object.entries(weight) as [Side, number][]).sort((a, b) => b[1] - a[1])[0]!
    for (const { cluster, side, cost: c } of claim) {
      if (side !== main) orphans.push(cluster)
      else {
        owned[i]!.push(cluster)
        cost += c * Math.min(1, area(cluster.region) / 5000)
      }
    }
  })
  adopt(owned, orphans, [...prose.map(line => line.region), ...captionRegions], captions)
  cost += orphans.filter(cluster => area(cluster.region) > 2500).length * ORPHAN
  captions.forEach((caption, i) => {
    if (owned[i]!.length === 0) cost += caption.kind === 'figure' ? EMPTY_CAPTION : 20
  })
  return { owned, orphans, cost }
}

/** How far a cluster stands from a caption, in points with penalties; undefined where it can't be its picture. */
function costOf(
  cluster: Region,
  caption: Caption,
  span: Region,
  obstacles: Region[],
  usual: 'above' | 'below',
): { side: Side; cost: number } | undefined {
  const options: { side: Side; gap: number }[] = []
  const at = caption.region
  const centre = (cluster[0] + cluster[2]) / 2
  const inSpan =
    overlapX(cluster, span) > 0.6 * width(cluster) ||
    (centre > span[0] && centre < span[2] && overlapX(cluster, at) > 0)
  if (inSpan && cluster[3] <= at[1] + 8) options.push({ side: 'above', gap: Math.max(0, at[1] - cluster[3]) })
  if (inSpan && cluster[1] >= at[3] - 8) options.push({ side: 'below', gap: Math.max(0, cluster[1] - at[3]) })
  const beside = overlapY(cluster, at) > 0.35 * Math.min(height(cluster), height(at))
  if (beside && overlapX(cluster, at) < 8)
    options.push({ side: 'beside', gap: Math.max(0, Math.max(cluster[0] - at[2], at[0] - cluster[2])) })
  // A frame around picture and caption, or a caption laid over the picture.
  if (shareInside(at, cluster) > 0.8) options.push({ side: 'beside', gap: 0 })
  let best: { side: Side; cost: number } | undefined
  for (const { side, gap } of options) {
    if (isBlocked(cluster, side === 'beside' ? at : spanAt(at, cluster, span), obstacles)) continue
    const usualSide = caption.kind === 'table' ? 'below' : usual
    const penalty =
      side === usualSide ? 0 : side === 'beside' ? 25 : caption.kind === 'table' ? 40 : OTHER_SIDE
    const cost = gap + penalty
    if (!best || cost < best.cost) best = { side, cost }
  }
  return best
}

/** The caption's region, widened to where the cluster is, so that the strip between them is the cluster's own. */
function spanAt(at: Region, cluster: Region, span: Region): Region {
  return [
    Math.max(span[0], Math.min(at[0], cluster[0])),
    at[1],
    Math.min(span[2], Math.max(at[2], cluster[2])),
    at[3],
  ]
}

/**
 * The strip of the page that a caption rules over: as wide as nothing else stands beside it (a short caption under a
 * wide picture), but not over the next column's text, captions or pictures.
 */
function spanOf(
  caption: Caption,
  captions: Caption[],
  prose: Line[],
  clusters: Cluster[],
  page: PageText,
): Region {
  const at = caption.region
  const beside = [
    ...prose.map(line => line.region),
    ...captions.filter(other => other !== caption).map(other => other.region),
    ...clusters.map(cluster => cluster.region),
  ].filter(
    region => overlapY(region, at) > 0.3 * Math.min(height(region), height(at)) && overlapX(region, at) <= 2,
  )
  let x0 = 0
  let x1 = page.width
  for (const region of beside) {
    if (region[2] <= at[0] + 2) x0 = Math.max(x0, region[2])
    if (region[0] >= at[2] - 2) x1 = Math.min(x1, region[0])
  }
  return [Math.min(x0, at[0]), at[1], Math.max(x1, at[2]), at[3]]
}
