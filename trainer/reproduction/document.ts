import type { BootstrapInterval } from '../../data/statistics/bootstrap.ts'
import { bootstrapEach } from '../../data/statistics/bootstrap.ts'
import { auc, aucOf } from '../../data/statistics/roc.ts'
import { LOSSES } from '../model/losses/losses.ts'
import { SPLITS, type SplitName } from './covid-ct-examples.ts'
import {
  type Arm,
  arms,
  aucDifference,
  aucInterval,
  ensemble,
  type FlagFigures,
  flagFigures,
  lesionFigures,
  spread,
} from './figures.ts'
import { TABLE_1 } from './published.ts'
import { reading } from './reading.ts'
import type { RunRecord } from './run-record.ts'

const SPLIT_TITLES: Record<SplitName, string> = {
  official: 'The official split',
  'leak-free': 'The leak-free split (whole papers and patients)',
}

/** Probabilities of the shortcut control by picture, for each split. */
export type Shortcuts = ReadonlyMap<SplitName, ReadonlyMap<string, number>>

/** docs/reproduction.md, from the runs there are. The same runs give the same page. */
export function reproductionPage(records: readonly RunRecord[], shortcuts: Shortcuts): string {
  const all = arms(records)
  const parts = [
    INTRODUCTION,
    reading(all, shortcuts),
    ...SPLITS.flatMap(split => splitPart(all, split, shortcuts)),
    ...externalPart(all),
    setting(records),
  ]
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}

const INTRODUCTION = `# The paper's result, done again

Written by \`npm run reproduce\` from the runs in \`docs/reproduction/runs\`: the paper's baseline (\`flag-only\`) and LA-DNN from the same weights, seeds, steps and pictures on COVID-CT. Per cent, mean ± standard deviation over seeds. Operating points are chosen on validation (Youden); nothing is chosen on test, which is judged once at the end of each run. Intervals are 95 % of 2,000 bootstrap resamples, of whole groups (paper, patient and identical pictures together) or of single images. *n/a*: no positive on that side.`

function splitPart(all: readonly Arm[], split: SplitName, shortcuts: Shortcuts): string[] {
  const here = all.filter(arm => arm.split === split)
  if (here.length === 0) return []
  return [
    `## ${SPLIT_TITLES[split]}`,
    sides(here),
    '### The flag on test',
    flagTable(here),
    '### All seeds together, and LA-DNN against the baseline',
    ensembleTable(here, shortcuts.get(split)),
    '### The lesions on test',
    lesionTable(here),
  ]
}

/** How many pictures and positives stand on the sides that were judged. */
function sides(here: readonly Arm[]): string {
  const pictures = here[0]!.runs[0]!.pictures
  const count = (side: 'val' | 'test') => {
    const rows = pictures.filter(one => one.side === side)
    return `${rows.length} pictures on ${side === 'val' ? 'validation' : 'test'} (${rows.filter(one => one.truth[0] === 1).length} COVID, ${new Set(rows.map(one => one.group)).size} groups)`
  }
  return `${count('val')}, ${count('test')}.`
}

const FLAG_COLUMNS = ['accuracy', 'f1', 'auc', 'sensitivity', 'thresholdedAuc'] as const

function flagTable(here: readonly Arm[]): string {
  const row = (arm: Arm) => {
    const figures = arm.runs.map(run => flagFigures(run.pictures))
    const cell = (name: keyof FlagFigures) => {
      const found = spread(figures.map(one => one[name]))
      if (found === null) return 'n/a'
      return `${percent(found.mean)}${found.sd === null ? '' : ` ± ${percent(found.sd)}`}`
    }
    return [arm.backbone, arm.loss, String(arm.runs.length), ...FLAG_COLUMNS.map(cell)]
  }
  const published = [...new Set(here.map(arm => arm.backbone))].flatMap(name => {
    const found = TABLE_1.get(name)
    if (!found) return []
    return ([0, 1] as const).map(at => [
      name,
      at === 0 ? 'paper: baseline' : 'paper: LA-DNN',
      '',
      ...(['accuracy', 'f1', 'auc', 'sensitivity'] as const).map(column => String(found[column][at])),
      '',
    ])
  })
  // A backbone the paper did not try stands beside the paper's own best.
  const best =
    published.length > 0
      ? []
      : ([0, 1] as const).map(at => {
          const { accuracy, f1, auc, sensitivity } = TABLE_1.get('densenet169')!
          return [
            'densenet169',
            at === 0 ? 'paper: baseline' : 'paper: LA-DNN (its best)',
            '',
            ...[accuracy, f1, auc, sensitivity].map(column => String(column[at])),
            '',
          ]
        })
  return table(
    ['backbone', 'loss', 'seeds', 'accuracy', 'F1', 'AUC', 'sensitivity', 'AUC of calls'],
    [...here.map(row), ...published, ...best],
  )
}

function ensembleTable(here: readonly Arm[], shortcut: ReadonlyMap<string, number> | undefined): string {
  const rows = here.map(arm => {
    const together = ensemble(arm)
    const base = here.find(one => one.backbone === arm.backbone && one.loss === 'flag-only')
    const against = base && base !== arm ? paired(arm, base) : null
    return [
      arm.backbone,
      arm.loss,
      interval(aucInterval(together, 'image')),
      interval(aucInterval(together, 'group'), false),
      against === null ? '' : interval(against),
    ]
  })
  if (shortcut) rows.push(shortcutRow(here[0]!, shortcut))
  return table(
    ['backbone', 'loss', 'AUC, interval by image', 'interval by group', 'minus the baseline, by group'],
    rows,
  )
}

/** The difference of ensembles over the seeds that both have. */
export function paired(arm: Arm, base: Arm): BootstrapInterval {
  const seeds = new Set(base.runs.map(run => run.seed))
  const common = arm.runs.filter(run => seeds.has(run.seed))
  const kept = new Set(common.map(run => run.seed))
  return aucDifference(
    ensemble({ ...arm, runs: common }),
    ensemble({ ...base, runs: base.runs.filter(run => kept.has(run.seed)) }),
  )
}

/** Ten numbers of file format, size and grey levels on the same pictures: what no network is needed for. */
function shortcutRow(arm: Arm, shortcut: ReadonlyMap<string, number>): string[] {
  const rows = arm.runs[0]!.pictures.filter(one => one.side === 'test' && shortcut.has(one.id))
  const statistic = aucOf(
    rows.map(one => shortcut.get(one.id)!),
    rows.map(one => one.truth[0]!),
  )
  const by = (names: string[]) => bootstrapEach(names, { auc: statistic }).auc
  return [
    'none',
    'shortcut control',
    interval(by(rows.map(one => one.id))),
    interval(by(rows.map(one => one.group)), false),
    '',
  ]
}

function lesionTable(here: readonly Arm[]): string {
  const learned = here.filter(arm => LOSSES[arm.loss].lesions)
  if (learned.length === 0) return 'No run with a loss that teaches the lesions is there.'
  const first = lesionFigures(ensemble(learned[0]!))
  const shown = (value: number | null) => (value === null ? 'n/a' : percent(value))
  return [
    'AUC of the seeds together, over all pictures / among those of COVID. Over all pictures a lesion’s head can score by telling COVID from not; among COVID it can’t.',
    table(
      ['backbone', 'loss', ...first.map(one => `${one.lesion} (${one.positives} positive)`)],
      learned.map(arm => [
        arm.backbone,
        arm.loss,
        ...lesionFigures(ensemble(arm)).map(one => `${shown(one.all)} / ${shown(one.withinCovid)}`),
      ]),
    ),
  ].join('\n\n')
}

/** A column for each external set: AUC of the flag, per seed. */
function externalPart(all: readonly Arm[]): string[] {
  const names = [...new Set(all.flatMap(arm => arm.runs.flatMap(run => Object.keys(run.external))))].sort()
  if (names.length === 0) return []
  const cell = (arm: Arm, name: string) => {
    const found = spread(
      arm.runs.flatMap(run => {
        const rows = run.external[name]
        return rows
          ? [
              auc(
                rows.map(row => row.logit),
                rows.map(row => row.flag),
              ),
            ]
          : []
      }),
    )
    return found === null
      ? 'not judged'
      : `${percent(found.mean)}${found.sd === null ? '' : ` ± ${percent(found.sd)}`}`
  }
  return [
    '## External test sets',
    'AUC of the flag on pictures from elsewhere, learned as above.',
    table(
      ['split learned from', 'backbone', 'loss', ...names],
      all.map(arm => [arm.split, arm.backbone, arm.loss, ...names.map(name => cell(arm, name))]),
    ),
  ]
}

function setting(records: readonly RunRecord[]): string {
  const first = records[0]
  if (!first) return 'No run is there yet: `npm run reproduce`.'
  const { loss: _, seed: __, ...options } = first.options
  const weights = [...new Map(records.map(run => [run.backbone, run.weights])).entries()]
  return [
    '## How it was done',
    `Weights: ${weights.map(([name, { name: file, sha256 }]) => `${name} from ${file} (sha256 ${sha256.slice(0, 12)}…)`).join('; ')}. Backend: ${[...new Set(records.map(run => run.backend))].join('; ')}. Every run learned with these options, whatever its loss and seed (\`trainer/reproduction/recipe.ts\` says how they were chosen):`,
    `\`\`\`json\n${JSON.stringify(options, null, 2)}\n\`\`\``,
  ].join('\n\n')
}

const percent = (value: number) => (100 * value).toFixed(1)

export function interval({ value, low, high }: BootstrapInterval, withValue = true): string {
  if (value === null) return 'n/a'
  const range = low === null || high === null ? '' : `${percent(low)} to ${percent(high)}`
  return withValue ? `${percent(value)}${range ? ` (${range})` : ''}` : range
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
