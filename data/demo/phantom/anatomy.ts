import type { Random } from '../random.ts'
import { clamp, type Ellipse, ellipseDistance, mix, smoothMax, smoothMin, smoothStep } from './field.ts'

/** A bone as a bent bar: cortex outside, marrow inside. */
export interface Bone {
  ax: number
  ay: number
  bx: number
  by: number
  radius: number
}

/** The chest at one level, in millimetres from the middle of the thoracic cavity; x to the patient's left, y to the back. */
export interface Anatomy {
  /** 0 at the apex of the lungs, 1 at their base. */
  level: number
  bodyRx: number
  bodyRy: number
  bodyY: number
  fat: number
  body(x: number, y: number): number
  /** The inside of the rib cage. */
  cavity(x: number, y: number): number
  cavityRx: number
  cavityRy: number
  /** The lungs: negative inside; which one is told by the sign of x. `cavity` where it is known already. */
  lung(x: number, y: number, cavity?: number): number
  /** Blood pools and organs with their density in Hounsfield units. */
  organs: (Ellipse & { hu: number })[]
  /** Air in trachea, main bronchi, oesophagus. */
  airways: Ellipse[]
  bones: Bone[]
  vertebra: Ellipse
  canal: Ellipse
  /** Where vessels and bronchi enter the lung, right then left. */
  hila: [{ x: number; y: number }, { x: number; y: number }]
  /** Height of the oblique fissure at x, right then left. */
  fissure(x: number): number
}

/** Draws a person's chest at a level. What is drawn depends on the stream alone, never on the disease. */
export function drawAnatomy(random: Random, level: number): Anatomy {
  const t = level
  const size = random.between(0.9, 1.1)
  const scale = size * mix(0.6, 1, smoothStep(-0.05, 0.42, t))
  const cavityRx = 131 * scale * random.between(0.95, 1.04)
  const cavityRy = 100 * scale * random.between(0.94, 1.08)
  const fat = random.between(5, 22)
  const muscle = random.between(12, 19) + 26 * (1 - smoothStep(0, 0.4, t))
  const bodyRx = cavityRx + muscle * mix(1.5, 1.1, t) + fat
  const bodyRy = cavityRy + muscle * 0.95 + fat * 0.8
  const bodyY = 7
  const bulge = [random.between(-0.02, 0.02), random.between(-0.025, 0.015), random.between(-0.012, 0.012)]
  const taper = random.between(0.04, 0.13)
  const lean = random.between(-0.05, 0.05)
  const body = (x: number, y: number) => {
    const angle = Math.atan2((y - bodyY) / bodyRy, x / bodyRx)
    const r =
      1 + bulge[0]! * Math.cos(2 * angle) + bulge[1]! * Math.sin(3 * angle) + bulge[2]! * Math.cos(4 * angle)
    const px = Math.abs(x) / (bodyRx * r)
    const py = Math.abs(y - bodyY) / (bodyRy * r)
    const k = (px ** 2.35 + py ** 2.35) ** (1 / 2.35)
    return (k - 1) * Math.min(bodyRx, bodyRy)
  }
  const cavity = (x: number, y: number) => {
    // Narrower in front than behind, flat along the back.
    const slant = 1 + taper * (y / cavityRy)
    const px = Math.abs(x) / (cavityRx * slant)
    const py = Math.abs(y - lean * x) / cavityRy
    const k = (px ** 2.2 + py ** 2.2) ** (1 / 2.2)
    return (k - 1) * Math.min(cavityRx, cavityRy)
  }

  const heart = smoothStep(0.4, 0.62, t) * (1 - 0.25 * smoothStep(0.85, 1, t)) * random.between(0.9, 1.12)
  const dome = smoothStep(0.74, 1.02, t) * random.between(0.7, 1.2)
  const hilar = smoothStep(0.2, 0.36, t) * (1 - smoothStep(0.56, 0.72, t))
  const arch = smoothStep(0.14, 0.2, t) * (1 - smoothStep(0.27, 0.33, t))
  const blood = random.chance(0.4) ? random.between(120, 300) : random.between(30, 55)
  const jitter = () => random.between(-3, 3)
  const h = cavityRy
  const organs: (Ellipse & { hu: number })[] = []
  const organ = (share: number, e: Ellipse, hu: number) => {
    if (share > 0.12)
      organs.push({
        ...e,
        x: (e.x + jitter()) * scale,
        y: e.y,
        rx: e.rx * share * scale,
        ry: e.ry * share * scale,
        hu,
      })
  }
  organ(1 - smoothStep(0.36, 0.5, t), { x: 0, y: -h * 0.1, rx: 30, ry: h * 0.44 }, 35)
  organ(arch, { x: 12, y: -h * 0.04, rx: 19, ry: h * 0.42, turn: 0.35 }, blood)
  organ(hilar, { x: -16, y: -h * 0.38, rx: 17, ry: 17 }, blood)
  organ(hilar, { x: 20, y: -h * 0.33, rx: 17, ry: 14, turn: -0.5 }, blood + 15)
  organ(hilar, { x: 2, y: -h * 0.08, rx: 44, ry: 20, turn: 0.08 }, 38)
  organ(hilar, { x: -40, y: h * 0.03, rx: 15, ry: 12, turn: -0.4 }, blood)
  organ(hilar, { x: 41, y: h * 0.08, rx: 15, ry: 12, turn: 0.5 }, blood)
  organ(heart, { x: 25, y: -h * 0.29, rx: 57, ry: h * 0.4, turn: 0.62 }, blood * 0.8 + 8)
  organ(heart, { x: -13, y: -h * 0.16, rx: 31, ry: h * 0.38, turn: -0.2 }, blood * 0.85 + 6)
  organ(smoothStep(0.22, 0.34, t), { x: 22, y: h * 0.46, rx: 13, ry: 13 }, blood)
  organ(1, { x: 5, y: h * 0.3, rx: 14, ry: h * 0.3 }, 32)
  const strip = random.between(3, 10)
  organ(1, { x: 1, y: -h * 0.72, rx: strip, ry: h * 0.36 }, -60)
  if (dome > 0.15)
    organs.push({
      x: -cavityRx * 0.47,
      y: -h * 0.02,
      rx: 56 * dome * scale,
      ry: 50 * dome * scale,
      hu: random.between(45, 75),
    })
  if (dome > 0.8)
    organs.push({ x: cavityRx * 0.52, y: h * 0.15, rx: 34 * dome * scale, ry: 36 * dome * scale, hu: 50 })

  const vertebra: Ellipse = { x: 0, y: h * 0.7, rx: 18 * size, ry: 15 * size }
  const canal: Ellipse = { x: 0, y: h * 0.7 + 22 * size, rx: 9 * size, ry: 8 * size }
  const column: Ellipse = { x: 0, y: h * 0.97, rx: 24 * size, ry: 36 * size }
  const round = random.between(7, 13)
  const midline = (x: number, y: number) => {
    let d = smoothMin(ellipseDistance(vertebra, x, y) - 4, ellipseDistance(column, x, y), 8)
    for (const o of organs) {
      const reach = Math.max(o.rx, o.ry) + 12
      if (Math.abs(x - o.x) > reach + d || Math.abs(y - o.y) > reach + d) continue
      d = smoothMin(d, ellipseDistance(o, x, y) - 1.5, o.rx > 30 ? 10 : 7)
    }
    return d
  }
  const lung = (x: number, y: number, wall: number = cavity(x, y)) =>
    smoothMax(wall + 2.5, -midline(x, y), round)

  const airways: Ellipse[] = []
  if (t < 0.34) airways.push({ x: jitter(), y: -h * 0.02, rx: 9 * size, ry: 8.5 * size })
  else if (t < 0.55) {
    const spread = mix(11, 30, (t - 0.34) / 0.21)
    airways.push({ x: -spread, y: -h * 0.02, rx: 7.5 * size, ry: 6.2 * size, turn: 0.3 })
    airways.push({ x: spread * 1.05, y: h * 0.02, rx: 7 * size, ry: 5.8 * size, turn: -0.4 })
  }
  if (random.chance(0.4)) airways.push({ x: 6 * scale, y: h * 0.33, rx: 2.4, ry: 1.8 })

  const bones: Bone[] = []
  const ribs = random.int(7, 10)
  for (const side of [-1, 1]) {
    const first = random.between(0, 0.4)
    for (let i = 0; i < ribs; i++) {
      const angle = -1.25 + (2.55 * (i + first)) / ribs
      const reach = random.between(0.04, 0.12)
      const rx = cavityRx + 6.5
      const ry = cavityRy + 6.5
      const at = (a: number) => ({ x: side * rx * Math.cos(a), y: ry * Math.sin(a) })
      const a = at(angle - reach)
      const b = at(angle + reach)
      bones.push({ ax: a.x, ay: a.y, bx: b.x, by: b.y, radius: random.between(3, 4.4) })
    }
    // Rib heads and transverse processes beside the spine, the scapula above.
    bones.push({ ax: side * 18, ay: h * 0.84, bx: side * 40, by: h * 1.05, radius: random.between(3, 4.5) })
    if (t < 0.45) {
      const x = side * (cavityRx * 0.72 + 18)
      bones.push({ ax: x, ay: h * 0.72 + 22, bx: x + side * 26, by: h * 0.25 + 14, radius: 3.2 })
    }
  }
  bones.push({ ax: -14, ay: -h - 9, bx: 14, by: -h - 9, radius: random.between(5, 7) })
  bones.push({ ax: 0, ay: h * 0.7 + 34 * size, bx: jitter(), by: h * 0.7 + 50 * size, radius: 3.5 })
  bones.push({ ax: -9, ay: h * 0.7 + 30 * size, bx: 9, by: h * 0.7 + 30 * size, radius: 4 })

  const hilum = (side: number) => ({
    x: side * clamp(mix(40, 58, heart * (side > 0 ? 1 : 0.4)), 34, 70) * scale,
    y: h * mix(0.02, 0.22, heart) + random.between(-5, 5),
  })
  const rise = mix(0.55, -0.35, t) * h + random.between(-8, 8)
  const bend = random.between(-0.25, 0.1)
  return {
    level,
    bodyRx,
    bodyRy,
    bodyY,
    fat,
    body,
    cavity,
    cavityRx,
    cavityRy,
    lung,
    organs,
    airways,
    bones,
    vertebra,
    canal,
    hila: [hilum(-1), hilum(1)],
    fissure: x => rise + bend * (Math.abs(x) - cavityRx * 0.4) + 8 * Math.sin(x / 37),
  }
}
