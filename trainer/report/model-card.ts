import { basename } from 'node:path'
import type { CycleRecord } from '../../data/records/cycle.ts'
import { shown } from '../cycle/metrics.ts'
import { escaped, section, table } from './html.ts'
import { SIDE_NAMES } from './measure-cell.ts'
import type { ReportView } from './view.ts'

/** The model card (after Mitchell et al. 2019): what it is, what for, from what, how well, and where it ends. */
export function modelCard({ record, metrics, data }: ReportView): string {
  const { backbone, config, learnedFrom, seed, backend, code } = record
  const auc = metrics.flag[data.side]?.['auc']
  const rows: [string, string][] = [
    [
      'what it is',
      `LA-DNN: a COVID-19 flag and five lesion heads on features of ${backbone.name}, for single axial chest-CT slices as pictures (after medRxiv 2020.05.11.20097907).`,
    ],
    [
      'intended use',
      'Research on labelling and review: to rank cases for experts, and to study what such a model learns. The reader is someone who can judge the pictures.',
    ],
    [
      'not for',
      'Diagnosis, triage or any decision about a patient; other modalities, whole scans, windows other than lung; populations its sources do not hold.',
    ],
    [
      'learned from',
      `${learnedFrom.cases.train} cases; labels by source: ${
        Object.entries(learnedFrom.sources)
          .map(([source, count]) => `${source} ${count}`)
          .join(', ') || 'none'
      }. Validation ${learnedFrom.cases.val}, test ${learnedFrom.cases.test}; sides hold whole groups, but where a dataset's own split does not (see the warnings).`,
    ],
    [
      'how well',
      auc
        ? `AUC of the flag, ${SIDE_NAMES[data.side]}: ${shown(auc)}, ${auc.positives} of ${auc.n} positive. Read it beside the shortcut control${
            metrics.shortcut ? ` (${shown(metrics.shortcut.shortcut)})` : ''
          }.`
        : 'n/a: nothing could be measured.',
    ],
    [
      'limits',
      'Labels come from captions or one reading, not from pathology or PCR of the day. Pictures are taken from publications: cut, windowed and compressed as authors and publishers did. Few groups, so intervals are wide. Lesion probabilities hold given COVID. Heat maps are no outlines.',
    ],
    ['weights', `${backbone.weights}; SHA-256 ${backbone.weightsSha256}`],
    ...data.licences.map(({ what, licence }): [string, string] => [`licence: ${what}`, licence]),
    [
      'licence: this checkpoint',
      'that of the weights it began from, and of the labels and pictures it learned from',
    ],
    ['made by', `${record.by}, ${record.sealedAt.slice(0, 10)}, ${code}`],
    ['seed and backend', `seed ${seed}; ${backend.reason}`],
    ['settings', settings(config)],
  ]
  return section(
    'Model card',
    table(
      ['topic', 'what there is to say'],
      rows.map(([name, text]) => [name, { html: escaped(text) }]),
    ),
  )
}

/** The options as one line; what was left open is left out, and folders of this machine are nobody's business. */
const settings = (config: CycleRecord['config']) =>
  Object.entries(config)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'object' ? JSON.stringify(value) : basename(String(value))}`,
    )
    .join('; ')
