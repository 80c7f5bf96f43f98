import { barY, ruleY } from '@observablehq/plot'
import type { CurveOptions } from './curve-plots.ts'
import { frame } from './frame.ts'
import { THEMES } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

/** Labels by day: given for the first time, and on top of them those that a person changed later. */
export function labelChangesPlot(
  days: readonly { day: string; first: number; changed: number }[],
  options: CurveOptions = {},
): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const kinds = [
    { kind: 'first', colour: theme.heads.GGO },
    { kind: 'changed', colour: theme.heads.Csld },
  ] as const
  const rows = days.flatMap(each => kinds.map(({ kind }) => ({ day: each.day, kind, count: each[kind] })))
  const most = Math.max(1, ...days.map(each => each.first + each.changed))
  const spread = Math.max(1, Math.ceil(days.length / 8))
  return {
    ...frame(theme, { title: 'labels by day', width: 640, height: 240, ...options }),
    x: {
      label: 'day (UTC)',
      labelAnchor: 'center',
      labelArrow: 'none',
      type: 'band',
      padding: 0.2,
      ticks: days.filter((_, at) => at % spread === 0).map(each => each.day),
    },
    y: {
      label: 'labels',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.min(5, most),
      tickFormat: 'd',
      nice: true,
    },
    color: { domain: kinds.map(each => each.kind), range: kinds.map(each => each.colour) },
    marks: [barY(rows, { x: 'day', y: 'count', fill: 'kind' }), ruleY([0], { stroke: theme.quiet })],
  }
}
