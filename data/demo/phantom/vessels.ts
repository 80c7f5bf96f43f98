import type { Random } from '../random.ts'
import type { Anatomy } from './anatomy.ts'

/** A piece of a vessel as the slice cuts it, in millimetres. `share`: how much of the slice's thickness it fills. */
export interface VesselPiece {
  ax: number
  ay: number
  bx: number
  by: number
  radius: number
  share: number
  /** Steps from the hilum; the first ones are accompanied by a bronchus. */
  depth: number
}

interface Node {
  x: number
  y: number
  z: number
  parent: number
  path: number
  leaves: number
  depth: number
}

/**
 * Pulmonary vessels of one lung: a tree in space that is grown to points strewn through a slab around the slice
 * (each joins where the way to it and from there to the hilum is short), thick by Murray's law, then cut by the slice.
 */
export function drawVessels(
  random: Random,
  anatomy: Anatomy,
  side: -1 | 1,
  thickness: number,
): VesselPiece[] {
  const hilum = anatomy.hila[side < 0 ? 0 : 1]
  const slab = 27
  const targets: { x: number; y: number; z: number; d: number }[] = []
  for (let tries = 0; targets.length < 420 && tries < 4000; tries++) {
    const x = side * random.between(0.1, 1) * anatomy.cavityRx
    const y = random.between(-1, 1) * anatomy.cavityRy
    const inside = anatomy.lung(x, y)
    if (inside > -5) continue
    const z = random.between(-slab, slab)
    targets.push({ x, y, z, d: Math.hypot(x - hilum.x, y - hilum.y, z) })
  }
  targets.sort((a, b) => a.d - b.d)
  const nodes: Node[] = [{ ...hilum, z: 0, parent: -1, path: 0, leaves: 0, depth: 0 }]
  for (const target of targets) {
    let best = 0
    let bestCost = Number.POSITIVE_INFINITY
    for (let i = 0; i < nodes.length; i++) {
      const n = nodes[i]!
      const step = Math.sqrt((n.x - target.x) ** 2 + (n.y - target.y) ** 2 + (n.z - target.z) ** 2)
      const cost = step + 0.62 * n.path
      if (cost < bestCost) {
        bestCost = cost
        best = i
      }
    }
    const from = nodes[best]!
    const step = Math.hypot(from.x - target.x, from.y - target.y, from.z - target.z)
    nodes.push({
      x: target.x,
      y: target.y,
      z: target.z,
      parent: best,
      path: from.path + step,
      leaves: 0,
      depth: from.depth + 1,
    })
  }
  for (let i = nodes.length - 1; i > 0; i--) {
    const node = nodes[i]!
    node.leaves = Math.max(node.leaves, 1)
    nodes[node.parent]!.leaves += node.leaves
  }
  const pieces: VesselPiece[] = []
  const unit = random.between(0.55, 0.68)
  for (let i = 1; i < nodes.length; i++) {
    const node = nodes[i]!
    const from = nodes[node.parent]!
    const radius = Math.min(unit * node.leaves ** (1 / 2.8), 5.2)
    const reach = thickness / 2 + radius
    // The part of the piece whose height lies within the slice.
    const dz = node.z - from.z
    let t0 = 0
    let t1 = 1
    if (Math.abs(dz) > 1e-6) {
      const a = (-reach - from.z) / dz
      const b = (reach - from.z) / dz
      t0 = Math.max(0, Math.min(a, b))
      t1 = Math.min(1, Math.max(a, b))
    } else if (Math.abs(node.z) > reach) continue
    if (t1 <= t0) continue
    const at = (t: number) => ({
      x: from.x + (node.x - from.x) * t,
      y: from.y + (node.y - from.y) * t,
      z: Math.abs(from.z + dz * t),
    })
    const a = at(t0)
    const b = at(t1)
    if (anatomy.lung((a.x + b.x) / 2, (a.y + b.y) / 2) > -1) continue
    const height = at((t0 + t1) / 2).z
    const inSlice = Math.max(
      0,
      Math.min(height + radius, thickness / 2) - Math.max(height - radius, -thickness / 2),
    )
    const length = Math.hypot(b.x - a.x, b.y - a.y)
    const share = length < radius * 2 ? 1 : Math.min(1, inSlice / thickness)
    if (share < 0.1) continue
    // A bend halfway keeps branches from looking ruled.
    const bend = random.normal() * 0.06 * length
    const mx = (a.x + b.x) / 2 - ((b.y - a.y) / (length || 1)) * bend
    const my = (a.y + b.y) / 2 + ((b.x - a.x) / (length || 1)) * bend
    pieces.push({ ax: a.x, ay: a.y, bx: mx, by: my, radius: radius * 1.04, share, depth: node.depth })
    pieces.push({ ax: mx, ay: my, bx: b.x, by: b.y, radius, share, depth: node.depth })
  }
  return pieces
}
