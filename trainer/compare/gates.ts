import type { ComparedMeasure, Gate } from '../../data/records/comparison.ts'
import type { CycleMetrics, Measure } from '../../data/records/cycle.ts'
import { HEADS, type Head } from '../../data/records/vocabulary.ts'
import { headName } from '../acquisition/words.ts'
import { gains, shown } from '../cycle/metrics.ts'

/** A head with fewer positives says nothing of a difference. */
export const FEWEST_POSITIVES = 10

/**
 * A calibration that is worse for certain but by less than this changes no decision: two hundredths of probability on
 * average, or a hundredth of the Brier score.
 */
export const LEAST_CALIBRATION_LOSS = { ece: 0.02, brier: 0.01 } as const

const SIDES = { test: 'test', val: 'validation', oof: 'out of fold' } as const
const NAMES = { auc: 'AUC', ap: 'average precision', ece: 'calibration error', brier: 'Brier score' } as const

/** What decides over a head: the flag's AUC, a lesion's average precision. */
export const mainMeasure = (head: Head) => (head === 'flag' ? 'auc' : 'ap')

/**
 * The measure a head is judged by: on test; where test has too few positives, out of fold, unless a fine-tuned network
 * takes part (out of fold its frozen heads answer, not the network). null where neither has enough.
 */
export function judgedOn(
  measures: readonly ComparedMeasure[],
  head: Head,
  name: ComparedMeasure['name'],
  tuned: boolean,
): ComparedMeasure | null {
  const of = (side: ComparedMeasure['side']) =>
    measures.find(
      one =>
        one.side === side &&
        one.head === head &&
        one.name === name &&
        one.verdict !== 'na' &&
        one.difference.positives >= FEWEST_POSITIVES,
    )
  return of('test') ?? (tuned ? null : of('oof')) ?? null
}

/** Gates over what was measured of both cycles on the same cases. */
export function pairedGates(measures: readonly ComparedMeasure[], tuned: boolean): Gate[] {
  const gates: Gate[] = []
  for (const head of HEADS) {
    const main = judgedOn(measures, head, mainMeasure(head), tuned)
    if (main)
      gates.push({
        name: 'discrimination',
        head,
        side: main.side,
        verdict: main.verdict === 'worse' ? 'refused' : 'passed',
        words: differenceWords(main),
      })
    else
      gates.push({
        name: 'discrimination',
        head,
        verdict: 'na',
        words: `${headName(head)}: n/a: fewer than ${FEWEST_POSITIVES} positives, or no negative, among the cases both cycles scored`,
      })
  }
  for (const head of HEADS) {
    const found = (['ece', 'brier'] as const).flatMap(name => judgedOn(measures, head, name, tuned) ?? [])
    if (found.length === 0) continue
    const worse = found.filter(isCalibrationLost)
    gates.push({
      name: 'calibration',
      head,
      side: found[0]!.side,
      verdict: worse.length > 0 ? 'refused' : 'passed',
      words: (worse.length > 0 ? worse : found.slice(0, 1)).map(differenceWords).join('; '),
    })
  }
  return gates
}

const isCalibrationLost = ({ name, verdict, difference }: ComparedMeasure) =>
  verdict === 'worse' &&
  (name === 'ece' || name === 'brier') &&
  (difference.value ?? 0) >= LEAST_CALIBRATION_LOSS[name]

/** "GGO: average precision on test 0.812 → 0.790, difference −0.022 (95 % −0.041 to −0.003), 32 positives: clearly worse" */
export function differenceWords({ side, head, name, before, after, difference, verdict }: ComparedMeasure) {
  const subject = `${headName(head)}: ${NAMES[name]} ${side === 'oof' ? SIDES.oof : `on ${SIDES[side]}`}`
  if (verdict === 'na')
    return `${subject}: n/a: ${difference.na ?? 'too few patients or documents for an interval'}`
  const interval = `95 % ${signed(difference.low!)} to ${signed(difference.high!)}`
  return `${subject} ${before.value!.toFixed(3)} → ${after.value!.toFixed(3)}, difference ${signed(difference.value!)} (${interval}), ${difference.positives} of ${difference.n} positive: ${VERDICTS[verdict]}`
}

const VERDICTS = { better: 'clearly better', worse: 'clearly worse', same: 'no clear difference' } as const

export const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`

/** What a cycle's own figures say of shortcuts: shown, and warned of; they stop nothing. */
export function shortcutGates({ shortcut }: CycleMetrics): Gate[] {
  if (!shortcut)
    return [
      {
        name: 'shortcut',
        verdict: 'na',
        words: 'gain over the shortcut control: n/a: test or train has one class only',
      },
    ]
  const within = shortcut.within ?? []
  return [
    {
      name: 'shortcut',
      head: 'flag',
      verdict: gains(shortcut.gain) ? 'passed' : 'warned',
      words: `gain over file format, size and grey levels alone (AUC ${shown(shortcut.shortcut)}): ${shown(shortcut.gain)}${gains(shortcut.gain) ? '' : ': no evidence that the model reads disease'}`,
    },
    ...within.map(({ format, model }): Gate => {
      const verdict = ofOneFormat(model)
      return {
        name: 'within-format',
        head: 'flag',
        verdict,
        words: `AUC among ${format} files of test: ${model.value === null ? `n/a: ${model.na}` : shown(model)}${verdict === 'warned' ? ': not clearly above chance' : ''}`,
      }
    }),
  ]
}

function ofOneFormat({ value, low, positives }: Measure): Gate['verdict'] {
  if (value === null || positives < FEWEST_POSITIVES) return 'na'
  return low !== null && low > 0.5 ? 'passed' : 'warned'
}
