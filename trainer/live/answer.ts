import sharp from 'sharp'
import { LesionloopError } from '../../data/errors.ts'
import type { BlackedOutAnswer, Diagnosis, HeatMapAnswer, LiveRequest } from '../../data/records/live.ts'
import type { Pixels } from '../../data/workspace/images.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pictureAt } from '../../data/workspace/picture-at.ts'
import { speakingCycle } from '../cycle/newest.ts'
import { headOpinions, NOT_A_DIAGNOSIS } from '../diagnose/opinion.ts'
import { pictureInput } from '../features/picture.ts'
import { heatMap, heatMaps } from '../gradcam/heat-map.ts'
import { mapPicture } from '../gradcam/map-picture.ts'
import { blackOut } from './black-out.ts'
import { type OpenModel, openModel } from './open-model.ts'
import { readGiven } from './read-given.ts'

/** Answers requests by the model that speaks, which is loaded again when another cycle is sealed or promoted. */
export class Answerer {
  readonly #workspace: Workspace
  #model: OpenModel | null = null

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  /** @throws LesionloopError `no-cycle`, `weights-…`, `image-…`, `dicom-…`, `maps-absent`. */
  async answer(request: LiveRequest): Promise<Diagnosis | HeatMapAnswer | BlackedOutAnswer> {
    if (request.verb === 'black-out')
      return await blackOut(Buffer.from(request.picture, 'base64'), request.boxes, request.name)
    const model = await this.#current()
    return request.verb === 'diagnose'
      ? await diagnosisOf(model, Buffer.from(request.picture, 'base64'), request.name)
      : await mapOf(this.#workspace, model, request)
  }

  async #current(): Promise<OpenModel> {
    const cycle = await speakingCycle(this.#workspace)
    if (this.#model?.cycle !== cycle.id) this.#model = await openModel(this.#workspace, cycle)
    return this.#model
  }
}

async function diagnosisOf(model: OpenModel, bytes: Uint8Array, name: string): Promise<Diagnosis> {
  const began = performance.now()
  const { pixels, identifying, doubts } = await readGiven(bytes, name)
  const judged = await model.judge(bytes, name)
  const maps: Diagnosis['maps'] = []
  if (model.maps) {
    const input = await pictureInput(bytes, model.maps.preprocessing, name)
    for (const [head, map] of heatMaps(model.maps, input)) {
      const png = await mapPicture(map)
      if (png) maps.push({ head, png: Buffer.from(png).toString('base64'), peak: map.peak })
    }
  }
  return {
    cycle: model.cycle,
    notice: NOT_A_DIAGNOSIS,
    heads: headOpinions(model, judged).map(({ auc, ...row }) => ({
      ...row,
      auc: auc && { value: auc.value, low: auc.low, high: auc.high },
    })),
    picture: await preview(pixels),
    maps,
    mapsAbsent: model.mapsAbsent,
    similar: judged.similar,
    similarAbsent: model.similarAbsent,
    identifying,
    doubts,
    milliseconds: Math.round(performance.now() - began),
  }
}

const PREVIEW_SIDE = 768

async function preview({ data, width, height }: Pixels): Promise<Diagnosis['picture']> {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 4 })
    .toBuffer()
  return { png: png.toString('base64'), width, height }
}

async function mapOf(
  workspace: Workspace,
  model: OpenModel,
  { file, head }: Extract<LiveRequest, { verb: 'heat-map' }>,
): Promise<HeatMapAnswer> {
  if (!model.maps) throw new LesionloopError('maps-absent', `heat map: none: ${model.mapsAbsent}`)
  const path = await pictureAt(workspace, file)
  const map = heatMap(model.maps, await pictureInput(path, model.maps.preprocessing, file), head)
  if (!map)
    throw new LesionloopError(
      'maps-absent',
      `heat map: none: the model has not learned ${head}; label more cases of it and start a cycle`,
    )
  const png = await mapPicture(map)
  return { cycle: model.cycle, png: png && Buffer.from(png).toString('base64') }
}
