import { createHash } from 'node:crypto'
import * as tf from '@tensorflow/tfjs-core'
import { codeOf, LesionloopError, messageOf } from '../../data/errors.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { writeJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pictureAt } from '../../data/workspace/picture-at.ts'
import type { LoadedBackbone } from '../backbones/load.ts'
import { openKeptRows } from './kept-rows.ts'
import { pictureInput } from './picture.ts'

/** An image to have features of: its id and where its file lies under images/. */
export interface FeatureImage {
  id: string
  file: string
}

export interface Features {
  /** Length of a row. */
  width: number
  /** Row of each image id; images that could not be decoded are not in it. */
  rows: ReadonlyMap<string, Float32Array>
  /** Images left out, each with the reason; they were reported as problems too. */
  leftOut: { image: string; file: string; code: string; message: string }[]
}

type Decoded = { image: FeatureImage; pixels: Float32Array } | { image: FeatureImage; error: unknown }

/** Images worked on at a time; on wasm 8 are as fast as more, and memory stays low. */
const BATCH = 8

/**
 * Frozen features of images by a backbone, each computed once and kept in features/. The folder's name holds the hash
 * of the weights and the preprocessing, so that features of other weights are never mixed in. An image that doesn't
 * decode is reported, left out and counted. Stopped by the signal between batches; what was computed is kept.
 * @param run.inParts others work on the same features at the same time (kept-rows.ts).
 */
export async function cachedFeatures(
  workspace: Workspace,
  backbone: LoadedBackbone,
  images: readonly FeatureImage[],
  { signal, onProgress, batch = BATCH, inParts }: RunOptions & { batch?: number; inParts?: boolean } = {},
): Promise<Features> {
  if (backbone.given) return givenRows(backbone, backbone.given, images, onProgress)
  const folder = featuresFolder(workspace, backbone)
  const wanted = [...new Map(images.map(image => [image.id, image])).values()]
  const cache = await openKeptRows(
    workspace,
    folder,
    backbone.features,
    wanted.map(({ id }) => id),
    inParts === undefined ? {} : { inParts },
  )
  try {
    const missing = wanted.filter(image => !cache.rows.has(image.id))
    if (missing.length > 0)
      await writeJson(workspace.files, `${folder}/features.json`, {
        backbone: backbone.name,
        weightsSha256: backbone.weightsSha256,
        preprocessing: backbone.preprocessing,
        width: backbone.features,
      })
    const leftOut: Features['leftOut'] = []
    const report = (done: number, detail?: string) =>
      onProgress?.({
        step: 'reading features',
        done: wanted.length - missing.length + done,
        total: wanted.length,
        ...(detail === undefined ? {} : { detail }),
      })
    report(0)
    /** The next batch is decoded while this one is computed. */
    let ahead = decode(missing.slice(0, batch))
    for (let at = 0; at < missing.length; at += batch) {
      signal?.throwIfAborted()
      const inputs = await ahead
      ahead = decode(missing.slice(at + batch, at + 2 * batch))
      const good = inputs.flatMap(input => ('pixels' in input ? [input] : []))
      for (const { image, error } of inputs.flatMap(input => ('error' in input ? [input] : []))) {
        const problem = {
          code: codeOf(error),
          message: `image: ${image.file}: left out: ${messageOf(error)}`,
        }
        leftOut.push({ image: image.id, file: image.file, ...problem })
        onProgress?.({
          step: 'reading features',
          done: wanted.length - missing.length + at,
          total: wanted.length,
          problem: { item: image.file, ...problem },
        })
      }
      if (good.length > 0) {
        const values = featuresOfInputs(
          backbone,
          good.map(input => input.pixels),
        )
        await cache.add(
          good.map(input => input.image.id),
          values,
        )
      }
      report(Math.min(missing.length, at + batch), good.at(-1)?.image.file)
      // Lets signals and messages in: the kernels themselves never wait.
      await new Promise(resolve => setImmediate(resolve))
    }
    return { width: backbone.features, rows: cache.rows, leftOut }
  } finally {
    await cache.close()
  }

  async function decode(list: readonly FeatureImage[]): Promise<Decoded[]> {
    return await Promise.all(
      list.map(async image => {
        try {
          const path = await pictureAt(workspace, image.file)
          return { image, pixels: await pictureInput(path, backbone.preprocessing, image.file) }
        } catch (error) {
          return { image, error }
        }
      }),
    )
  }
}

/** Rows out of a file of one's own; images it does not name are left out. @throws LesionloopError `features-none`. */
function givenRows(
  { features, weightsName }: LoadedBackbone,
  given: ReadonlyMap<string, Float32Array>,
  images: readonly FeatureImage[],
  onProgress: RunOptions['onProgress'],
): Features {
  const wanted = [...new Map(images.map(image => [image.id, image])).values()]
  const rows = new Map(wanted.flatMap(({ id }) => (given.has(id) ? [[id, given.get(id)!]] : [])))
  if (rows.size === 0)
    throw new LesionloopError(
      'features-none',
      `features: ${weightsName}: names none of the ${wanted.length} images; give rows the ids that stand as "image" in cases/cases.jsonl`,
    )
  const missing = wanted.filter(({ id }) => !rows.has(id))
  const leftOut = missing.map(({ id, file }) => ({
    image: id,
    file,
    code: 'features-missing',
    message: `image: ${file}: left out: no features of it in ${weightsName}`,
  }))
  const report = { step: 'reading features', done: rows.size, total: wanted.length }
  onProgress?.(report)
  for (const { file, code, message } of leftOut)
    onProgress?.({ ...report, problem: { item: file, code, message } })
  return { width: features, rows, leftOut }
}

/** Features of inputs already prepared by `pictureInput`: rows one after the other. */
export function featuresOfInputs(backbone: LoadedBackbone, inputs: readonly Float32Array[]): Float32Array {
  const { size, mean } = backbone.preprocessing
  const each = size * size * mean.length
  const joined = new Float32Array(inputs.length * each)
  inputs.forEach((input, at) => {
    joined.set(input, at * each)
  })
  return tf.tidy(() => {
    const values = backbone.pooled(
      backbone.parameters,
      tf.tensor4d(joined, [inputs.length, size, size, mean.length]),
    )
    const rows = values.dataSync<'float32'>()
    if (!rows.every(Number.isFinite))
      throw new LesionloopError(
        'features-not-finite',
        `features: ${backbone.name}: not a finite number: sound weights were expected; give others with --init`,
      )
    return new Float32Array(rows)
  })
}

/** Where a backbone's features are kept. */
export function featuresFolder(workspace: Workspace, backbone: LoadedBackbone): string {
  return workspace.paths.featuresOf(`${backbone.name}-${featuresKey(backbone)}`)
}

/** Eight digits that tell these features from those of other weights or another preprocessing. */
function featuresKey({ weightsSha256, preprocessing, features }: LoadedBackbone): string {
  const key = JSON.stringify([weightsSha256, preprocessing, features, 'linear'])
  return createHash('sha256').update(key).digest('hex').slice(0, 8)
}
