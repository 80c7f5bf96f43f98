import { auc } from '../../data/statistics/roc.ts'
import type { SplitName } from './covid-ct-examples.ts'
import { type Arm, aucDifference, ensemble, flagFigures, lesionFigures, spread } from './figures.ts'

/** Sentences that follow from the figures; nothing is said of what has not run. */
export function reading(
  all: readonly Arm[],
  shortcuts: ReadonlyMap<SplitName, ReadonlyMap<string, number>>,
): string {
  const lines = all.flatMap(arm => (arm.loss === 'lesion-attention' ? compared(arm, all) : []))
  for (const split of new Set(all.map(arm => arm.split))) {
    lines.push(...best(all.filter(arm => arm.split === split)))
    lines.push(
      ...beside(
        all.filter(arm => arm.split === split),
        shortcuts.get(split),
      ),
    )
  }
  lines.push(...codeCost(all))
  return lines.length === 0 ? '' : `## What it shows\n\n${lines.map(line => `- ${line}`).join('\n')}`
}

const SPLIT_WORDS: Record<SplitName, string> = {
  official: 'official split',
  'leak-free': 'leak-free split',
}
const percent = (value: number) => (100 * value).toFixed(1)

/** Whether the lesions' branch helps the flag: the paired difference decides, not two means. */
function compared(arm: Arm, all: readonly Arm[]): string[] {
  const base = all.find(
    one => one.loss === 'flag-only' && one.split === arm.split && one.backbone === arm.backbone,
  )
  if (!base) return []
  const common = arm.runs.filter(run => base.runs.some(other => other.seed === run.seed))
  const seeds = new Set(common.map(run => run.seed))
  if (common.length === 0) return []
  const { value, low, high } = aucDifference(
    ensemble({ ...arm, runs: common }),
    ensemble({ ...base, runs: base.runs.filter(run => seeds.has(run.seed)) }),
  )
  if (value === null) return []
  const range = low === null || high === null ? '' : ` (${percent(low)} to ${percent(high)})`
  const verdict =
    low !== null && low > 0
      ? 'LA-DNN beats the baseline'
      : high !== null && high < 0
        ? 'LA-DNN is worse than the baseline'
        : 'LA-DNN does not beat the baseline beyond chance'
  return [
    `${arm.backbone}, ${SPLIT_WORDS[arm.split]}: ${verdict}: the lesions’ branch changes the flag’s test AUC by ${percent(value)} points${range}, paired by group over ${common.length} ${common.length === 1 ? 'seed' : 'seeds'}.`,
  ]
}

function best(here: readonly Arm[]): string[] {
  const found = here.flatMap(arm => {
    const mean = spread(arm.runs.map(run => flagFigures(run.pictures).auc))
    return mean ? [{ arm, mean: mean.mean, count: arm.runs.length }] : []
  })
  if (found.length === 0) return []
  const top = found.reduce((high, one) => (one.mean > high.mean ? one : high))
  const together = ensemble(top.arm).filter(one => one.side === 'test')
  const value = auc(
    together.map(one => one.logits[0]!),
    together.map(one => one.truth[0]!),
  )
  return [
    `${SPLIT_WORDS[top.arm.split]}: highest mean test AUC ${percent(top.mean)} (${top.arm.backbone}, ${top.arm.loss}, ${top.count} ${top.count === 1 ? 'seed' : 'seeds'})${value === null ? '' : `, its seeds together ${percent(value)}`}; the paper’s best is 91.2, Self-Trans has 94 on the official split.`,
  ]
}

/** The figure every other one stands beside. */
function beside(here: readonly Arm[], shortcut: ReadonlyMap<string, number> | undefined): string[] {
  const rows = here[0]?.runs[0]?.pictures.filter(one => one.side === 'test' && shortcut?.has(one.id)) ?? []
  const value = auc(
    rows.map(one => shortcut!.get(one.id)!),
    rows.map(one => one.truth[0]!),
  )
  return value === null
    ? []
    : [
        `${SPLIT_WORDS[here[0]!.split]}: ten numbers of file format, size and grey levels reach ${percent(value)} on the same test pictures, without looking at a lung. Figures near it prove no understanding of disease.`,
      ]
}

/** What the released code's way of training and measuring costs. */
function codeCost(all: readonly Arm[]): string[] {
  return all.flatMap(arm => {
    if (arm.loss !== 'paper-code') return []
    const ours = all.find(
      one => one.loss === 'lesion-attention' && one.split === arm.split && one.backbone === arm.backbone,
    )
    const figures = arm.runs.map(run => flagFigures(run.pictures))
    const [calls, scores] = [
      spread(figures.map(one => one.thresholdedAuc)),
      spread(figures.map(one => one.auc)),
    ]
    const ggo = (of: Arm) => lesionFigures(ensemble(of))[0]!.all
    const [theirs, own] = [ggo(arm), ours ? ggo(ours) : null]
    return [
      `${arm.backbone}, ${SPLIT_WORDS[arm.split]}, as the released code trains and measures: “AUC” of calls instead of scores reads ${calls ? percent(calls.mean) : 'n/a'} where the AUC is ${scores ? percent(scores.mean) : 'n/a'}${theirs !== null && own !== null ? `; its GGO head reaches ${percent(theirs)} over all pictures, ours ${percent(own)}` : ''}; its AirBr and InSepThi heads never saw a positive.`,
    ]
  })
}
