import type { Random } from '../random.ts'
import { alongStroke, coverage } from './canvas.ts'
import type { PROFILES } from './disease.ts'
import { clamp, cloudNoise, mix, smoothStep } from './field.ts'
import { type LungField, place } from './patches.ts'

type Profile = (typeof PROFILES)[keyof typeof PROFILES]

/** Signs that are none of the five lesions: effusion, tree-in-bud, cavity, nodules, emphysema. Changes `density`. */
export function drawSigns(random: Random, field: LungField, profile: Profile, density: Float32Array): void {
  if (random.next() < (profile.effusion ?? 0)) drawEffusion(random.fork('effusion'), field, density)
  if (random.next() < (profile.buds ?? 0)) drawBuds(random.fork('buds'), field, density)
  if (random.next() < (profile.cavity ?? 0)) drawCavity(random.fork('cavity'), field, density)
  if (random.next() < (profile.nodules ?? 0)) drawNodules(random.fork('nodules'), field, density)
  if (random.next() < (profile.emphysema ?? 0)) drawEmphysema(random.fork('emphysema'), field, density)
}

/** Fluid behind the lung: a crescent along the back, highest at the side wall. */
function drawEffusion(random: Random, field: LungField, density: Float32Array): void {
  const { raster, anatomy, wall, pixels } = field
  const sides = random.chance(0.5) ? [-1, 1] : [random.chance(0.5) ? -1 : 1]
  for (const side of sides) {
    const depth = random.between(9, 26)
    for (const index of pixels) {
      const { x, y } = place(raster, index)
      if (Math.sign(x) !== side) continue
      const back = smoothStep(0.1, 0.62, y / anatomy.cavityRy)
      const edge = -wall[index]! - 2.5 - depth * back
      density[index] = mix(density[index]!, 12, coverage(edge, raster.pixel * 1.4) * (back > 0.02 ? 1 : 0))
    }
  }
}

/** Small dense buds on short twigs, in clusters. */
function drawBuds(random: Random, field: LungField, density: Float32Array): void {
  const { raster, lung, pixels } = field
  const inner = pixels.filter(index => lung[index]! < -7)
  if (inner.length === 0) return
  const clusters = random.int(4, 9)
  const home = place(raster, random.pick(Array.from(inner.subarray(0, inner.length))))
  for (let c = 0; c < clusters; c++) {
    const x = home.x + random.normal() * 22
    const y = home.y + random.normal() * 18
    const buds = random.int(4, 8)
    for (let b = 0; b < buds; b++) {
      const angle = random.between(0, 6.283)
      const reach = random.between(3, 9)
      const bx = x + Math.cos(angle) * reach
      const by = y + Math.sin(angle) * reach
      const put = (ax: number, ay: number, radius: number, hu: number) =>
        alongStroke(raster, { ax, ay, bx, by, radius }, (index, d) => {
          if (lung[index]! < -1)
            density[index] = mix(
              density[index]!,
              Math.max(density[index]!, hu),
              coverage(d, raster.pixel * 1.3),
            )
        })
      put(x, y, 0.7, -320)
      put(bx, by, random.between(1.2, 2.5), -90)
    }
  }
}

function drawCavity(random: Random, field: LungField, density: Float32Array): void {
  const { raster, lung, pixels } = field
  const radius = random.between(15, 26)
  const inner = pixels.filter(index => lung[index]! < -radius * 0.55)
  const from = inner.length > 0 ? inner : pixels
  if (from.length === 0) return
  const at = place(raster, from[random.int(0, from.length - 1)]!)
  const seed = random.int(1, 1e6)
  const thick = random.between(3, 7)
  const level = random.chance(0.6) ? random.between(0.2, 0.7) * radius : radius * 3
  for (const index of pixels) {
    const { x, y } = place(raster, index)
    const d = Math.hypot(x - at.x, y - at.y) + 4 * cloudNoise(x / 12, y / 12, seed) - radius
    if (d > 6) continue
    const inside = clamp(0.5 - (d + thick) / 2, 0, 1)
    const content = y - at.y > level ? 20 : -950
    density[index] = mix(density[index]!, mix(35, content, inside), coverage(d, raster.pixel * 2))
  }
}

function drawNodules(random: Random, field: LungField, density: Float32Array): void {
  const { raster, lung, pixels } = field
  const count = random.int(1, 5)
  const inner = pixels.filter(index => lung[index]! < -4)
  for (let i = 0; i < count && inner.length > 0; i++) {
    const at = place(raster, inner[random.int(0, inner.length - 1)]!)
    alongStroke(
      raster,
      { ax: at.x, ay: at.y, bx: at.x + 1, by: at.y + 1, radius: random.between(2.5, 7.5) },
      (index, d) => {
        if (lung[index]! < 0) density[index] = mix(density[index]!, 30, coverage(d, raster.pixel * 1.4))
      },
    )
  }
}

function drawEmphysema(random: Random, field: LungField, density: Float32Array): void {
  const { raster, pixels, lung } = field
  const seed = random.int(1, 1e6)
  const share = random.between(0.05, 0.3)
  for (const index of pixels) {
    const { x, y } = place(raster, index)
    const hole =
      smoothStep(0.3 - share, 0.42 - share, cloudNoise(x / 10, y / 10, seed)) *
      smoothStep(0, 4, -lung[index]!)
    if (density[index]! < -500) density[index] = mix(density[index]!, -965, hole)
  }
}
