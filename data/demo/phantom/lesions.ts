import { LESIONS, type Lesion } from '../../records/vocabulary.ts'
import type { Random } from '../random.ts'
import { clamp, cloudNoise, mix, septaDistance, smoothStep } from './field.ts'
import {
  addLobe,
  addPatch,
  addTubes,
  type Distribution,
  type LungField,
  place,
  type Spot,
  seat,
} from './patches.ts'

/** How much of each lesion every pixel carries, 0 to 1, and what is drawn on top. */
export interface LesionFields {
  extent: Record<Lesion, Float32Array>
  /** Thickened septa, 0 to 1 (of crazy paving and of interlobular thickening). */
  septa: Float32Array
  /** Open bronchi inside consolidation, 0 to 1. */
  tubes: Float32Array
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
