import { area, overlapX, overlapY, union } from '../pdf/geometry.ts'
import type { Caption } from './captions.ts'
import type { Cluster } from './clusters.ts'
import type { PageText } from './layout.ts'
import { type Pairing, pairPage } from './pairing.ts'

/** Graphics by page, read when they are first asked for. */
export interface PageGraphics {
  load(pages: number[]): Promise<void>
  has(page: number): boolean
  clusters(page: number): Cluster[]
}

/** A picture of a figure that stands on a page of its own covers at least so many square points. */
const LONE_PICTURE = 8000
/** A page without captions that has fewer characters may be a figure's own. */
const SPARSE = 1200

/**
 * One pairing a label: the caption's text from where it is longest, the picture from where one is. Captions still
 * without a picture get the lone pictures of other pages: those after a list of legends in the order of their numbers,
 * else those of the neighbouring pages.
 * @param orphans clusters that no caption of their page took, by page
 */
export async function settle(
  pairings: Pairing[],
  orphans: Map<number, Cluster[]>,
  pages: PageText[],
  captions: Caption[],
  graphics: PageGraphics,
): Promise<Pairing[]> {
  const byLabel = new Map<string, Pairing[]>()
  for (const pairing of pairings)
    byLabel.set(pairing.caption.label, [...(byLabel.get(pairing.caption.label) ?? []), pairing])
  const settled = [...byLabel.values()].map(oneOf)
  if (settled.some(pairing => !pairing.region)) await adopt(settled, orphans, pages, captions, graphics)
  return settled.sort((a, b) => a.page - b.page || (a.region?.[1] ?? 0) - (b.region?.[1] ?? 0))
}

function oneOf(same: Pairing[]): Pairing {
  const score = ({ caption, region }: Pairing) =>
    caption.score + (region ? 4 : 0) + (caption.text.length > 0 ? 2 : 0) - (caption.continued ? 6 : 0)
  const [best, ...others] = [...same].sort((a, b) => score(b) - score(a)) as [Pairing, ...Pairing[]]
  let chosen = best
  if (chosen.caption.text.length === 0) {
    const worded = others.find(other => other.caption.text.length > 0)
    if (worded) chosen = { ...chosen, caption: worded.caption }
  }
  if (!chosen.region) {
    const pictured = others.find(other => other.region)
    if (pictured) chosen = { ...pictured, caption: chosen.caption }
  }
  return chosen
}

async function adopt(
  settled: Pairing[],
  orphans: Map<number, Cluster[]>,
  pages: PageText[],
  captions: Caption[],
  graphics: PageGraphics,
) {
  const captioned = new Set(
    captions.filter(caption => caption.kind === 'figure').map(caption => caption.page),
  )
  const sparse = pages
    .filter(page => !captioned.has(page.page) && page.characters < SPARSE)
    .map(page => page.page)
  const near = settled
    .filter(pairing => !pairing.region)
    .flatMap(({ caption }) => [caption.page + 1, caption.page - 1])
  const known = new Set(pages.map(page => page.page))
  await graphics.load(
    [...new Set([...near, ...sparse])].filter(page => known.has(page)).sort((a, b) => a - b),
  )
  const lone = new Map<number, Cluster[]>()
  for (const { page } of pages) {
    if (!graphics.has(page)) continue
    const found = captioned.has(page) ? (orphans.get(page) ?? []) : graphics.clusters(page)
    if (found.some(cluster => area(cluster.region) > LONE_PICTURE))
      lone.set(
        page,
        found.filter(cluster => area(cluster.region) > 400),
      )
  }
  if (!afterLegends(settled, lone, pages)) onNeighbours(settled, lone, pages)
}

/**
 * A list of legends, then the pictures in the same order, a page each or several on a page: where the legends are as
 * many as the pages' pictures can be parted into along their widest gaps, each gets its own.
 */
function afterLegends(settled: Pairing[], lone: Map<number, Cluster[]>, pages: PageText[]): boolean {
  const empty = settled.filter(pairing => !pairing.region)
  // The last legend of the list may have taken the pictures that stand under it.
  const holders = settled.filter(
    pairing => pairing.region && empty.some(other => stacked(other.caption, pairing.caption)),
  )
  for (const releasing of holders.length > 0 ? [holders, []] : [[]]) {
    const list = [...empty, ...releasing]
    if (list.length < 2) continue
    const pool = new Map([...lone].map(([page, clusters]) => [page, [...clusters]]))
    for (const pairing of releasing)
      pool.set(pairing.page, [...(pool.get(pairing.page) ?? []), ...pairing.clusters])
    const on = list.map(pairing => pairing.caption.page)
    const from = (page: number) => [...pool].filter(([at]) => at >= page).sort((a, b) => a[0] - b[0])
    const groups =
      parted(from(Math.max(...on) + 1), list.length) ??
      parted(from(Math.min(...on)), list.length) ??
      parted(
        from(Math.min(...on)).filter(([, clusters]) => clusters.some(cluster => cluster.images.length > 0)),
        list.length,
      )
    if (!groups) continue
    const ordered = list.sort((a, b) => numberOf(a.caption.label) - numberOf(b.caption.label))
    ordered.forEach((pairing, i) => {
      take(pairing, groups[i]!, pages)
    })
    return true
  }
  return false
}

const numberOf = (label: string) => Number(/\d+/.exec(label)?.[0] ?? 0)

/** Two captions right under each other, nothing between. */
const stacked = (a: Caption, b: Caption) =>
  a.page === b.page && overlapX(a.region, b.region) > 0 && -overlapY(a.region, b.region) < 30

/** Rows of pictures parted into so many groups: at each page's end, and at the widest gaps within pages. */
function parted(
  pages: [number, Cluster[]][],
  count: number,
): { page: number; clusters: Cluster[] }[] | undefined {
  const rows = pages.flatMap(([page, clusters]) => rowsOf(clusters).map(row => ({ page, clusters: row })))
  if (pages.length > count || rows.length < count) return undefined
  const gaps: { at: number; gap: number }[] = []
  for (let i = 1; i < rows.length; i++) {
    const [above, below] = [rows[i - 1]!, rows[i]!]
    if (above.page === below.page)
      gaps.push({ at: i, gap: bottomless(below.clusters) - deepest(above.clusters) })
  }
  const cuts = new Set(
    gaps
      .sort((a, b) => b.gap - a.gap)
      .slice(0, count - pages.length)
      .map(({ at }) => at),
  )
  const groups: { page: number; clusters: Cluster[] }[] = []
  rows.forEach((row, i) => {
    const last = groups.at(-1)
    if (last && last.page === row.page && !cuts.has(i)) last.clusters.push(...row.clusters)
    else groups.push({ page: row.page, clusters: [...row.clusters] })
  })
  return groups.length === count ? groups : undefined
}

const deepest = (clusters: Cluster[]) => Math.max(...clusters.map(cluster => cluster.region[3]))
const bottomless = (clusters: Cluster[]) => Math.min(...clusters.map(cluster => cluster.region[1]))

function rowsOf(clusters: Cluster[]): Cluster[][] {
  const rows: Cluster[][] = []
  for (const cluster of [...clusters].sort((a, b) => a.region[1] - b.region[1])) {
    const row = rows.at(-1)
    if (row && cluster.region[1] < deepest(row) - 2) row.push(cluster)
    else rows.push([cluster])
  }
  return rows
}

/** The lone pictures of the page after a caption, or of the one before. */
function onNeighbours(settled: Pairing[], lone: Map<number, Cluster[]>, pages: PageText[]) {
  const empty = settled.filter(pairing => !pairing.region)
  for (const pairing of empty.sort(
    (a, b) => a.caption.page - b.caption.page || numberOf(a.caption.label) - numberOf(b.caption.label),
  ))
    for (const page of [pairing.caption.page + 1, pairing.caption.page - 1]) {
      const clusters = lone.get(page)
      if (pairing.region || !clusters) continue
      take(pairing, { page, clusters }, pages)
      lone.delete(page)
    }
}

/** Gives a caption pictures of another page, with the lettering around them. */
function take(
  pairing: Pairing,
  { page, clusters }: { page: number; clusters: Cluster[] },
  pages: PageText[],
) {
  const text = pages.find(candidate => candidate.page === page)!
  const foot: Caption = {
    ...pairing.caption,
    region: [0, text.height - 1, text.width, text.height],
    lines: [],
  }
  const free = { ...text, lines: text.lines.filter(line => line.text.length < 28) }
  const [found] = pairPage([foot], clusters, free).pairings
  const region = found?.region ?? union(clusters.map(cluster => cluster.region))!
  Object.assign(pairing, { page, clusters, region })
}
