import type { Preprocessing } from '../backbones/backbone.ts'
import type { Raster } from './affine.ts'
import type { Augmentation, ShareBox } from './augmentation.ts'

/** What brightness, contrast and gamma make of each of the 256 greys. */
export function toneTable({
  brightness,
  contrast,
  gamma,
}: Pick<Augmentation, 'brightness' | 'contrast' | 'gamma'>): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, grey) => {
    const moved = Math.min(1, Math.max(0, (grey / 255 - 0.5) * contrast + 0.5 + brightness))
    return Math.round(255 * moved ** gamma)
  })
}

/** Puts a table of 256 greys over a picture, in place. */
export function applyTable(picture: Raster<Uint8Array>, table: Uint8Array): void {
  const { data } = picture
  for (let at = 0; at < data.length; at++) data[at] = table[data[at]!]!
}

/** Fills a box with the picture's mean, in place. */
export function erase(picture: Raster<Uint8Array>, box: ShareBox): void {
  const { data, width, height, channels } = picture
  const mean = Array.from({ length: channels }, (_, channel) => {
    let sum = 0
    for (let at = channel; at < data.length; at += channels) sum += data[at]!
    return Math.round(sum / (width * height))
  })
  const right = Math.round((box.left + box.width) * width)
  const bottom = Math.round((box.top + box.height) * height)
  for (let y = Math.round(box.top * height); y < bottom; y++)
    for (let x = Math.round(box.left * width); x < right; x++)
      for (let channel = 0; channel < channels; channel++)
        data[(y * width + x) * channels + channel] = mean[channel]!
}

/** Bytes as a network's input: (x / 255 − mean) / std, [S, S, C]; a grey picture stands for three equal channels. */
export function normalised(
  { data, channels }: Raster<Uint8Array>,
  { channels: wanted, mean, std }: Pick<Preprocessing, 'channels' | 'mean' | 'std'>,
): Float32Array {
  const pixels = data.length / channels
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0]
  if (wanted === 'grey') {
    const out = new Float32Array(pixels)
    // Rec. 601 luma, as in the shortcut control.
    for (let at = 0, from = 0; at < pixels; at++, from += channels)
      out[at] =
        ((0.299 * data[from]! + 0.587 * data[from + green]! + 0.114 * data[from + blue]!) / 255 - mean[0]!) /
        std[0]!
    return out
  }
  const tables = [0, 1, 2].map(channel =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean[channel]!) / std[channel]!),
  ) as [Float32Array, Float32Array, Float32Array]
  const out = new Float32Array(3 * pixels)
  for (let at = 0, from = 0; at < out.length; at += 3, from += channels) {
    out[at] = tables[0][data[from]!]!
    out[at + 1] = tables[1][data[from + green]!]!
    out[at + 2] = tables[2][data[from + blue]!]!
  }
  return out
}
