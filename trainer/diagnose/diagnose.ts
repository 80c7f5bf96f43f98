import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { LesionloopError, messageOf } from '../../data/errors.ts'
import { decodedApart } from '../../data/pictures/decode-apart.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { Head } from '../../data/records/vocabulary.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { chooseBackend } from '../backend/choose-backend.ts'
import { speakingCycle } from '../cycle/newest.ts'
import { openModel } from '../live/open-model.ts'
import { checkSize, pictureDoubts } from '../live/picture-doubts.ts'
import { type HeadOpinion, headOpinions, NOT_A_DIAGNOSIS } from './opinion.ts'
import { writeMaps } from './write-maps.ts'

export interface Opinion {
  image: string
  cycle: string
  notice: typeof NOT_A_DIAGNOSIS
  heads: HeadOpinion[]
  /** Why the picture may be no CT slice of a chest, in words. */
  doubts: string[]
  /** Heat maps that were written; empty where none were asked for. */
  maps: { head: Head; file: string }[]
  /** Why there are none, where they were asked for. */
  mapsAbsent: string | null
  /** Time to the answer: with opening the model and the heat maps, and of judging the picture alone. */
  milliseconds: { all: number; picture: number }
}

export interface DiagnoseOptions extends RunOptions {
  backend?: string
  /** The backbone's weights, where they lie elsewhere now. */
  init?: string
  /** Folder for heat maps. */
  maps?: string
}

/**
 * What the promoted (else the newest) cycle says of one picture in a file: PNG, JPEG, WebP, TIFF or DICOM.
 * @throws LesionloopError `no-cycle`, `image-…`, `dicom-…`, `weights-…`.
 */
export async function diagnose(
  workspace: Workspace,
  image: string,
  { backend = 'auto', init, maps, ...run }: DiagnoseOptions = {},
): Promise<Opinion> {
  const began = performance.now()
  const cycle = await speakingCycle(workspace)
  const name = basename(image)
  const bytes = await readFile(image).catch((error: unknown) => {
    throw new LesionloopError(
      'image-missing',
      `image: ${image}: can't be read (${messageOf(error)}); check the path`,
    )
  })
  await checkSize(bytes, name)
  const pixels = await decodedApart('pixels', bytes, name)
  const doubts = pictureDoubts(pixels, name)
  await chooseBackend(backend)
  const model = await openModel(workspace, cycle, {
    ...run,
    similar: false,
    ...(init === undefined ? {} : { init }),
  })
  const opened = performance.now()
  const heads = headOpinions(model, await model.judge(bytes, name))
  const judged = performance.now()
  const written =
    maps !== undefined && model.maps ? await writeMaps(model.maps, { bytes, pixels, name, folder: maps }) : []
  return {
    image,
    cycle: cycle.id,
    notice: NOT_A_DIAGNOSIS,
    heads,
    doubts,
    maps: written,
    mapsAbsent:
      maps === undefined || written.length > 0
        ? null
        : (model.mapsAbsent ?? 'nothing in the picture speaks for any head'),
    milliseconds: {
      all: Math.round(performance.now() - began),
      picture: Math.round(judged - opened),
    },
  }
}
