import { existsSync } from 'node:fs'
import type { HounsfieldPng } from '../dicom/hounsfield-image.ts'
import { decodedApart } from '../pictures/decode-apart.ts'
import type { HounsfieldImage } from '../records/case.ts'
import { writeFileAtomically } from './files.ts'
import type { Workspace } from './open.ts'

export { cropImage, encodePng, imageId, PIXEL_LIMIT, type Pixels, readPixels } from '../pictures/decode.ts'

export interface StoredImage {
  id: string
  /** File name under images/. */
  file: string
  width: number
  height: number
  format: 'png' | 'jpeg' | 'webp'
  /** The slice in Hounsfield units, where it came as a DICOM file of a CT. */
  hounsfield?: HounsfieldImage
}

const KEPT = { png: 'png', jpeg: 'jpg', webp: 'webp' } as const

/**
 * Puts a picture from outside into images/, once: as its original bytes where it is PNG, JPEG or WebP, else as PNG. The
 * same pixels again (in whatever file) give the image that is there. Of a CT's DICOM file the slice in Hounsfield units
 * is kept beside it. It is decoded in a process of its own.
 * @throws LesionloopError as `decodedApart`.
 */
export async function storeImage(
  workspace: Workspace,
  bytes: Uint8Array,
  { originalName = 'picture' }: { originalName?: string } = {},
): Promise<StoredImage> {
  const { id, width, height, format, png, hounsfield } = await decodedApart('image', bytes, originalName)
  const beside = hounsfield ? { hounsfield: await storeHounsfield(workspace, hounsfield) } : {}
  for (const [kept, extension] of Object.entries(KEPT) as [StoredImage['format'], string][]) {
    const file = `${id}.${extension}`
    if (existsSync(workspace.paths.image(file))) return { id, file, width, height, format: kept, ...beside }
  }
  const file = `${id}.${KEPT[format]}`
  await writeFileAtomically(workspace.files, workspace.paths.image(file), png ?? bytes)
  return { id, file, width, height, format, ...beside }
}

/** Puts a slice in Hounsfield units into images/, once, under the hash of its values. */
export async function storeHounsfield(
  workspace: Workspace,
  { png, file, slope, intercept }: HounsfieldPng,
): Promise<HounsfieldImage> {
  const path = workspace.paths.image(file)
  if (!existsSync(path)) await writeFileAtomically(workspace.files, path, png)
  return { file, slope, intercept }
}
