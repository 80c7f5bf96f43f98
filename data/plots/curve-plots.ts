import { areaY, lineY, ruleY, text } from '@observablehq/plot'
import type { Curve } from '../records/cycle.ts'
import type { BandPoint } from '../statistics/curve-bands.ts'
import { diagonal, dotted, frame, share } from './frame.ts'
import { seriesColours, THEMES, type ThemeName } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

/** A curve with what is written beside it ("AUC 0.88 (0.82–0.93)") and its interval. */
export interface DrawnCurve extends Curve {
  note?: string
  band?: readonly BandPoint[]
}

export interface CurveOptions {
  theme?: ThemeName
  title?: string
  width?: number
  height?: number
}

/** ROC curves: sensitivity over 1 − specificity, the diagonal of chance dotted. */
export function rocPlot(curves: readonly DrawnCurve[], options: CurveOptions = {}): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  return {
    ...frame(theme, { title: 'ROC curve', ...options }),
    x: share('1 − specificity (share of negatives called positive)'),
    y: share('sensitivity (share of positives found)'),
    marks: [
      diagonal(theme),
      ...curveMarks(curves, options),
      ...names(curves, options, { x: 0.98, y: at => 0.05 + 0.065 * (curves.length - 1 - at) }),
    ],
  }
}

/** Precision-recall curves; `prevalence` draws what calling everything positive gives. */
export function precisionRecallPlot(
  curves: readonly DrawnCurve[],
  options: CurveOptions & { prevalence?: number } = {},
): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  // Names stand where the curves are not: above low ones.
  const right = curves.flatMap(({ points }) => points.filter(([recall]) => recall > 0.4))
  const low = right.length > 0 && right.every(([, precision]) => precision < 0.62)
  return {
    ...frame(theme, { title: 'precision-recall curve', ...options }),
    x: share('recall (share of positives found)'),
    y: share('precision (share of calls that are right)'),
    marks: [
      ...(options.prevalence === undefined ? [] : [ruleY([options.prevalence], dotted(theme))]),
      ...curveMarks(curves, options, 'step-before'),
      ...names(curves, options, {
        x: 0.98,
        y: at => (low ? 0.97 - 0.065 * at : 0.05 + 0.065 * (curves.length - 1 - at)),
      }),
    ],
  }
}

/** Loss over epochs, train and validation; each named at its last point. */
export function lossPlot(curves: readonly DrawnCurve[], options: CurveOptions = {}): PlotSpec {
  const losses = curves.flatMap(curve => curve.points.map(([, loss]) => loss)).filter(Number.isFinite)
  const top = Math.max(0, ...losses)
  return epochsPlot(
    curves,
    { title: 'loss', ...options },
    { label: 'loss (nats a case)', domain: [0, top * 1.05 || 1] },
  )
}

/** AUC over epochs; the axis begins at chance, or below it where a curve does. */
export function aucPlot(curves: readonly DrawnCurve[], options: CurveOptions = {}): PlotSpec {
  const least = Math.min(0.5, ...curves.flatMap(curve => curve.points.map(([, auc]) => auc)))
  return epochsPlot(
    curves,
    { title: 'AUC over the epochs', ...options },
    { label: 'AUC', domain: [Math.floor(least * 10) / 10, 1] },
  )
}

function epochsPlot(
  curves: readonly DrawnCurve[],
  options: CurveOptions & { title: string },
  { label, domain }: { label: string; domain: [number, number] },
): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const colours = seriesColours(
    curves.map(curve => curve.name),
    theme,
  )
  return {
    ...frame(theme, options),
    marginRight: 84,
    x: {
      label: 'epoch',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: wholeTicks(curves),
      tickFormat: 'd',
    },
    y: {
      label,
      labelAnchor: 'center',
      labelArrow: 'none',
      domain,
      ticks: 5,
    },
    marks: [
      ...curveMarks(curves, options),
      ...curves.flatMap((curve, at) => {
        const end = curve.points.at(-1)
        return end
          ? [
              text([end], {
                text: () => curve.name,
                textAnchor: 'start',
                dx: 6,
                fill: colours[at]!,
                fontWeight: 600,
              }),
            ]
          : []
      }),
    ],
  }
}

/** About six ticks, but never between two epochs. */
function wholeTicks(curves: readonly DrawnCurve[]): number {
  const epochs = curves.flatMap(({ points }) => points.map(([epoch]) => epoch))
  return Math.max(1, Math.min(6, Math.max(...epochs) - Math.min(...epochs)))
}

function curveMarks(
  curves: readonly DrawnCurve[],
  options: CurveOptions,
  curve: 'linear' | 'step-before' = 'linear',
) {
  const colours = seriesColours(
    curves.map(({ name }) => name),
    THEMES[options.theme ?? 'light'],
  )
  return [
    ...curves.flatMap(({ band }, at) =>
      band ? [areaY(band, { x: 'x', y1: 'low', y2: 'high', fill: colours[at]!, fillOpacity: 0.14 })] : [],
    ),
    ...curves.map(({ points }, at) =>
      lineY(points as [number, number][], { x: '0', y: '1', stroke: colours[at]!, strokeWidth: 2, curve }),
    ),
  ]
}

/** Direct labels in a free corner, in each curve's colour. */
function names(
  curves: readonly DrawnCurve[],
  options: CurveOptions,
  place: { x: number; y: (at: number) => number },
) {
  const colours = seriesColours(
    curves.map(curve => curve.name),
    THEMES[options.theme ?? 'light'],
  )
  return curves.map((curve, at) =>
    text([curve], {
      x: () => place.x,
      y: () => place.y(at),
      text: () => (curve.note ? `${curve.name}: ${curve.note}` : curve.name),
      textAnchor: 'end',
      fill: colours[at]!,
      fontWeight: 600,
    }),
  )
}
