import { LESIONS, type Lesion } from '../../records/vocabulary.ts'
import type { Random } from '../random.ts'
import type { Anatomy } from './anatomy.ts'
import { alongStroke, coverage, type Raster } from './canvas.ts'
import { clamp, cloudNoise, mix, septaDistance, smoothStep } from './field.ts'

/** Where a disease likes to sit. */
export type Distribution = 'peripheral' | 'central' | 'lobar' | 'diffuse'

/** How much of each lesion every pixel carries, 0 to 1, and what is drawn on top. */
export interface LesionFields {
  extent: Record<Lesion, Float32Array>
  /** Thickened septa, 0 to 1 (of crazy paving and of interlobular thickening). */
  septa: Float32Array
  /** Open bronchi inside consolidation, 0 to 1. */
  tubes: Float32Array
}

export interface LungField {
  raster: Raster
  anatomy: Anatomy
  /** Signed distance to the lungs' surface and to the chest wall, a value a pixel. */
  lung: Float32Array
  wall: Float32Array
  /** Indices of the pixels inside the lungs. */
  pixels: Int32Array
}

interface Spot {
  x: number
  y: number
}

export const place = (raster: Raster, index: number): Spot => ({
  x: raster.x0 + (index % raster.width) * raster.pixel,
  y: raster.y0 + Math.floor(index / raster.width) * raster.pixel,
})

/** A seat for a patch: subpleural and to the back for a peripheral disease, round the hila for a central one. */
function seat(random: Random, field: LungField, distribution: Distribution, side: -1 | 0 | 1): Spot {
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
function addPatch(
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
function addLobe(target: Float32Array, random: Random, field: LungField, side: -1 | 1, share: number): void {
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
function addTubes(tubes: Float32Array, random: Random, field: LungField, at: Spot, radius: number): void {
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

export interface LesionWish {
  lesions: readonly Lesion[]
  distribution: Distribution
  bilateral: boolean
  /** 0.2 (a spot) to 1 (most of the lungs). */
  severity: number
}

const areaOf = (field: Float32Array, pixel: number) => {
  let count = 0
  for (const value of field) if (value > 0.5) count++
  return count * pixel * pixel
}

/** Draws the lesions wished for; every one of them covers a visible area, and nothing else is drawn. */
export function drawLesions(random: Random, field: LungField, wish: LesionWish): LesionFields {
  const { raster, wall, pixels } = field
  const empty = () => new Float32Array(raster.width * raster.height)
  const extent = Object.fromEntries(LESIONS.map(lesion => [lesion, empty()])) as Record<Lesion, Float32Array>
  const septa = empty()
  const tubes = empty()
  const wanted = new Set(wish.lesions)
  const onlySide: -1 | 1 = random.chance(0.55) ? -1 : 1
  const sideOf = (i: number): -1 | 1 =>
    wish.bilateral ? (i % 2 === 0 ? onlySide : (-onlySide as -1 | 1)) : onlySide

  const kinds = (['GGO', 'Csld', 'CrPa'] as const).filter(
    lesion => wanted.has(lesion) || (lesion === 'Csld' && wanted.has('AirBr')),
  )
  for (const lesion of kinds) {
    const target = extent[lesion]
    const grow = lesion === 'Csld' ? 0.8 : lesion === 'CrPa' ? 1.12 : 1
    const softness = lesion === 'Csld' ? 0.36 : 0.5
    const least = lesion === 'CrPa' ? 900 : lesion === 'Csld' && wanted.has('AirBr') ? 800 : 420
    const patches =
      wish.distribution === 'lobar'
        ? 1
        : Math.max(1, Math.round(mix(1, 5, wish.severity) + random.between(-0.7, 0.7)))
    const seats: Spot[] = []
    let radii = 0
    if (wish.distribution === 'lobar' && (lesion === 'Csld' || kinds.length === 1))
      addLobe(target, random, field, onlySide, random.between(0.35, 0.6) + wish.severity * 0.5)
    if (wish.distribution === 'diffuse' && lesion !== 'Csld') {
      const seed = random.int(1, 1e6)
      for (const index of pixels) {
        const { x, y } = place(raster, index)
        if (!wish.bilateral && Math.sign(x) !== onlySide) continue
        const value =
          smoothStep(-0.25, 0.25, cloudNoise(x / 34, y / 34, seed) + (wish.severity - 0.45)) *
          smoothStep(0, 7, -wall[index]!)
        target[index] = Math.max(target[index]!, value)
      }
    }
    for (let i = 0; i < 12 && (i < patches || areaOf(target, raster.pixel) < least); i++) {
      if (i === 0 && areaOf(target, raster.pixel) > least * 2) break
      const at = seat(random, field, wish.distribution === 'lobar' ? 'central' : wish.distribution, sideOf(i))
      const radius = grow * mix(13, 27, wish.severity) * random.between(0.75, 1.2)
      seats.push(at)
      radii = radius
      addPatch(target, random, field, wish.distribution, at, radius, softness)
    }
    if (lesion === 'Csld' && wanted.has('AirBr'))
      drawAirBronchograms(random, field, target, tubes, seats, radii, extent.AirBr)
  }

  if (wanted.has('CrPa')) {
    const seed = random.int(1, 1e6)
    const cell = random.between(7, 9.5)
    for (const index of pixels) {
      const inside = extent.CrPa[index]!
      if (inside < 0.05) continue
      const { x, y } = place(raster, index)
      const line =
        1 -
        smoothStep(0.35, 1.25, (septaDistance(x / cell, y / cell, seed) * cell) / Math.max(raster.pixel, 1.1))
      const strength = clamp(0.72 + 0.5 * cloudNoise(x / 13, y / 13, seed + 3), 0.15, 1)
      septa[index] = Math.max(septa[index]!, line * strength * smoothStep(0.2, 0.7, inside))
      extent.GGO[index] = Math.max(extent.GGO[index]!, inside * 0.9)
    }
  }
  if (wanted.has('InSepThi')) drawSeptalLines(random, field, septa, extent.InSepThi, wish)
  // A denser lesion hides the fainter below it, except that crazy paving lies on ground glass.
  for (const index of pixels) {
    const dense = extent.Csld[index]!
    if (dense > 0.5) {
      extent.GGO[index]! *= 1 - dense
      extent.CrPa[index]! *= 1 - dense
    }
  }
  return { extent, septa, tubes }
}

function drawAirBronchograms(
  random: Random,
  field: LungField,
  dense: Float32Array,
  tubes: Float32Array,
  seats: Spot[],
  radius: number,
  mask: Float32Array,
): void {
  const { raster, pixels, lung } = field
  const inner = pixels.filter(index => dense[index]! > 0.8 && lung[index]! < -7)
  const from = inner.length > 0 ? inner : pixels.filter(index => dense[index]! > 0.5)
  const spots = [...seats.slice(0, 2)]
  for (let i = 0; i < 3 && from.length > 0; i++)
    spots.push(place(raster, from[random.int(0, from.length - 1)]!))
  for (const at of spots) addTubes(tubes, random, field, at, Math.min(Math.max(radius, 16), 26))
  for (const index of pixels) {
    tubes[index]! *= smoothStep(0.45, 0.8, dense[index]!)
    if (lung[index]! > -2.5) tubes[index] = 0
    if (tubes[index]! > 0.35) mask[index] = 1
  }
}

/** Thin polygonal lines under the pleura, on lung that is otherwise nearly clear. */
function drawSeptalLines(
  random: Random,
  field: LungField,
  septa: Float32Array,
  mask: Float32Array,
  wish: LesionWish,
): void {
  const { raster, anatomy, pixels, wall, lung } = field
  const seed = random.int(1, 1e6)
  const patchSeed = random.int(1, 1e6)
  const cell = random.between(14, 18)
  const depth = mix(24, 42, wish.severity)
  const side: -1 | 0 | 1 = wish.bilateral ? 0 : random.chance(0.5) ? -1 : 1
  const width = Math.max(raster.pixel * 1.05, 1.25)
  for (const index of pixels) {
    const { x, y } = place(raster, index)
    if (side !== 0 && Math.sign(x) !== side) continue
    const near =
      wish.distribution === 'central' || wish.distribution === 'diffuse' ? -lung[index]! : -wall[index]!
    const zone =
      (1 - smoothStep(depth * 0.7, depth, near)) *
      smoothStep(-0.35, -0.05, cloudNoise(x / 46, y / 46, patchSeed) + 0.25 * (y / anatomy.cavityRy) + 0.15)
    if (zone < 0.02) continue
    // Lobules under the pleura are long from the surface inwards: most lines run straight to it.
    const along = (Math.atan2(y, x) * 105) / cell
    const inwards = -wall[index]! / (cell * 1.35)
    const line = 1 - smoothStep(0.3, 1.15, (septaDistance(along, inwards, seed) * cell) / width)
    const strength = smoothStep(-0.42, 0.1, cloudNoise(x / 12, y / 12, seed + 7))
    septa[index] = Math.max(septa[index]!, line * zone * strength)
    if (zone * strength > 0.4 && line > 0.05) mask[index] = 1
  }
}
