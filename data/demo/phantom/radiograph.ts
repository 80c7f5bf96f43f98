import { seededStream } from '../random.ts'
import { clamp, cloudNoise, ellipseDistance, smoothStep, strokeDistance } from './field.ts'

/** A frontal chest radiograph, 8 bits grey: ribs as arcs, heart, diaphragm, clavicles. A picture that is no CT. */
export function phantomRadiograph(seed: string, width = 240, height = 250) {
  const random = seededStream(seed)
  const noise = random.int(1, 1e6)
  const pixels = new Uint8Array(width * height)
  const heart = { x: 0.13, y: 0.28, rx: 0.3, ry: 0.33, turn: 0.5 }
  const tilt = random.between(-0.03, 0.03)
  for (let j = 0; j < height; j++)
    for (let i = 0; i < width; i++) {
      const x = (i / width) * 2 - 1
      const y = (j / height) * 2 - 1 + tilt * x
      const body = Math.abs(x) ** 3 + Math.max(0, -y - 0.75) ** 2 * 6
      let white = 0.78 - 0.7 * smoothStep(0.82, 1.05, body)
      const side = x < 0 ? -1 : 1
      const lung = ellipseDistance({ x: side * 0.43, y: -0.06, rx: 0.31, ry: 0.68, turn: side * 0.08 }, x, y)
      const dome = y - (0.5 - 0.14 * Math.cos((x - side * 0.42) * 3.2) + (side < 0 ? -0.04 : 0))
      const air = smoothStep(0.05, -0.07, Math.max(lung, dome))
      white -= 0.52 * air
      white += 0.38 * smoothStep(0.05, -0.05, ellipseDistance(heart, x, y)) * air
      white +=
        0.16 * smoothStep(0.14, 0.06, Math.abs(x)) +
        0.02 * Math.cos(y * 60) * smoothStep(0.1, 0.04, Math.abs(x))
      for (let rib = 0; rib < 9; rib++) {
        const centre = -0.72 + rib * 0.15 + 0.3 * Math.abs(x) ** 1.6 - 0.05
        white +=
          0.07 *
          smoothStep(0.035, 0.02, Math.abs(y - centre)) *
          smoothStep(0.85, 0.7, Math.abs(x)) *
          (Math.abs(x) > 0.1 ? 1 : 0)
      }
      white += 0.14 * smoothStep(0.03, 0, strokeDistance(x, y, side * 0.1, -0.66, side * 0.72, -0.8, 0.015))
      const hilum = Math.hypot(x - side * 0.19, (y + 0.02) * 0.7)
      white += 0.17 * Math.exp(-hilum * 7) * air * (1 + 0.8 * cloudNoise(x * 9, y * 9, noise))
      white += 0.03 * cloudNoise(x * 24, y * 24, noise + 1) * air
      white += 0.012 * random.normal()
      pixels[j * width + i] = Math.round(255 * clamp(white, 0.02, 0.97))
    }
  return { width, height, pixels }
}
