import type { CycleMetrics } from '../../data/records/cycle.ts'
import { HEADS, type Head, LESIONS, type PerLesion, perLesion } from '../../data/records/vocabulary.ts'
import { type BandPoint, precisionRecallBand, rocBand } from '../../data/statistics/curve-bands.ts'
import { sigmoid } from '../../data/statistics/logit.ts'
import { judged, onSide } from '../cycle/judged.ts'
import type { Scored } from '../cycle/predict.ts'

/**
 * cycles/NNNN/report.json: what the report shows beyond metrics.json and queue.jsonl. From the sealed folder alone the
 * report can be drawn again, in other forms, whatever has become of the labels since.
 */
export interface ReportData {
  format: 'lesionloop-report-1'
  /** The side pictures and scores are of: test, else out of fold. */
  side: 'test' | 'oof'
  /** 95 % bands of the flag's curves on test, by group; empty where there are none. */
  bands: { roc: BandPoint[]; precisionRecall: BandPoint[] }
  /** The five lesion scores of each case, before calibration, and its class. */
  pairs: { positive: boolean; lesions: PerLesion<number> }[]
  /** How the fast mode chose its settings; null for other fits. */
  chosen: ChosenSetting | null
  /** Licence and source of the weights and of the pictures, as far as they are known. */
  licences: { what: string; licence: string }[]
  /** Small pictures of the cases shown below, by image id. */
  pictures: Record<string, SmallPicture>
  /** Heat maps of a page of cases; `absent` says why there are none. */
  maps: { cases: MappedCase[]; absent: string | null }
  /** The gravest mistakes: of the flag, and of the lesions within COVID. */
  mistakes: Mistake[]
}

export interface ChosenSetting {
  chosen: TriedSetting
  tried: TriedSetting[]
  keptAt: number
}

export interface TriedSetting {
  l2: number
  lambda: number
  flagLoss: number
  lesionLoss: number
}

export interface SmallPicture {
  width: number
  height: number
  /** JPEG, base64. */
  jpeg: string
}

/** A case as the report speaks of it. */
export interface ShownCase {
  case: string
  image: string
  /** Calibrated probabilities and truths in the order of `HEADS`; a truth nobody knows is null. */
  probabilities: number[]
  truths: (0 | 1 | null)[]
}

export interface MappedCase extends ShownCase {
  /** "surest GGO". */
  why: string
  maps: Partial<Record<Head, SmallMap>>
}

export interface SmallMap {
  height: number
  width: number
  /** Its greatest value, in the unit of the score. */
  peak: number
  /** 0…100 of the peak, row by row. */
  values: number[]
}

export interface Mistake extends ShownCase {
  head: Head
  kind: 'missed' | 'called wrongly'
  source: string | null
}

/** Bands need fewer resamples than the intervals in the tables. */
const BAND_SAMPLES = 400
/** More points than this tell an eye nothing. */
const MOST_PAIRS = 600

/** Bands and pairs: what of the scores is drawn. */
export function drawnScores(
  scored: readonly Scored[],
  { flag }: Pick<CycleMetrics, 'flag'>,
  seed: number,
): Pick<ReportData, 'side' | 'bands' | 'pairs'> {
  const side = flag.test ? 'test' : 'oof'
  const { scores, labels, groups } = judged(onSide(scored, 'test'), 'flag')
  const options = { samples: BAND_SAMPLES, seed }
  const known = onSide(scored, side).filter(one => one.case.truth[0]!.value !== null)
  const step = Math.max(1, Math.ceil(known.length / MOST_PAIRS))
  return {
    side,
    bands:
      scores.length === 0
        ? { roc: [], precisionRecall: [] }
        : {
            roc: rounded(rocBand(scores, labels, groups, options)),
            precisionRecall: rounded(precisionRecallBand(scores, labels, groups, options)),
          },
    pairs: known
      .filter((_, at) => at % step === 0)
      .map(one => ({
        positive: one.case.truth[0]!.value === 1,
        lesions: perLesion(lesion => four(sigmoid(one.logits[1 + LESIONS.indexOf(lesion)]!))),
      })),
  }
}

/** A scored case as the report speaks of it. */
export const shownCase = ({ case: { state, truth }, probabilities }: Scored): ShownCase => ({
  case: state.id,
  image: state.image,
  probabilities: HEADS.map((_, at) => four(probabilities[at]!)),
  truths: truth.map(one => one.value),
})

const four = (value: number) => Math.round(value * 1e4) / 1e4
const rounded = (band: BandPoint[]) =>
  band.map(({ x, low, high }) => ({ x: four(x), low: four(low), high: four(high) }))
