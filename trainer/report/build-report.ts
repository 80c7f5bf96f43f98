import { messageOf } from '../../data/errors.ts'
import type { CycleMetrics } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { onSide } from '../cycle/judged.ts'
import type { Scored } from '../cycle/predict.ts'
import { pictureInput } from '../features/picture.ts'
import { heatMaps, type MapModel } from '../gradcam/heat-map.ts'
import { gravestMistakes, mappedCases } from './choose-cases.ts'
import { licences } from './licences.ts'
import { smallPicture } from './pictures.ts'
import { type ChosenSetting, drawnScores, type ReportData, shownCase } from './report-data.ts'

export interface ReportSources {
  metrics: CycleMetrics
  scored: readonly Scored[]
  seed: number
  /** Name of the weights, for their licence. */
  weights: string
  /** How the fast mode chose; absent for other fits. */
  chosen?: ChosenSetting
  /** The trained network with its maps; null where it has none. */
  maps: MapModel | null
  /** Where an image lies, by its file's name. */
  imagePath: (file: string) => string | Promise<string>
}

/**
 * Gathers all that the report shows: bands, pairs, heat maps and pictures of chosen cases. The backend must have been
 * chosen before. A picture that no longer decodes is left out; training has told of it.
 */
export async function buildReport(
  { metrics, scored, seed, weights, chosen, maps, imagePath }: ReportSources,
  { signal, onProgress }: RunOptions = {},
): Promise<ReportData> {
  const drawn = drawnScores(scored, metrics, seed)
  const here = onSide(scored, drawn.side)
  const thresholds = metrics.thresholds ?? { flag: metrics.threshold }
  const learned = HEADS.filter(head => thresholds[head] !== null && thresholds[head] !== undefined)
  const mistakes = gravestMistakes(here, thresholds)
  const page = mappedCases(here, learned)
  const files = new Map(here.map(({ case: { state } }) => [state.image, state.imageFile]))
  const pictures: ReportData['pictures'] = {}
  const wanted = [...page.map(({ one }) => one.case.state.image), ...mistakes.map(one => one.image)]
  for (const image of new Set(wanted)) {
    signal?.throwIfAborted()
    const file = files.get(image)!
    const small = await Promise.resolve(imagePath(file))
      .then(path => smallPicture(path, file))
      .catch(() => null)
    if (small) pictures[image] = small
  }
  const cases: ReportData['maps']['cases'] = []
  let absent = maps
    ? null
    : 'The features of this backbone are no means over maps of the picture, so that nothing in it can be pointed at.'
  for (const { one, why } of maps ? page : []) {
    signal?.throwIfAborted()
    onProgress?.({ step: 'drawing heat maps', done: cases.length, total: page.length })
    try {
      const input = await pictureInput(await imagePath(one.case.state.imageFile), maps!.preprocessing)
      cases.push({ ...shownCase(one), why, maps: smallMaps(maps!, input) })
    } catch (error) {
      absent = `Some maps could not be drawn: ${messageOf(error)}`
    }
  }
  return {
    format: 'lesionloop-report-1',
    ...drawn,
    chosen: chosen ?? null,
    licences: licences(
      weights,
      scored.map(one => one.case.state),
    ),
    pictures,
    maps: { cases, absent },
    mistakes,
  }
}

/** Maps with whole numbers of 0…100 of their peak. */
function smallMaps(model: MapModel, input: Float32Array): ReportData['maps']['cases'][number]['maps'] {
  const found = [...heatMaps(model, input)].map(([head, { height, width, values, peak }]): [Head, object] => [
    head,
    {
      height,
      width,
      peak: Math.round(peak * 1e4) / 1e4,
      values: Array.from(values, value => (peak > 0 ? Math.round((100 * value) / peak) : 0)),
    },
  ])
  return Object.fromEntries(found)
}
