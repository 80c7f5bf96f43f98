import { seededStream } from '../random.ts'
import { clamp, cloudNoise, septaDistance } from './field.ts'

/** A stained tissue section as a colour photograph: pink walls of air spaces, violet nuclei. Three channels. */
export function phantomTissue(seed: string, width = 260, height = 190) {
  const random = seededStream(seed)
  const noise = random.int(1, 1e6)
  const data = new Uint8Array(width * height * 3)
  const nuclei = Array.from({ length: 520 }, () => ({
    x: random.between(0, width),
    y: random.between(0, height),
    r: random.between(1.4, 2.7),
  }))
  const shade = new Float32Array(width * height)
  for (const { x, y, r } of nuclei) {
    const wall = septaDistance(x / 34, y / 34, noise) * 34
    if (wall > 8) continue
    for (let j = Math.max(0, Math.floor(y - 4)); j < Math.min(height, y + 4); j++)
      for (let i = Math.max(0, Math.floor(x - 4)); i < Math.min(width, x + 4); i++)
        shade[j * width + i] = Math.max(
          shade[j * width + i]!,
          clamp(r - Math.hypot(i - x, j - y) + 0.5, 0, 1),
        )
  }
  for (let j = 0; j < height; j++)
    for (let i = 0; i < width; i++) {
      const wall = septaDistance(i / 34, j / 34, noise) * 34 + 3 * cloudNoise(i / 9, j / 9, noise + 2)
      const tissue = clamp((9 - wall) / 2.5, 0, 1)
      const grain = 8 * cloudNoise(i / 3, j / 3, noise + 3) + 3 * random.normal()
      const dark = shade[j * width + i]! * tissue
      const vignette = 1 - 0.16 * Math.hypot(i / width - 0.5, j / height - 0.5)
      const put = (channel: number, air: number, pink: number, violet: number) => {
        const value = (air + (pink - air) * tissue) * (1 - dark) + violet * dark + grain
        data[(j * width + i) * 3 + channel] = clamp(Math.round(value * vignette), 0, 255)
      }
      put(0, 243, 224, 96)
      put(1, 238, 150, 62)
      put(2, 242, 184, 138)
    }
  return { width, height, data }
}
