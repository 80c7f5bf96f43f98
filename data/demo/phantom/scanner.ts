import type { Random } from '../random.ts'
import { blur, type Raster } from './canvas.ts'
import { clamp } from './field.ts'

/** What the scanner and the person at the window make of it: sharpness, noise, window, 8 bits. */
export function scanDensity(
  scanner: Random,
  noise: Random,
  raster: Raster,
  density: Float32Array,
): Uint8Array {
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
