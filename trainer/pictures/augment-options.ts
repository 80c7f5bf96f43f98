import { z } from 'zod'

/**
 * How pictures are changed while a network learns. Amounts are the most a draw can give; 0 (or a chance of 0) turns one
 * off. There is no vertical flip: a patient lies on a table, and dependent haze lies below.
 */
export const augmentOptions = z.strictObject({
  /** Share of the picture's area a random crop keeps, from and to; [1, 1] is no crop. */
  crop: z.tuple([z.number().gt(0).max(1), z.number().gt(0).max(1)]).default([0.75, 1]),
  /** How far a crop's sides may leave the picture's proportions, as a ratio: 1 not at all. */
  aspect: z.number().min(1).max(2).default(1.1),
  /** Degrees to either side. */
  rotate: z.number().min(0).max(45).default(8),
  /** Half of the pictures left for right. Lungs are near mirror images; the heart is not. */
  flip: z.boolean().default(true),
  /** Added to grey, of the full range. */
  brightness: z.number().min(0).max(1).default(0.1),
  /** Grey's spread about the middle is multiplied by up to 1 + this, or divided by it. */
  contrast: z.number().min(0).max(2).default(0.2),
  /** As contrast, of gamma's exponent. */
  gamma: z.number().min(0).max(2).default(0.15),
  /** Hounsfield units by which the window's centre and width are moved, where a picture has them. */
  window: z
    .strictObject({ centre: z.number().min(0).max(1000), width: z.number().min(0).max(1400) })
    .default({ centre: 60, width: 200 }),
  /** Gaussian blur: how often, and its greatest deviation in input pixels. */
  blur: z
    .strictObject({ chance: z.number().min(0).max(1), sigma: z.number().min(0).max(5) })
    .default({ chance: 0, sigma: 1 }),
  /** JPEG and back at a random quality: takes the file format away as a telltale. */
  jpeg: z
    .strictObject({
      chance: z.number().min(0).max(1),
      quality: z.tuple([z.int().min(1).max(100), z.int().min(1).max(100)]),
    })
    .default({ chance: 0, quality: [40, 95] }),
  /** A box filled with the picture's mean: how often, and the shares of the area it takes, from and to. */
  erase: z
    .strictObject({
      chance: z.number().min(0).max(1),
      area: z.tuple([z.number().gt(0).max(0.5), z.number().gt(0).max(0.5)]),
    })
    .default({ chance: 0.15, area: [0.02, 0.1] }),
})
export type AugmentOptions = z.infer<typeof augmentOptions>

/** Moderate changes fit for CT slices. */
export const CT_AUGMENT: AugmentOptions = augmentOptions.parse({})

/** The same, with blur and JPEG re-encoding against the shortcut by file format. */
export const FORMAT_BLIND_AUGMENT: AugmentOptions = augmentOptions.parse({
  blur: { chance: 0.4, sigma: 1 },
  jpeg: { chance: 0.6, quality: [40, 95] },
})
