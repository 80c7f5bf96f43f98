import { z } from 'zod'

/**
 * What is done to a picture before it is stretched to the network's size. Part of a backbone's preprocessing, and so of
 * the key of cached features and of a checkpoint's configuration. All off where absent: the picture as it came in.
 */
export const pictureOptions = z.strictObject({
  /** Colour is taken out (Rec. 601 luma), so that coloured arrows and tints tell a network nothing. */
  grey: z.boolean().optional(),
  /** Black or white frames around the picture are cut off. */
  borders: z.boolean().optional(),
  /** Burnt-in text and scale bars in the air beside the body are painted out with that air's grey. */
  marks: z.boolean().optional(),
  /** Hounsfield units shown as black to white, where a file holds them: centre and width. By default −600 and 1500. */
  window: z.strictObject({ centre: z.number(), width: z.number().positive() }).optional(),
})
export type PictureOptions = z.infer<typeof pictureOptions>
