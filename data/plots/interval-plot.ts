import { dot, ruleX, ruleY, text } from '@observablehq/plot'
import type { CurveOptions } from './curve-plots.ts'
import { dotted, frame } from './frame.ts'
import { THEMES } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

/** A figure with its interval, a line of the plot. `strong`: drawn in the flag's colour. */
export interface IntervalRow {
  name: string
  value: number
  low: number | null
  high: number | null
  strong?: boolean
}

/** Figures of 0…1 beneath each other with their intervals, the value at the right; `mark` draws what chance gives. */
export function intervalPlot(
  rows: readonly IntervalRow[],
  options: CurveOptions & { label?: string; mark?: number; domain?: [number, number] } = {},
): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const { label = 'AUC', mark, domain = [0, 1] } = options
  const longest = Math.max(0, ...rows.map(row => row.name.length))
  const colour = (row: IntervalRow) => (row.strong ? theme.heads.flag : theme.heads.GGO)
  return {
    ...frame(theme, { title: label, width: 560, height: 64 + 26 * rows.length, ...options }),
    marginLeft: Math.min(300, 24 + 7 * longest),
    marginRight: 60,
    x: { label, labelAnchor: 'center', labelArrow: 'none', domain, ticks: 5, tickFormat: '.1f' },
    y: { label: null, domain: rows.map(row => row.name), type: 'point', tickSize: 0 },
    marks: [
      ...(mark === undefined ? [] : [ruleX([mark], dotted(theme))]),
      ruleY(
        rows.filter(row => row.low !== null && row.high !== null),
        { y: 'name', x1: 'low', x2: 'high', stroke: colour, strokeWidth: 2, strokeOpacity: 0.5 },
      ),
      dot(rows as IntervalRow[], { x: 'value', y: 'name', fill: colour, r: 4.5 }),
      text(rows as IntervalRow[], {
        y: 'name',
        frameAnchor: 'right',
        dx: 48,
        textAnchor: 'end',
        text: row => row.value.toFixed(3),
        fill: theme.text,
      }),
    ],
  }
}
