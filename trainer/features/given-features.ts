import { existsSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { LesionloopError } from '../../data/errors.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { Backbone } from '../backbones/backbone.ts'
import { sha256OfFile } from '../weights/find-weights.ts'
import { featureRows } from './feature-rows.ts'

/** How a backbone is called whose features stand in a file: `file:features.jsonl`. */
const PREFIX = 'file:'

/** Features of one's own, by image id: what stands in for a network in the fast mode. */
export interface GivenFeatures extends Backbone {
  parameters: ReadonlyMap<string, never>
  weightsName: string
  weightsSha256: string
  given: ReadonlyMap<string, Float32Array>
}

export const isGiven = (name: string) => name.startsWith(PREFIX)

/**
 * Reads features from a file in place of computing them. Rows that can't be used (another length, a number that is none,
 * an image that came before) are reported, left out and counted.
 * @param name `file:PATH`; a path that is not absolute counts from the folder the command runs in.
 * @throws LesionloopError `features-missing` (no such file), `features-format`, `features-empty`.
 */
export async function loadGiven(
  name: string,
  { signal, onProgress }: RunOptions = {},
): Promise<GivenFeatures> {
  const path = resolve(name.slice(PREFIX.length))
  if (!existsSync(path))
    throw new LesionloopError(
      'features-missing',
      `features: ${path}: no such file; check the path behind "${PREFIX}"`,
      { path },
    )
  const given = new Map<string, Float32Array>()
  let width = 0
  let unusable = 0
  for await (const row of featureRows(path)) {
    signal?.throwIfAborted()
    const fault = 'fault' in row ? row : faultOf(row.image, row.values, width, given)
    if (fault) {
      unusable++
      const item = `${basename(path)}: ${fault.place}`
      const message = `features: ${item}: left out: ${fault.fault}`
      onProgress?.({
        step: 'reading features',
        done: given.size,
        total: null,
        problem: { item, code: 'features-row', message },
      })
    } else if ('image' in row) {
      width ||= row.values.length
      given.set(idOf(row.image), row.values)
    }
  }
  if (given.size === 0)
    throw new LesionloopError(
      'features-empty',
      `features: ${path}: no row that can be used (${unusable} left out); see docs/formats.md`,
      { path },
    )
  return {
    name,
    about: `features from ${basename(path)}`,
    given,
    features: width,
    weights: path,
    weightsName: basename(path),
    weightsSha256: await sha256OfFile(path),
    shapes: new Map(),
    parameters: new Map<string, never>(),
    // Pictures are never looked at: `pooled` says why.
    preprocessing: { size: 1, channels: 'grey', mean: [0], std: [1] },
    prepare: parameters => parameters,
    pooled() {
      throw new LesionloopError(
        'features-file-only',
        `features: ${path}: a picture has no features but those in this file; learn with a network (--backbone) to look at other pictures`,
        { path },
      )
    },
  }
}

function faultOf(
  image: string,
  values: Float32Array,
  width: number,
  given: ReadonlyMap<string, Float32Array>,
) {
  const place = `image ${image || '""'}`
  if (image === '') return { place, fault: 'no image id' }
  if (given.has(idOf(image))) return { place, fault: 'stands there twice; the first one is taken' }
  if (values.length === 0) return { place, fault: 'no numbers' }
  if (width !== 0 && values.length !== width)
    return { place, fault: `${values.length} numbers: expected ${width}, as in the first row` }
  if (!values.every(Number.isFinite)) return { place, fault: 'not all of its features are finite numbers' }
  return null
}

/** The file's name in images/ does as well as the id. */
const idOf = (image: string) => image.slice(0, image.length - extname(image).length) || image
