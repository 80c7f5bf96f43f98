import { parseHTML } from 'linkedom'
import { lossPlot } from '../../data/plots/curve-plots.ts'
import { renderSvg } from '../../data/plots/render-svg.ts'
import type { CycleRecord, Measure } from '../../data/records/cycle.ts'
import type { Trained } from '../cycle/train.ts'
import { calibrationSection } from './calibration-section.ts'
import { flagSection } from './flag-section.ts'
import { escaped, figures, page, paragraph, section, table } from './html.ts'
import { lesionSection } from './lesion-section.ts'
import { shortcutSection } from './shortcut-section.ts'

export type ReportInput = Trained & { record: CycleRecord }

/** The cycle's report as one HTML file without script: curves, tables with intervals, controls and warnings. */
export async function reportHtml(input: ReportInput): Promise<string> {
  // Plots draw into any document; this one exists for their sake only.
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const { record, metrics } = input
  const body = [
    header(record),
    tiles(input),
    warnings(metrics.warnings),
    flagSection(input, document),
    shortcutSection(metrics),
    lesionSection(input, document),
    calibrationSection(metrics, document),
    learningSection(input, document),
    learnedFromSection(record),
    queueSection(input),
  ]
  return page(`Cycle ${record.id}`, body.join('\n'))
}

function header(record: CycleRecord): string {
  const when = record.startedAt.slice(0, 16).replace('T', ' ')
  return `<h1>Cycle ${escaped(record.id)}</h1>
<p class="quiet">${escaped(`${when} UTC, by ${record.by}, ${record.code}. Research use only; not a diagnosis.`)}</p>`
}

function tiles({ metrics, learnedFrom, queue }: ReportInput): string {
  const side = metrics.flag.test ? 'test' : 'oof'
  const name = side === 'test' ? 'test' : 'out of fold'
  const tile = (of: Measure | undefined, what: string) =>
    of
      ? `<div class="tile"><b>${of.value === null ? 'n/a' : of.value.toFixed(3)}</b><span>${escaped(what)}${
          of.low === null || of.high === null
            ? ''
            : `<br>95 % interval ${of.low.toFixed(3)} to ${of.high.toFixed(3)}`
        }</span></div>`
      : ''
  const plain = (value: number, what: string) =>
    `<div class="tile"><b>${value}</b><span>${escaped(what)}</span></div>`
  return `<div class="tiles">${[
    tile(metrics.flag[side]?.['auc'], `AUC of the COVID flag, ${name}`),
    tile(metrics.shortcut?.shortcut, 'AUC of the shortcut control, test'),
    plain(learnedFrom.cases.train, 'cases learned from'),
    plain(queue.length, 'cases in the pool to review'),
  ].join('')}</div>`
}

function warnings(list: readonly string[]): string {
  if (list.length === 0) return ''
  return `<section class="warn"><h2>Read this first</h2><ul>${list
    .map(warning => `<li>${escaped(warning)}</li>`)
    .join('')}</ul></section>`
}

function learningSection({ metrics, learned, record }: ReportInput, document: object): string {
  const svg = renderSvg(lossPlot(metrics.curves.loss, { title: 'joint loss', height: 300 }), document)
  const { chosen, tried, keptAt } = learned
  return section(
    'How it was learned',
    paragraph(
      `Heads on frozen features of ${record.backbone.name} (weights ${record.backbone.weights}). Joint loss: cross-entropy of the flag + λ times that of the assessed lesions. λ ${chosen.lambda} and penalty ${chosen.l2} had the lowest joint loss out of fold of ${tried.length} settings; the heads were kept at epoch ${keptAt}. Seed ${record.seed}. Backend: ${record.backend.reason}.`,
    ),
    figures({ svg, caption: 'Joint loss over the epochs of the final heads.' }),
    '<h3>Settings tried, out of fold</h3>',
    table(
      ['penalty', 'λ', 'loss of the flag', 'loss of the lesions', ''],
      tried.map(one => [
        String(one.l2),
        one.lambda,
        Number(one.flagLoss.toFixed(3)),
        Number(one.lesionLoss.toFixed(3)),
        one === chosen ? 'chosen' : '',
      ]),
    ),
  )
}

function learnedFromSection({ learnedFrom, config }: CycleRecord): string {
  const { cases, sources, journalSeq, labels } = learnedFrom
  const rows = Object.entries(sources).map(([source, count]) => [source, count])
  return section(
    'What it learned from',
    paragraph(
      `${cases.train} cases outside validation (${cases.val}) and test (${cases.test}); ${cases.pool} cases are in the pool, without an expert's label. The journal was read up to act ${journalSeq}.`,
    ),
    table(['source of the labels', 'labels (flag and lesions)'], rows),
    paragraph(
      `Lesions the text does not name: ${config['unmentioned'] === 'absent' ? 'taken as absent' : 'masked'}. Lesions of controls that nobody read: ${config['controls'] === 'absent' ? 'taken as absent' : 'masked'}.${config['onlyExpert'] ? ' Only experts were learned from.' : ''}`,
    ),
    `<p class="quiet">Hash of the labels: <code>${escaped(labels)}</code></p>`,
  )
}

function queueSection({ queue }: ReportInput): string {
  if (queue.length === 0)
    return section('What to review next', paragraph('The pool is empty: every case has been read.'))
  return section(
    'What to review next',
    table(
      ['rank', 'case', 'why', 'score'],
      queue
        .slice(0, 15)
        .map(entry => [String(entry.rank), entry.case, entry.why, Number(entry.score.toFixed(3))]),
    ),
    queue.length > 15 ? paragraph(`and ${queue.length - 15} more, in queue.jsonl.`) : '',
  )
}
