import { LESIONS, type Lesion } from '../../records/vocabulary.ts'
import { type Random, seededStream } from '../random.ts'
import { type Anatomy, drawAnatomy } from './anatomy.ts'
import type { Raster } from './canvas.ts'
import { paintDensity } from './density.ts'
import {
  type Disease,
  drawControlDisease,
  drawDistribution,
  drawLesionsOf,
  impliedLesions,
  PROFILES,
} from './disease.ts'
import { drawLesions } from './lesions.ts'
import { type Distribution, type LungField, place } from './patches.ts'
import { scanDensity } from './scanner.ts'
import { drawSigns } from './signs.ts'

/** What the phantom shall show; what is left out is drawn by the seed. */
export interface SliceWish {
  covid?: boolean
  disease?: Disease
  /** Exactly these lesions (and what they imply: air bronchogram a consolidation, crazy paving ground glass). */
  lesions?: readonly Lesion[]
  distribution?: Distribution
  bilateral?: boolean
  /** 0 to 1. */
  severity?: number
  /** 0 apex to 1 base. */
  level?: number
  /** Pixels; the height follows from the body's proportions. */
  width?: number
  /** Pixels; absent: follows from the body. More shows more air, less cuts the body. */
  height?: number
  /** Chest, scanner and the seats of the lesions come from this seed: the same patient again, at another time. */
  patient?: string
}

/** A CT slice in lung window, 8 bits grey. Masks hold 1 where the lesion is; lesions that are not shown have none. */
export interface PhantomSlice {
  width: number
  height: number
  pixels: Uint8Array
  covid: boolean
  disease: Disease
  lesions: Lesion[]
  masks: Partial<Record<Lesion, Uint8Array>>
  /** 1 inside the lungs. */
  lung: Uint8Array
  level: number
  /** Millimetres a pixel. */
  pixel: number
}

/**
 * Draws an axial chest CT slice. Size, field of view, window, noise and sharpness are drawn from a stream of their
 * own, the same for every disease, so that nothing but anatomy and lesions can tell the classes apart.
 */
export function phantomSlice(seed: string | number, wish: SliceWish = {}): PhantomSlice {
  const root = seededStream(String(seed))
  const patient = seededStream(`patient/${wish.patient ?? seed}`)
  const plan = patient.fork('plan')
  const covid = wish.covid ?? (wish.disease ? wish.disease === 'covid' : plan.chance(0.5))
  const disease = wish.disease ?? (covid ? 'covid' : drawControlDisease(plan))
  const lesions = impliedLesions(wish.lesions ?? drawLesionsOf(plan, disease))
  const profile = PROFILES[disease]
  const level = wish.level ?? patient.fork('level').between(0.2, 0.97)
  const anatomy = drawAnatomy(patient.fork('anatomy'), level)
  const raster = drawRaster(patient.fork('view'), anatomy, wish.width, wish.height)
  const field = measure(raster, anatomy)
  const severity = wish.severity ?? root.fork('severity').between(0.05, 1) ** 1.3
  const drawn = drawLesions(patient.fork('lesions'), field, {
    lesions,
    distribution: wish.distribution ?? drawDistribution(plan, disease),
    bilateral: wish.bilateral ?? plan.chance(profile.bilateral),
    severity,
  })
  const density = paintDensity(patient.fork('tissue'), patient.fork('density'), field, drawn)
  drawSigns(patient.fork('signs'), field, profile, density)
  const pixels = scanDensity(patient.fork('scanner'), root.fork('noise'), raster, density)
  const masks: PhantomSlice['masks'] = {}
  for (const lesion of LESIONS)
    if (lesions.includes(lesion))
      masks[lesion] = Uint8Array.from(drawn.extent[lesion], value => (value > 0.35 ? 1 : 0))
  return {
    width: raster.width,
    height: raster.height,
    pixels,
    covid,
    disease,
    lesions,
    masks,
    lung: Uint8Array.from(field.lung, d => (d < 0 ? 1 : 0)),
    level,
    pixel: raster.pixel,
  }
}

function drawRaster(random: Random, anatomy: Anatomy, wishedWidth?: number, wishedHeight?: number): Raster {
  const drawnWidth = random.int(180, 244)
  const width = wishedWidth ?? drawnWidth
  // From a field cut close to the lungs to one with air and table round the body.
  const tight = random.chance(0.45)
  const halfX = tight ? anatomy.cavityRx + random.between(2, 14) : anatomy.bodyRx * random.between(0.97, 1.1)
  const halfY = tight
    ? anatomy.cavityRy + random.between(6, 18)
    : Math.min(anatomy.bodyRy * random.between(1.0, 1.18), halfX * 0.92)
  let pixel = (2 * halfX) / width
  // A wished height may cut skin, never lung.
  if (wishedHeight) pixel = Math.max(pixel, (2 * (anatomy.cavityRy + 5)) / wishedHeight)
  const height = wishedHeight ?? Math.max(Math.round((2 * halfY) / pixel), Math.round(width * 0.6))
  const middle = tight ? random.between(-2, 5) : anatomy.bodyY
  return {
    width,
    height,
    pixel,
    x0: (-width * pixel) / 2 + pixel / 2,
    y0: middle - (height * pixel) / 2 + pixel / 2,
  }
}

function measure(raster: Raster, anatomy: Anatomy): LungField {
  const size = raster.width * raster.height
  const lung = new Float32Array(size)
  const wall = new Float32Array(size)
  const pixels: number[] = []
  for (let index = 0; index < size; index++) {
    const { x, y } = place(raster, index)
    wall[index] = anatomy.cavity(x, y)
    lung[index] = wall[index]! > 8 ? wall[index]! : anatomy.lung(x, y, wall[index])
    if (lung[index]! < 0) pixels.push(index)
  }
  return { raster, anatomy, lung, wall, pixels: Int32Array.from(pixels) }
}
