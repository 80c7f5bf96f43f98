import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { hounsfieldPng } from '../../data/dicom/hounsfield-image.ts'
import { isDicom } from '../../data/dicom/signature.ts'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import { pictureAlone } from '../../data/formats/picture-alone.ts'
import { decodedApart } from '../../data/pictures/decode-apart.ts'
import type { HounsfieldImage, MinedCase } from '../../data/records/case.ts'
import type { Figure } from '../../data/records/document.ts'
import type { CaseStore } from '../../data/stores/store.ts'
import { storeImage } from '../../data/workspace/images.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { kindOf } from '../kinds/kind.ts'
import type { Miner } from '../text/miner.ts'
import type { MinedPdf } from './mine-pdf.ts'
import { pictureKeeper } from './picture-keeper.ts'

export interface SliceCases {
  /** Cases by the study they belong to, each to be put as a whole. */
  studies: Map<string, MinedCase[]>
  taken: number
  problems: { path: string; code: string; message: string }[]
}

/**
 * DICOM slices as cases without a caption. Only pixels are kept, through the lung window and in Hounsfield units: no name,
 * date or number of the patient comes into the workspace. Slices of one patient are one group; its name is made of a
 * study's UID, since a hash of a short patient number could be guessed.
 */
export async function sliceCases(
  workspace: Workspace,
  paths: readonly string[],
  options: { version: string; cases: Pick<CaseStore, 'mined'>; signal?: AbortSignal },
): Promise<SliceCases> {
  const problems: SliceCases['problems'] = []
  const read: { made: MinedCase; study: string; patient: string }[] = []
  for (const path of paths) {
    options.signal?.throwIfAborted()
    const name = basename(path)
    try {
      const bytes = await readFile(path)
      const image = await storeImage(workspace, bytes, { originalName: name })
      const origin = await decodedApart('origin', bytes, name)
      const study = shortHash(origin.study ?? image.id)
      const made: MinedCase = {
        ...pictureAlone(image),
        patient: `dicom:${study}`,
        // The file's own name may be the patient's.
        source: { name: 'dicom', file: `${image.id.slice(0, 12)}.dcm`, format: 'dicom' },
        minedBy: options.version,
      }
      read.push({ made, study, patient: origin.patient ?? study })
    } catch (error) {
      problems.push({ path, code: codeOf(error), message: messageOf(error) })
    }
  }
  const groups = new Map<string, string>()
  for (const { study, patient } of read) {
    const known = groups.get(patient)
    if (known === undefined || study < known) groups.set(patient, study)
  }
  const studies = new Map<string, MinedCase[]>()
  for (const { made, study, patient } of read) {
    const key = `dicom:${study}`
    const there = studies.get(key) ?? []
    if (!there.some(each => each.id === made.id))
      studies.set(key, [...there, { ...made, patient: `dicom:${groups.get(patient)}` }])
  }
  // Slices of a study that came before stay.
  for (const [key, { cases }] of await options.cases.mined(put => studies.has(put))) {
    const own = studies.get(key)!
    studies.set(key, [...cases.filter(old => !own.some(each => each.id === old.id)), ...own])
  }
  return { studies, taken: read.length, problems }
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

const PICTURES = ['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.gif', '.dcm']
const LONGEST_TEXT = 1 << 20

/**
 * A plain text and the picture of the same name beside it: a document of one figure.
 * @throws LesionloopError `text-empty`, `text-without-picture`, `text-too-long`.
 */
export async function mineText(
  path: string,
  { miner, version, images }: { miner: Miner; version: string; images: string },
): Promise<MinedPdf> {
  const name = basename(path)
  const { size } = await stat(path)
  if (size === 0)
    throw new LesionloopError('text-empty', `document: ${name}: 0 bytes: expected text; fetch it again`)
  const stem = join(dirname(path), basename(path, extname(path)))
  const picture = PICTURES.flatMap(ending => [stem + ending, stem + ending.toUpperCase()]).find(existsSync)
  if (!picture)
    throw new LesionloopError(
      'text-without-picture',
      `document: ${name}: text without pictures: a case needs one; put a picture of the same name beside it, or read the text with \`lesionloop label ${name}\``,
    )
  if (size > LONGEST_TEXT)
    throw new LesionloopError(
      'text-too-long',
      `document: ${name}: ${size} bytes: expected a caption or a report of at most ${LONGEST_TEXT}; cut it to what it says of the picture`,
    )
  const bytes = await readFile(path)
  const caption = new TextDecoder().decode(bytes).replace(/\s+/g, ' ').trim()
  const shown = await readFile(picture)
  const pixels = await decodedApart('pixels', shown, basename(picture))
  const units = await unitsOf(shown, basename(picture))
  const { keep, pictures } = pictureKeeper(file => existsSync(join(images, file)))
  const isJpeg = shown[0] === 0xff && shown[1] === 0xd8
  const image = await keep(pixels, 'Figure 1', isJpeg ? shown : undefined)
  const { width, height } = pixels
  const region: Figure['region'] = [0, 0, width, height]
  const figure: Figure = {
    page: 0,
    captionPage: 0,
    label: 'Figure 1',
    caption,
    captionRegion: [0, 0, 0, 0],
    region,
    images: [
      {
        ...image,
        page: 0,
        region,
        width,
        height,
        kind: kindOf(pixels),
        ...(units ? { hounsfield: units.image } : {}),
      },
    ],
    panels: [],
    text: miner.mine(caption),
  }
  // The same words under another picture are another document.
  const content = createHash('sha256').update(bytes).update(image.id).digest('hex')
  return {
    record: {
      id: `sha256-${content.slice(0, 32)}`,
      format: 'text',
      file: { name, sha256: content, bytes: bytes.length },
      pages: 0,
      figures: [figure],
      skipped: [],
      miner: { version },
      minedAt: new Date().toISOString(),
    },
    wholes: new Map(),
    pictures: [...pictures(), ...(units ? [{ file: units.image.file, bytes: units.png }] : [])],
  }
}

/** A DICOM file's slice in Hounsfield units, as it lies in the workspace; null of all else. */
async function unitsOf(
  bytes: Uint8Array,
  name: string,
): Promise<{ image: HounsfieldImage; png: Uint8Array } | null> {
  if (!isDicom(bytes)) return null
  const { hounsfield: values, width, height, slope } = await decodedApart('slice', bytes, name)
  const made = values && (await hounsfieldPng({ values, width, height, slope }))
  if (!made) return null
  const { png, ...image } = made
  return { image, png }
}
