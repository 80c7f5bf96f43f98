import { cell, text } from '@observablehq/plot'
import type { Confusion } from '../statistics/confusion.ts'
import type { CurveOptions } from './curve-plots.ts'
import { frame } from './frame.ts'
import { THEMES } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

/** Confusion matrix: truth in rows, calls in columns, counts with their share of the row; darker: more of the row. */
export function confusionPlot(
  counts: Confusion,
  options: CurveOptions & { positive?: string; negative?: string } = {},
): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const { positive = 'positive', negative = 'negative' } = options
  const row = (truth: string, yes: number, no: number) =>
    [
      { truth, call: positive, count: yes },
      { truth, call: negative, count: no },
    ].map(one => ({ ...one, share: yes + no === 0 ? 0 : one.count / (yes + no) }))
  const cells = [
    ...row(positive, counts.truePositives, counts.falseNegatives),
    ...row(negative, counts.falsePositives, counts.trueNegatives),
  ]
  return {
    ...frame(theme, { title: 'confusion matrix', width: 420, height: 300, ...options }),
    marginLeft: 110,
    marginTop: 40,
    marginBottom: 12,
    x: {
      axis: 'top',
      label: 'called',
      labelAnchor: 'center',
      labelArrow: 'none',
      tickSize: 0,
      padding: 0.04,
    },
    y: { label: 'truth', labelAnchor: 'center', labelArrow: 'none', tickSize: 0, padding: 0.04 },
    marks: [
      cell(cells, {
        x: 'call',
        y: 'truth',
        fill: theme.heads.GGO,
        fillOpacity: (one: { share: number }) => 0.06 + 0.5 * one.share,
      }),
      text(cells, {
        x: 'call',
        y: 'truth',
        text: (one: { count: number }) => String(one.count),
        fontSize: 20,
        fontWeight: 600,
        dy: -8,
        fill: theme.text,
      }),
      text(cells, {
        x: 'call',
        y: 'truth',
        text: (one: { share: number }) => `${(100 * one.share).toFixed(1)} %`,
        dy: 14,
        fill: theme.text,
      }),
    ],
  }
}
