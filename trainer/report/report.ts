import { parseHTML } from 'linkedom'
import type { ThemeName } from '../../data/plots/palette.ts'
import { type PlotSpec, renderSvg } from '../../data/plots/render-svg.ts'
import type { CycleRecord, Measure } from '../../data/records/cycle.ts'
import { calibrationSection } from './calibration-section.ts'
import { mapsSection, mistakesSection } from './case-section.ts'
import { flagSection } from './flag-section.ts'
import { escaped, page, paragraph, section, table, themed } from './html.ts'
import { lesionSection } from './lesion-section.ts'
import { modelCard } from './model-card.ts'
import { type PlotName, reportPlots } from './plots.ts'
import { queueSection, stopSection } from './queue-section.ts'
import { shortcutSection } from './shortcut-section.ts'
import { type DrawnReport, plotFigures, type ReportView } from './view.ts'

/**
 * The cycle's report as one HTML file without script, in light and dark: curves, tables with intervals, controls,
 * heat maps, mistakes as pictures, warnings and the model card.
 */
export async function reportHtml(view: ReportView): Promise<string> {
  const { record, metrics } = view
  const plots = new Map([...drawPlots(view)].map(([name, svg]) => [name, themed(svg)]))
  const drawn: DrawnReport = { ...view, plots }
  const body = [
    header(record),
    tiles(view),
    warnings(metrics.warnings),
    flagSection(drawn),
    shortcutSection(drawn),
    lesionSection(drawn),
    calibrationSection(drawn),
    await mapsSection(view),
    mistakesSection(view),
    learningSection(drawn),
    learnedFromSection(record),
    queueSection(view),
    stopSection(view),
    modelCard(view),
  ]
  return page(`Cycle ${record.id}`, body.join('\n'))
}

/** Every plot as SVG text that can stand in a file by itself. */
export function drawPlots(
  { metrics, data }: Pick<ReportView, 'metrics' | 'data'>,
  theme: ThemeName = 'light',
): Map<PlotName, string> {
  // Plots draw into any document; this one exists for their sake only.
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const draw = ([name, spec]: [PlotName, PlotSpec]): [PlotName, string] => [name, renderSvg(spec, document)]
  return new Map([...reportPlots(metrics, data, theme)].map(draw))
}

function header(record: CycleRecord): string {
  const when = record.startedAt.slice(0, 16).replace('T', ' ')
  return `<h1>Cycle ${escaped(record.id)}</h1>
<p class="quiet">${escaped(`${when} UTC, by ${record.by}, ${record.code}. Research use only; not a diagnosis.`)}</p>`
}

function tiles({ metrics, record: { learnedFrom }, queue, data: { side } }: ReportView): string {
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

function learningSection({ plots, record, data: { chosen } }: DrawnReport): string {
  const { backbone, backend, seed, config } = record
  const drawn = plotFigures(plots, [
    { plot: 'loss', caption: 'Loss over the epochs.' },
    { plot: 'auc-by-epoch', caption: 'AUC of the flag over the epochs.' },
  ])
  const ground = `Seed ${seed}. Backend: ${backend.reason}.`
  if (!chosen)
    return section(
      'How it was learned',
      paragraph(
        `${backbone.name} (weights ${backbone.weights}) and both heads, trained together on the pictures.${typeof config['keptAt'] === 'number' ? ` Kept at epoch ${config['keptAt']}.` : ''} ${ground}`,
      ),
      scoredBy(config['scoredBy']),
      drawn,
    )
  const { chosen: best, tried, keptAt } = chosen
  return section(
    'How it was learned',
    paragraph(
      `Heads on frozen features of ${backbone.name} (weights ${backbone.weights}). Joint loss: cross-entropy of the flag + λ times that of the assessed lesions. λ ${best.lambda} and penalty ${best.l2} had the lowest joint loss out of fold of ${tried.length} settings; the heads were kept at epoch ${keptAt}. ${ground}`,
    ),
    drawn,
    '<h3>Settings tried, out of fold</h3>',
    table(
      ['penalty', 'λ', 'loss of the flag', 'loss of the lesions', ''],
      tried.map(one => [
        String(one.l2),
        one.lambda,
        { html: one.flagLoss.toFixed(3), number: true },
        { html: one.lesionLoss.toFixed(3), number: true },
        one.l2 === best.l2 && one.lambda === best.lambda ? 'chosen' : '',
      ]),
    ),
  )
}

/** Who scored what, where a cycle has more than one scorer. */
function scoredBy(said: unknown): string {
  if (typeof said !== 'object' || said === null) return ''
  const { validationAndTest, outOfFoldAndPool } = said as Record<string, unknown>
  return validationAndTest && outOfFoldAndPool
    ? paragraph(
        `Validation and test are scored by ${validationAndTest}; out of fold and the pool by ${outOfFoldAndPool}. The two are not one model's figures.`,
      )
    : ''
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
