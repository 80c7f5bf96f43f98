import { LESIONS, type Lesion } from '../../records/vocabulary.ts'
import { type Random, seededStream } from '../random.ts'
import { type Anatomy, drawAnatomy } from './anatomy.ts'
import { alongStroke, blur, coverage, type Raster } from './canvas.ts'
import {
  type Disease,
  drawControlDisease,
  drawDistribution,
  drawLesionsOf,
  impliedLesions,
  PROFILES,
} from './disease.ts'
import { clamp, cloudNoise, ellipseDistance, gradientNoise, mix, smoothStep } from './field.ts'
import { type Distribution, drawLesions, type LesionFields, type LungField, place } from './lesions.ts'
import { drawSigns } from './signs.ts'
import { drawVessels } from './vessels.ts'

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
  const density = paint(patient.fork('tissue'), patient.fork('density'), field, drawn)
  drawSigns(patient.fork('signs'), field, profile, density)
  const pixels = scan(patient.fork('scanner'), root.fork('noise'), raster, density)
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

/** Density in Hounsfield units: the body, then the lungs with lesions and vessels. */
function paint(tissue: Random, random: Random, field: LungField, lesions: LesionFields): Float32Array {
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

/** What the scanner and the person at the window make of it: sharpness, noise, window, 8 bits. */
function scan(scanner: Random, noise: Random, raster: Raster, density: Float32Array): Uint8Array {
  const { width, height } = raster
  const sharp = scanner.chance(0.35)
  blur(density, width, height, scanner.between(0.5, 0.8))
  const grain = new Float32Array(density.length)
  for (let i = 0; i < grain.length; i++) grain[i] = noise.normal()
  blur(grain, width, height, sharp ? 0.45 : scanner.between(0.6, 0.85))
  const strength = scanner.between(10, 34)
  let image = density
  if (sharp) {
    const smooth = Float32Array.from(density)
    blur(smooth, width, height, 1)
    image = density.map((value, i) => value + 0.7 * (value - smooth[i]!))
  }
  const centre = scanner.between(-640, -480)
  const span = scanner.between(1100, 1650)
  const gamma = scanner.between(0.88, 1.12)
  const pixels = new Uint8Array(density.length)
  for (let i = 0; i < pixels.length; i++) {
    const shade = clamp((image[i]! + grain[i]! * strength * 2 - (centre - span / 2)) / span, 0, 1)
    pixels[i] = Math.round(255 * shade ** gamma)
  }
  return pixels
}
