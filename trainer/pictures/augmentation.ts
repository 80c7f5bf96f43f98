import { type Random, seededRandom } from '../../data/statistics/random.ts'
import type { AugmentOptions } from './augment-options.ts'

/** A box in shares of the picture, from its top left. */
export interface ShareBox {
  left: number
  top: number
  width: number
  height: number
}

/** The drawn changes of one picture: plain numbers, so that applying them needs no chance. */
export interface Augmentation {
  box: ShareBox
  /** Radians, clockwise on the screen. */
  angle: number
  flip: boolean
  brightness: number
  /** Factors; 1 changes nothing. */
  contrast: number
  gamma: number
  /** Hounsfield units added to the window's centre and width. */
  window: { centre: number; width: number }
  /** Deviation in pixels; 0: none. */
  blur: number
  /** JPEG quality; null: not re-encoded. */
  jpeg: number | null
  erase: ShareBox | null
}

export const WHOLE: ShareBox = { left: 0, top: 0, width: 1, height: 1 }

/** What changes nothing. */
export const UNCHANGED: Augmentation = {
  box: WHOLE,
  angle: 0,
  flip: false,
  brightness: 0,
  contrast: 1,
  gamma: 1,
  window: { centre: 0, width: 0 },
  blur: 0,
  jpeg: null,
  erase: null,
}

/**
 * Draws the changes of one picture. Each kind has a stream of its own, so that turning one off leaves the others as they
 * were.
 */
export function drawAugmentation(options: AugmentOptions, seed: string): Augmentation {
  const stream = (name: string) => seededRandom(`${seed}/${name}`)
  const either = (random: Random, most: number) => random.between(-most, most)
  /** As often above 1 as below, by the same factor. */
  const factor = (random: Random, most: number) => Math.exp(either(random, Math.log1p(most)))
  const tone = stream('tone')
  const window = stream('window')
  const blur = stream('blur')
  const jpeg = stream('jpeg')
  const erase = stream('erase')
  return {
    box: drawBox(stream('crop'), options.crop, options.aspect),
    angle: (either(stream('rotate'), options.rotate) * Math.PI) / 180,
    flip: options.flip && stream('flip').chance(0.5),
    brightness: either(tone, options.brightness),
    contrast: factor(tone, options.contrast),
    gamma: factor(tone, options.gamma),
    window: { centre: either(window, options.window.centre), width: either(window, options.window.width) },
    blur: blur.chance(options.blur.chance) ? blur.between(0.2, 1) * options.blur.sigma : 0,
    jpeg: jpeg.chance(options.jpeg.chance) ? whole(jpeg, options.jpeg.quality) : null,
    erase: erase.chance(options.erase.chance) ? drawBox(erase, options.erase.area, 2) : null,
  }
}

/** A box of a drawn area and proportion, anywhere in the picture. */
function drawBox(random: Random, area: readonly [number, number], aspect: number): ShareBox {
  const kept = random.between(Math.min(...area), Math.max(...area))
  const ratio = Math.exp(random.between(-Math.log(aspect), Math.log(aspect)))
  const width = Math.min(1, Math.sqrt(kept * ratio))
  const height = Math.min(1, Math.sqrt(kept / ratio))
  return { width, height, left: random.next() * (1 - width), top: random.next() * (1 - height) }
}

const whole = (random: Random, [low, high]: readonly [number, number]) =>
  Math.min(low, high) + random.integer(Math.abs(high - low) + 1)
