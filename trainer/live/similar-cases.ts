import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Prediction } from '../../data/records/cycle.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { LoadedBackbone } from '../backbones/load.ts'
import { featuresFolder } from '../features/cached-features.ts'
import { readKeptRows } from '../features/kept-rows.ts'
import { type Scaling, standardise } from '../fit/standardise.ts'

/** A case whose picture is like another. */
export interface SimilarCase {
  case: string
  image: string
  /** Of the standardised features, −1 to 1. */
  cosine: number
}

/**
 * The cases a cycle has scored, by how alike their pictures are to one given by its features [D]: cosine of the
 * features as the heads read them. Unit rows are held in memory, 4·D bytes a picture.
 */
export async function similarCases(
  workspace: Workspace,
  backbone: LoadedBackbone,
  scaling: Scaling,
  cycleFolder: string,
): Promise<(features: Float32Array, count: number) => SimilarCase[]> {
  const text = await readFile(join(cycleFolder, 'predictions.jsonl'), 'utf8')
  const predictions = text.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line) as Prediction]))
  const rows = await readKeptRows(
    workspace,
    featuresFolder(workspace, backbone),
    backbone.features,
    predictions.map(({ image }) => image),
  )
  const units = new Map<string, { case: string; row: Float32Array }>()
  for (const { case: id, image } of predictions) {
    const row = rows.get(image)
    if (row && !units.has(image)) units.set(image, { case: id, row: unit(standardise(row, scaling)) })
  }
  return (features, count) => {
    const asked = unit(standardise(features, scaling))
    const all = [...units].map(([image, known]) => ({
      case: known.case,
      image,
      cosine: Math.round(dot(asked, known.row) * 1e4) / 1e4,
    }))
    return all.sort((a, b) => b.cosine - a.cosine || (a.image < b.image ? -1 : 1)).slice(0, count)
  }
}

function unit(row: Float32Array): Float32Array {
  const length = Math.sqrt(dot(row, row))
  return length > 0 ? row.map(value => value / length) : row
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}
