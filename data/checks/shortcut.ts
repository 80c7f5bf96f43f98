import { extname } from 'node:path'
import type { CaseState } from '../records/case.ts'
import type { CheckFinding } from '../records/check.ts'
import { groupFolds } from '../splits/folds.ts'
import type { SplitRecord } from '../splits/split.ts'
import { type BootstrapInterval, bootstrap } from '../statistics/bootstrap.ts'
import { aucOf } from '../statistics/roc.ts'
import { type ShortcutFacts, shortcutControl, shortcutFeatures } from '../statistics/shortcut.ts'
import { counted } from './findings.ts'
import { groupedBy } from './grouped-by.ts'

/** From these lower bounds of the interval on, file format and grey levels alone tell the flag. */
const TELLS = { severe: 0.75, warning: 0.6 }
/** Of each class, to be judged at all; and sources in the table, the largest first. */
const LEAST = 10
const MOST_SOURCES = 12
const FOLDS = 5

interface Judged {
  row: CaseState
  group: string
  positive: boolean
  format: string
  score: number
}

/** An AUC with its interval by group, and of how many. */
interface PartAuc extends Pick<BootstrapInterval, 'value' | 'low' | 'high'> {
  n: number
  positives: number
}

/**
 * How well ten numbers of the file and of its grey levels alone tell the flag: learned on the train side and measured on
 * test where the split has both classes there, else out of fold by group. Overall, within each file format, and within
 * each source that has both classes.
 */
export function shortcutFindings(
  cases: readonly CaseState[],
  split: SplitRecord | undefined,
  groups: ReadonlyMap<string, string>,
  facts: ReadonlyMap<string, ShortcutFacts>,
  options: { seed: number; samples: number },
): CheckFinding[] {
  const known = cases.flatMap(row => {
    const fact = facts.get(row.image)
    if (!fact || row.truth.flag.value === null) return []
    const group = groups.get(row.id) ?? row.id
    const positive = row.truth.flag.value === 'positive'
    return [{ row, group, positive, format: fact.format, features: shortcutFeatures(fact) }]
  })
  const found = formatsByFlag(known)
  const has = (part: readonly { positive: boolean }[]) =>
    part.filter(({ positive }) => positive).length >= LEAST &&
    part.filter(({ positive }) => !positive).length >= LEAST
  const on = (side: string) => known.filter(({ row }) => split?.cases[row.id]?.side === side)
  const [train, test] = [on('train'), on('test')]
  const features = (part: typeof known) => part.map(one => one.features)
  const flags = (part: typeof known) => part.map(({ positive }) => (positive ? 1 : 0))
  let judged: Judged[] = []
  let where = 'on test'
  if (has(train) && has(test)) {
    const scores = shortcutControl(features(train), flags(train), features(test))
    judged = test.map((one, at) => ({ ...one, score: scores[at]! }))
  } else if (has(known) && new Set(known.map(({ group }) => group)).size >= 2 * FOLDS) {
    where = `out of ${FOLDS} folds by group`
    const names = known.map(({ group }) => group)
    const folds = groupFolds(names, flags(known), FOLDS, options.seed)
    for (let fold = 0; fold < FOLDS; fold++) {
      const rest = known.filter((_, at) => folds[at] !== fold)
      const here = known.filter((_, at) => folds[at] === fold)
      if (!has(rest)) return found
      const scores = shortcutControl(features(rest), flags(rest), features(here))
      judged.push(...here.map((one, at) => ({ ...one, score: scores[at]! })))
    }
  } else return found
  const overall = aucWith(judged, options)
  const within = partsOf(judged, ({ format }) => format, options)
  const sources = partsOf(judged, ({ row }) => row.source.name, options)
  const low = overall.low ?? 0
  const severity = low >= TELLS.severe ? 'severe' : low >= TELLS.warning ? 'warning' : 'note'
  const parts = Object.entries(within).map(([format, auc]) => `within ${format} ${shown(auc)}`)
  found.push({
    code: 'shortcut',
    severity,
    message: `file format, size and grey levels alone tell the flag with AUC ${shown(overall)} ${where} (${counted(judged.length, 'case')})${parts.length > 0 ? `; ${parts.join('; ')}` : ''}`,
    todo:
      severity === 'note'
        ? 'nothing; give it beside the model’s figure'
        : 'give it beside every figure of a model; take positives and controls from the same sources, clean the pictures',
    items: [],
    details: { where, overall, within, sources },
  })
  const telling = Object.entries(sources).filter(
    ([name, auc]) => Object.keys(sources).length > 1 && (auc.low ?? 0) >= TELLS.warning && name !== '',
  )
  if (telling.length > 0)
    found.push({
      code: 'shortcut-source',
      severity: 'warning',
      message: `within ${counted(telling.length, 'source')} too: ${telling.map(([name, auc]) => `${name} ${shown(auc)}`).join('; ')}`,
      todo: 'see what tells the pictures of these sources apart: format, size, frame, window',
      items: telling.map(([name]) => name),
    })
  return found
}

/** A file format, or a name's ending, that goes with one flag is a label written on the file. */
function formatsByFlag(
  known: readonly { positive: boolean; format: string; row: CaseState }[],
): CheckFinding[] {
  const positives = known.filter(({ positive }) => positive).length
  if (positives === 0 || positives === known.length) return []
  const ending = ({ row }: { row: CaseState }) =>
    extname(row.source.file).slice(1).toLowerCase() || 'no ending'
  const looks = [
    ['a file format occurs', ({ format }: (typeof known)[number]) => format],
    ['an ending of file names occurs', ending],
  ] as const
  return looks.flatMap(([what, keyOf]) => {
    const counts = [...groupedBy(known, keyOf)].map(([format, rows]) => {
      const positive = rows.filter(row => row.positive).length
      return { format, positive, negative: rows.length - positive }
    })
    const oneSided = counts.filter(
      ({ positive, negative }) => Math.min(positive, negative) === 0 && positive + negative >= LEAST,
    )
    if (oneSided.length === 0) return []
    const table = counts.map(
      ({ format, positive, negative }) => `${format} ${positive} positive, ${negative} negative`,
    )
    return [
      {
        code: 'format-tells-flag',
        severity: 'severe' as const,
        message: `${what} with one flag only: ${table.join('; ')}`,
        todo: 'take both classes from the same kind of source, or write all pictures anew in one format before training',
        items: oneSided.map(({ format }) => format),
        details: { counts },
      },
    ]
  })
}

function aucWith(judged: readonly Judged[], { seed, samples }: { seed: number; samples: number }): PartAuc {
  const labels = judged.map(({ positive }) => (positive ? 1 : 0))
  const auc = aucOf(
    judged.map(({ score }) => score),
    labels,
  )
  const { value, low, high } = bootstrap(
    judged.map(({ group }) => group),
    auc,
    { seed, samples },
  )
  return { value, low, high, n: judged.length, positives: judged.filter(({ positive }) => positive).length }
}

/** The AUC within each part that has enough of both classes, the largest parts first. */
function partsOf(
  judged: readonly Judged[],
  keyOf: (one: Judged) => string,
  options: { seed: number; samples: number },
): Record<string, PartAuc> {
  const parts = [...groupedBy(judged, keyOf)]
    .sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
    .map(([name, rows]) => [name, aucWith(rows, options)] as const)
    .filter(([, { n, positives }]) => positives >= LEAST && n - positives >= LEAST)
  return Object.fromEntries(parts.slice(0, MOST_SOURCES))
}

function shown({ value, low, high }: Pick<PartAuc, 'value' | 'low' | 'high'>): string {
  if (value === null) return 'n/a'
  return `${value.toFixed(2)}${low === null || high === null ? '' : ` (${low.toFixed(2)}–${high.toFixed(2)})`}`
}
