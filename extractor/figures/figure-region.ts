import type { Region } from '../../data/records/document.ts'
import { height, overlapX, overlapY, shareInside, union, width } from '../pdf/geometry.ts'
import type { Caption } from './captions.ts'
import { type Cluster, isProse } from './clusters.ts'
import type { PageText } from './layout.ts'

/** The picture's parts and the lettering near them: axis labels, panel letters, legends. */
export function regionOf(
  clusters: Cluster[],
  caption: Caption,
  captions: Caption[],
  page: PageText,
): Region | undefined {
  let region = union(clusters.map(cluster => cluster.region))
  if (!region) return undefined
  const taken = new Set(captions.flatMap(other => other.lines))
  const loose: Region[] = [
    ...page.lines.filter(line => !taken.has(line) && !isProse(line)).map(line => line.region),
    ...page.turned.filter(item => Math.abs(item.angle) === 90).map(item => item.region),
  ]
  const within = (text: Region) => {
    const r = region!
    const reach = 9
    return (
      shareInside(text, r) > 0.3 ||
      (overlapX(text, r) > 0.5 * width(text) && overlapY(text, r) > -reach) ||
      (overlapY(text, r) > 0.5 * height(text) && overlapX(text, r) > -reach)
    )
  }
  const others = [
    ...captions.filter(other => other !== caption).map(other => other.region),
    ...page.lines.filter(line => !taken.has(line) && isProse(line)).map(line => line.region),
  ].filter(other => shareInside(other, region!) < 0.5)
  for (let round = 0; round < 4; round++) {
    const before: Region = region
    for (const text of loose) {
      if (!within(text)) continue
      const grown: Region = union([region as Region, text])!
      const touches = (other: Region) => overlapX(grown, other) > 1 && overlapY(grown, other) > 1
      if (touches(caption.region) || others.some(touches)) continue
      region = grown
    }
    if (region === before) break
  }
  return region
}
