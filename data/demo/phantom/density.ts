import type { Random } from '../random.ts'
import type { Anatomy } from './anatomy.ts'
import { alongStroke, coverage } from './canvas.ts'
import { clamp, cloudNoise, ellipseDistance, gradientNoise, mix, smoothStep } from './field.ts'
import type { LesionFields } from './lesions.ts'
import { type LungField, place } from './patches.ts'
import { drawVessels } from './vessels.ts'

/** Density in Hounsfield units: the body, then the lungs with lesions and vessels. */
export function paintDensity(
  tissue: Random,
  random: Random,
  field: LungField,
  lesions: LesionFields,
): Float32Array {
  const { raster, anatomy, lung, wall } = field
  const { pixel } = raster
  const density = new Float32Array(raster.width * raster.height).fill(-1000)
  const fatSeed = tissue.int(1, 1e6)
  const airSeed = tissue.int(1, 1e6)
  const air = tissue.between(-885, -815)
  const gradient = tissue.between(15, 60)
  const tableY = anatomy.bodyY + anatomy.bodyRy + tissue.between(3, 9)
  const tableBend = tissue.between(0.0006, 0.0016)
  const hazy = random.between(210, 400)
  const paved = random.between(190, 300)
  const dense = random.between(-30, 50)
  const lineDensity = random.between(330, 480)
  const cloudSeed = random.int(1, 1e6)

  const vessels = new Float32Array(density.length)
  const lumen = new Float32Array(density.length)
  const wallOfBronchus = new Float32Array(density.length)
  const thickness = tissue.between(2.5, 6)
  for (const side of [-1, 1] as const)
    for (const piece of drawVessels(tissue.fork(`vessels${side}`), anatomy, side, thickness)) {
      const radius = Math.max(piece.radius, pixel * 0.42)
      const faint = piece.share * Math.min(1, (piece.radius / radius) ** 1.5)
      alongStroke(raster, { ...piece, radius }, (index, d) => {
        const value = coverage(d, pixel * 1.2) * faint
        if (value > vessels[index]!) vessels[index] = value
      })
      if (piece.radius < 1.75 || piece.depth > 5 || piece.depth % 2 === 1) continue
      // The bronchus that runs beside the artery: a bright wall round a dark lumen.
      const length = Math.hypot(piece.bx - piece.ax, piece.by - piece.ay) || 1
      const bore = piece.radius * 0.8
      const off = piece.radius + bore + 0.9
      const ox = (-(piece.by - piece.ay) / length) * off
      const oy = ((piece.bx - piece.ax) / length) * off
      const beside = { ax: piece.ax + ox, ay: piece.ay + oy, bx: piece.bx + ox, by: piece.by + oy }
      alongStroke(raster, { ...beside, radius: bore + 1 }, (index, d) => {
        wallOfBronchus[index] = Math.max(wallOfBronchus[index]!, coverage(d, pixel * 1.2) * 0.75)
      })
      alongStroke(raster, { ...beside, radius: bore }, (index, d) => {
        lumen[index] = Math.max(lumen[index]!, coverage(d, pixel * 1.2))
      })
    }

  for (let index = 0; index < density.length; index++) {
    const { x, y } = place(raster, index)
    let hu = -1000
    const table = Math.abs(y - (tableY - tableBend * x * x))
    if (table < pixel * 0.8 && Math.abs(x) < anatomy.bodyRx * 0.9) hu = -760
    const body = wall[index]! < -4 ? -9 : anatomy.body(x, y)
    if (body < pixel) {
      // Deep in the lung nothing of the tissue round it shows.
      let inside = lung[index]! > -pixel ? tissueAt(x, y, body, wall[index]!, anatomy, fatSeed) : 0
      if (lung[index]! < pixel) {
        const cover = coverage(lung[index]!, pixel * 1.3)
        let p = air + gradient * (y / anatomy.cavityRy) + 26 * cloudNoise(x / 9, y / 9, airSeed)
        const fissure = Math.abs(y - anatomy.fissure(x))
        if (fissure < pixel) p += 130 * (1 - fissure / pixel)
        const haze = lesions.extent.GGO[index]!
        if (haze > 0)
          p +=
            haze *
            (lesions.extent.CrPa[index]! > 0.3 ? paved : hazy) *
            (1 + 0.28 * cloudNoise(x / 11, y / 11, cloudSeed))
        p = mix(p, Math.max(p, -170), wallOfBronchus[index]! * 0.8)
        p = mix(p, Math.max(p, 25), vessels[index]!)
        p += lesions.septa[index]! * lineDensity * clamp(-p / 700, 0, 1)
        p = mix(
          p,
          dense + 45 * cloudNoise(x / 7, y / 7, cloudSeed + 5) - 60 * (1 - lesions.extent.Csld[index]!),
          smoothStep(0.05, 0.95, lesions.extent.Csld[index]!),
        )
        p = mix(p, -960, lumen[index]! * (1 - 0.9 * lesions.extent.Csld[index]!))
        p = mix(p, -840, lesions.tubes[index]! * 0.92)
        inside = mix(inside, p, cover)
      }
      hu = mix(hu, inside, coverage(body, pixel * 1.2))
    }
    density[index] = hu
  }
  for (const bone of anatomy.bones)
    alongStroke(raster, bone, (index, d) => {
      const marrow = d < -2 ? 180 : 560
      density[index] = mix(density[index]!, marrow, coverage(d, pixel))
    })
  return density
}

/** Density outside the lungs: skin, fat, muscle, mediastinum, great vessels, spine. */
function tissueAt(x: number, y: number, body: number, wall: number, anatomy: Anatomy, seed: number): number {
  let hu: number
  if (wall > 0) {
    const layer = -body + 3 * cloudNoise(x / 16, y / 16, seed)
    const muscle = smoothStep(anatomy.fat - 2, anatomy.fat + 2, layer)
    const streak = gradientNoise(x / 5, y / 13, seed + 3) > 0.4 ? -90 : 0
    hu = mix(-105 + 12 * gradientNoise(x / 4, y / 4, seed + 9), 48 + streak, muscle)
    if (body > -1.8) hu = 20
  } else {
    hu = mix(38, -85, smoothStep(0.15, 0.5, cloudNoise(x / 14, y / 14, seed + 7)))
    for (const organ of anatomy.organs) {
      const d = ellipseDistance(organ, x, y)
      if (d < 1.5) hu = mix(hu, organ.hu, coverage(d, 2))
    }
    for (const airway of anatomy.airways) {
      const d = ellipseDistance(airway, x, y)
      if (d < 2.5) hu = mix(mix(hu, 20, coverage(d - 1.4, 1.5)), -990, coverage(d, 1.5))
    }
  }
  const bone = ellipseDistance(anatomy.vertebra, x, y)
  if (bone < 2)
    hu = mix(hu, bone > -2 ? 480 : 190 + 90 * gradientNoise(x / 3, y / 3, seed + 1), coverage(bone, 2))
  const canal = ellipseDistance(anatomy.canal, x, y)
  if (canal < 5) hu = mix(mix(hu, 450, coverage(canal - 3.5, 2)), 30, coverage(canal, 2))
  return hu
}
