import { dot, lineY, ruleX, text } from '@observablehq/plot'
import type { ReliabilityBin } from '../statistics/calibration.ts'
import { clopperPearson } from '../statistics/proportion.ts'
import type { CurveOptions } from './curve-plots.ts'
import { diagonal, frame, share } from './frame.ts'
import { seriesColours, THEMES } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

export interface CalibrationSeries {
  name: string
  bins: readonly ReliabilityBin[]
  /** "ECE 0.04". */
  note?: string
}

/** Reliability diagram: what was observed over what was predicted, exact 95 % intervals of each bin as upright lines. */
export function calibrationPlot(series: readonly CalibrationSeries[], options: CurveOptions = {}): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const colours = seriesColours(
    series.map(({ name }) => name),
    theme,
  )
  return {
    ...frame(theme, { title: 'calibration', ...options }),
    x: share('predicted probability'),
    y: share('observed share of positives'),
    marks: [
      diagonal(theme),
      ...series.flatMap(({ name, bins, note }, at) => {
        const colour = colours[at]!
        const drawn = bins.map(bin => ({ ...bin, ...clopperPearson(bin.positives, bin.count) }))
        return [
          ruleX(drawn, {
            x: 'predicted',
            y1: 'low',
            y2: 'high',
            stroke: colour,
            strokeOpacity: 0.45,
            strokeWidth: 1.5,
          }),
          lineY(drawn, { x: 'predicted', y: 'observed', stroke: colour, strokeWidth: 1.5 }),
          dot(drawn, { x: 'predicted', y: 'observed', fill: colour, r: 3.5 }),
          text([name], {
            x: () => 0.98,
            y: () => 0.05 + 0.065 * (series.length - 1 - at),
            text: () => (note ? `${name}: ${note}` : name),
            textAnchor: 'end',
            fill: colour,
            fontWeight: 600,
          }),
        ]
      }),
    ],
  }
}
