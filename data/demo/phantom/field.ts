/** Signed distances and smooth noise over the plane, in millimetres: negative inside. */

export interface Ellipse {
  x: number
  y: number
  rx: number
  ry: number
  /** Clockwise as seen, in radians. */
  turn?: number
}

export const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(value, high))
export const mix = (a: number, b: number, share: number) => a + (b - a) * share

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothStep(low: number, high: number, value: number): number {
  const t = clamp((value - low) / (high - low), 0, 1)
  return t * t * (3 - 2 * t)
}

/** Approximate signed distance to an ellipse (exact on its rim). */
export function ellipseDistance(e: Ellipse, x: number, y: number): number {
  let dx = x - e.x
  let dy = y - e.y
  if (e.turn) {
    const c = Math.cos(e.turn)
    const s = Math.sin(e.turn)
    ;[dx, dy] = [c * dx + s * dy, -s * dx + c * dy]
  }
  const px = dx / e.rx
  const py = dy / e.ry
  const k = Math.sqrt(px * px + py * py)
  if (k < 1e-6) return -Math.min(e.rx, e.ry)
  const qx = px / e.rx
  const qy = py / e.ry
  return (k * (k - 1)) / Math.sqrt(qx * qx + qy * qy)
}

/** Distance to a line of some width between two points. */
export function strokeDistance(
  x: number,
  y: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
): number {
  const vx = bx - ax
  const vy = by - ay
  const length2 = vx * vx + vy * vy
  const t = length2 > 0 ? clamp(((x - ax) * vx + (y - ay) * vy) / length2, 0, 1) : 0
  const dx = x - ax - vx * t
  const dy = y - ay - vy * t
  return Math.sqrt(dx * dx + dy * dy) - radius
}

/** Union and intersection with corners rounded over `k` millimetres. */
export function smoothMin(a: number, b: number, k: number): number {
  const h = Math.max(k - Math.abs(a - b), 0) / k
  return Math.min(a, b) - (h * h * k) / 4
}
export const smoothMax = (a: number, b: number, k: number) => -smoothMin(-a, -b, k)

function lattice(ix: number, iy: number, seed: number): number {
  let h = Math.imul(ix, 0x27d4eb2d) ^ Math.imul(iy, 0x165667b1) ^ seed
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}

/** Slope of the noise at a lattice point, in one of 16 directions, times the way from there. */
function slope(ix: number, iy: number, dx: number, dy: number, seed: number): number {
  const angle = Math.floor(lattice(ix, iy, seed) * 16)
  return dx * COSINES[angle]! + dy * COSINES[(angle + 12) % 16]!
}
const COSINES = Array.from({ length: 16 }, (_, i) => Math.cos((i * Math.PI) / 8))

/** Gradient noise (Perlin) in about [-1, 1] with one lattice cell per unit. */
export function gradientNoise(x: number, y: number, seed: number): number {
  const ix = Math.floor(x)
  const iy = Math.floor(y)
  const fx = x - ix
  const fy = y - iy
  const ux = fx * fx * fx * (fx * (fx * 6 - 15) + 10)
  const uy = fy * fy * fy * (fy * (fy * 6 - 15) + 10)
  const top = mix(slope(ix, iy, fx, fy, seed), slope(ix + 1, iy, fx - 1, fy, seed), ux)
  const bottom = mix(slope(ix, iy + 1, fx, fy - 1, seed), slope(ix + 1, iy + 1, fx - 1, fy - 1, seed), ux)
  return 1.5 * mix(top, bottom, uy)
}

/** Three octaves of gradient noise, each turned against the last, in about [-1, 1]. */
export function cloudNoise(x: number, y: number, seed: number): number {
  return (
    (gradientNoise(x, y, seed) +
      0.55 * gradientNoise(1.6 * x + 1.2 * y, 1.6 * y - 1.2 * x, seed + 17) +
      0.3 * gradientNoise(3.9 * x - 1.4 * y, 3.9 * y + 1.4 * x, seed + 31)) /
    1.35
  )
}

/** Distance to the nearest wall of a net of irregular cells (Voronoi), one cell per unit: thin septa of lobules. */
export function septaDistance(x: number, y: number, seed: number): number {
  const ix = Math.floor(x)
  const iy = Math.floor(y)
  let nearest = 9
  let px = 0
  let py = 0
  for (let j = -1; j <= 1; j++)
    for (let i = -1; i <= 1; i++) {
      const cx = ix + i + 0.12 + 0.76 * lattice(ix + i, iy + j, seed)
      const cy = iy + j + 0.12 + 0.76 * lattice(ix + i, iy + j, seed + 101)
      const d = (cx - x) ** 2 + (cy - y) ** 2
      if (d < nearest) {
        nearest = d
        px = cx
        py = cy
      }
    }
  let wall = 9
  for (let j = -2; j <= 2; j++)
    for (let i = -2; i <= 2; i++) {
      const cx = ix + i + 0.12 + 0.76 * lattice(ix + i, iy + j, seed)
      const cy = iy + j + 0.12 + 0.76 * lattice(ix + i, iy + j, seed + 101)
      const vx = cx - px
      const vy = cy - py
      const length = Math.sqrt(vx * vx + vy * vy)
      if (length < 1e-6) continue
      const d = ((cx + px) / 2 - x) * (vx / length) + ((cy + py) / 2 - y) * (vy / length)
      if (d < wall) wall = d
    }
  return Math.max(wall, 0)
}
