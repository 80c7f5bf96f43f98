import type { Random } from '../random.ts'
import type { Anatomy } from './anatomy.ts'
import { alongStroke, coverage, type Raster } from './canvas.ts'
import { cloudNoise, mix, smoothStep } from './field.ts'

/** Where a disease likes to sit. */
export type Distribution = 'peripheral' | 'central' | 'lobar' | 'diffuse'

/** The lungs of a slice on their raster. */
export interface LungField {
  raster: Raster
  anatomy: Anatomy
  /** Signed distance to the lungs' surface and to the chest wall, a value a pixel. */
  lung: Float32Array
  wall: Float32Array
  /** Indices of the pixels inside the lungs. */
  pixels: Int32Array
}

/** A place in millimetres. */
export interface Spot {
  x: number
  y: number
}

export const place = (raster: Raster, index: number): Spot => ({
  x: raster.x0 + (index % raster.width) * raster.pixel,
  y: raster.y0 + Math.floor(index / raster.width) * raster.pixel,
})

/** A seat for a patch: subpleural and to the back for a peripheral disease, round the hila for a central one. */
export function seat(random: Random, field: LungField, distribution: Distribution, side: -1 | 0 | 1): Spot {
  const { raster, anatomy, wall, lung, pixels } = field
  let best: Spot = { x: side * anatomy.cavityRx * 0.6, y: 0 }
  let bestScore = -1
  for (let i = 0; i < 24; i++) {
    const index = pixels[random.int(0, pixels.length - 1)]!
    const at = place(raster, index)
    if (side !== 0 && Math.sign(at.x) !== side) continue
    const hilum = anatomy.hila[at.x < 0 ? 0 : 1]
    const toHilum = Math.hypot(at.x - hilum.x, at.y - hilum.y)
    const back = (at.y / anatomy.cavityRy + 1) / 2
    let score = random.between(0.2, 1)
    if (distribution === 'peripheral') score *= Math.exp(-Math.abs(wall[index]! + 9) / 9) * (0.35 + back)
    else if (distribution === 'central')
      score *= Math.exp(-Math.abs(toHilum - 26) / 18) * smoothStep(0, 10, -lung[index]!)
    else score *= smoothStep(0, 8, -lung[index]!)
    if (score > bestScore) {
      bestScore = score
      best = at
    }
  }
  return best
}

/** An irregular patch: bent along the chest wall when peripheral, round otherwise, its edge frayed by noise. */
export function addPatch(
  target: Float32Array,
  random: Random,
  field: LungField,
  distribution: Distribution,
  at: Spot,
  radius: number,
  softness: number,
): void {
  const { raster, anatomy, wall, pixels } = field
  const seed = random.int(1, 1e6)
  const stretch = distribution === 'peripheral' ? random.between(1.15, 1.9) : random.between(0.85, 1.2)
  const depthOf = (x: number, y: number) => -anatomy.cavity(x, y)
  const depth = Math.max(depthOf(at.x, at.y), 2)
  const angle = Math.atan2(at.y, at.x)
  const far = Math.hypot(at.x, at.y)
  for (const index of pixels) {
    const { x, y } = place(raster, index)
    if (Math.sign(x) !== Math.sign(at.x)) continue
    if (Math.abs(x - at.x) > radius * 2.6 || Math.abs(y - at.y) > radius * 2.6) continue
    let across: number
    let along: number
    if (distribution === 'peripheral') {
      let turn = Math.atan2(y, x) - angle
      if (turn > Math.PI) turn -= 2 * Math.PI
      if (turn < -Math.PI) turn += 2 * Math.PI
      along = (turn * far) / (radius * stretch)
      across = (-wall[index]! - depth * 0.55) / (radius * 0.82)
    } else {
      along = (x - at.x) / (radius * stretch)
      across = (y - at.y) / radius
    }
    const d = Math.sqrt(along * along + across * across)
    const frayed = d + 0.42 * cloudNoise(x / (radius * 0.62), y / (radius * 0.62), seed)
    const value = 1 - smoothStep(1 - softness, 1 + softness * 0.35, frayed)
    if (value > target[index]!) target[index] = value
  }
}

/** A lobe or part of one, bounded by its fissure: sharp there, frayed elsewhere. */
export function addLobe(
  target: Float32Array,
  random: Random,
  field: LungField,
  side: -1 | 1,
  share: number,
): void {
  const { raster, anatomy, pixels } = field
  const seed = random.int(1, 1e6)
  const behind = random.chance(0.75)
  const spread = anatomy.cavityRy * mix(0.35, 1.05, share)
  for (const index of pixels) {
    const { x, y } = place(raster, index)
    if (Math.sign(x) !== side) continue
    const fromFissure = behind ? y - anatomy.fissure(x) : anatomy.fissure(x) - y
    if (fromFissure < 0) continue
    const frayed = fromFissure / spread + 0.3 * cloudNoise(x / 17, y / 17, seed)
    const value = smoothStep(0, 1.5, fromFissure) * (1 - smoothStep(0.78, 1.02, frayed))
    if (value > target[index]!) target[index] = value
  }
}

/** Bronchi that stay open: a small tree from the side of the hilum into the patch. */
export function addTubes(
  tubes: Float32Array,
  random: Random,
  field: LungField,
  at: Spot,
  radius: number,
): void {
  const { raster, anatomy } = field
  const hilum = anatomy.hila[at.x < 0 ? 0 : 1]
  const out = Math.atan2(at.y - hilum.y, at.x - hilum.x)
  const grow = (x: number, y: number, angle: number, length: number, width: number, left: number) => {
    // Each branch bends once and tapers, as bronchi do.
    const turn = random.between(-0.25, 0.25)
    const mx = x + Math.cos(angle) * length * 0.5
    const my = y + Math.sin(angle) * length * 0.5
    const bx = mx + Math.cos(angle + turn) * length * 0.5
    const by = my + Math.sin(angle + turn) * length * 0.5
    for (const piece of [
      { ax: x, ay: y, bx: mx, by: my, radius: width },
      { ax: mx, ay: my, bx, by, radius: width * 0.88 },
    ])
      alongStroke(raster, piece, (index, d) => {
        tubes[index] = Math.max(tubes[index]!, coverage(d, raster.pixel * 1.4))
      })
    if (left === 0) return
    const fork = random.between(0.3, 0.55)
    const shorter = () => length * random.between(0.62, 0.9)
    grow(bx, by, angle + turn + fork, shorter(), width * 0.78, left - 1)
    grow(bx, by, angle + turn - fork * random.between(0.6, 1.1), shorter(), width * 0.78, left - 1)
  }
  const start = radius * 0.75
  grow(
    at.x - Math.cos(out) * start,
    at.y - Math.sin(out) * start,
    out + random.between(-0.2, 0.2),
    radius * random.between(0.5, 0.65),
    Math.max(random.between(1.5, 2.1), raster.pixel * 0.85),
    2,
  )
}
