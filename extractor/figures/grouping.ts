import type { Region } from '../../data/records/document.ts'
import { height, overlapX, overlapY, shareInside, union, width } from '../pdf/geometry.ts'
import type { Caption } from './captions.ts'
import { type Cluster, isBlocked } from './clusters.ts'

/** Where a picture stands, seen from its caption. */
export type Side = 'above' | 'below' | 'beside'

/** Parts of one picture are no farther apart. */
const NEAR = 40

/** A cluster taken for a caption's, from which side, and how far it is. */
export interface Claim {
  cluster: Cluster
  side: Side
  cost: number
}

/**
 * Rows of one grid stay together: a part claimed from the unusual side, or by a table, goes to the figure that has its
 * close neighbour, where nothing stands between.
 */
export function regroup(claims: Claim[][], captions: Caption[], usual: Side, obstacles: Region[]) {
  const weak = (i: number, claim: Claim) =>
    captions[i]!.kind === 'table'
      ? claim.cluster.images.length > 0
      : claim.side !== usual && claim.side !== 'beside'
  for (let again = true; again; ) {
    again = false
    for (const [i, own] of claims.entries())
      for (const claim of own) {
        if (!weak(i, claim)) continue
        const to = claims.findIndex(
          (others, j) =>
            j !== i &&
            captions[j]!.kind === 'figure' &&
            others.some(
              other =>
                !weak(j, other) && areNeighbours(claim.cluster.region, other.cluster.region, obstacles),
            ),
        )
        if (to < 0) continue
        own.splice(own.indexOf(claim), 1)
        claims[to]!.push({ ...claim, side: claims[to]!.find(other => !weak(to, other))!.side })
        again = true
        break
      }
  }
}

/** Aligned and close, with nothing between. */
function areNeighbours(a: Region, b: Region, obstacles: Region[]): boolean {
  const gap = Math.max(-overlapX(a, b), -overlapY(a, b))
  const aligned =
    overlapX(a, b) > 0.6 * Math.min(width(a), width(b)) ||
    overlapY(a, b) > 0.6 * Math.min(height(a), height(b))
  return aligned && gap < 22 && !isBlocked(a, b, obstacles)
}

/** Parts that stand close to a picture's other parts, though not in line with the caption, join it. */
export function adopt(owned: Cluster[][], orphans: Cluster[], obstacles: Region[], captions: Caption[]) {
  for (let again = true; again; ) {
    again = false
    for (const orphan of orphans) {
      let best: { i: number; gap: number } | undefined
      owned.forEach((clusters, i) => {
        const region = union(clusters.map(cluster => cluster.region))
        if (!region || captions[i]!.kind === 'table') return
        const gap = Math.max(0, -overlapX(region, orphan.region), -overlapY(region, orphan.region))
        const diagonal = overlapX(region, orphan.region) < 0 && overlapY(region, orphan.region) < 0
        const grown = union([region, orphan.region])!
        const clear = obstacles.every(
          obstacle =>
            overlapX(obstacle, grown) < 4 ||
            overlapY(obstacle, grown) < 4 ||
            shareInside(obstacle, region) > 0.5,
        )
        if (!diagonal && clear && gap < NEAR && (!best || gap < best.gap)) best = { i, gap }
      })
      if (!best) continue
      owned[best.i]!.push(orphan)
      orphans.splice(orphans.indexOf(orphan), 1)
      again = true
      break
    }
  }
}
