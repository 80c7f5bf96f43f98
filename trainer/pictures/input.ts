import { LUNG_WINDOW, throughWindow } from '../../data/dicom/window.ts'
import type { Preprocessing } from '../backbones/backbone.ts'
import { affineOf, type Raster, resample } from './affine.ts'
import { type Augmentation, UNCHANGED } from './augmentation.ts'
import { blur, recompressed } from './degrade.ts'
import type { Prepared } from './prepare.ts'
import { applyTable, erase, normalised, toneTable } from './tone.ts'

/**
 * The network's input of a prepared picture under drawn changes: one affine resample, tone, blur, JPEG, erasing,
 * normalisation, in this order. With `augmentation` null the prepared picture as it is, which then must have the
 * network's size.
 * @returns [S, S, C]
 */
export async function inputOf(
  prepared: Prepared,
  preprocessing: Preprocessing,
  augmentation: Augmentation | null,
): Promise<Float32Array> {
  if (augmentation === null) return normalised(prepared.picture, preprocessing)
  let picture = framed(prepared, preprocessing, augmentation)
  if (
    augmentation.brightness !== UNCHANGED.brightness ||
    augmentation.contrast !== UNCHANGED.contrast ||
    augmentation.gamma !== UNCHANGED.gamma
  )
    applyTable(picture, toneTable(augmentation))
  if (augmentation.blur > 0) blur(picture, augmentation.blur)
  if (augmentation.jpeg !== null) picture = await recompressed(picture, augmentation.jpeg)
  if (augmentation.erase) erase(picture, augmentation.erase)
  return normalised(picture, preprocessing)
}

/** Cut, turned and mirrored; of units through the window moved by the draw. */
function framed(
  { picture, units, aspect }: Prepared,
  { size, picture: options }: Preprocessing,
  augmentation: Augmentation,
): Raster<Uint8Array> {
  const map = affineOf(augmentation, picture, size, aspect)
  const { centre, width } = augmentation.window
  if (!units || (centre === 0 && width === 0)) return resample(picture, map, size)
  const window = options?.window ?? LUNG_WINDOW
  const moved = { centre: window.centre + centre, width: Math.max(50, window.width + width) }
  return {
    data: throughWindow(resample(units, map, size).data, moved),
    width: size,
    height: size,
    channels: 1,
  }
}
