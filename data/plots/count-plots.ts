import { barX, rectY, ruleX, ruleY, text } from '@observablehq/plot'
import { HEADS } from '../records/vocabulary.ts'
import type { CurveOptions } from './curve-plots.ts'
import { frame } from './frame.ts'
import { seriesColours, THEMES } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

/** Counts as lying bars, named at the left, the number at the end of each. */
export function countsPlot(
  counts: readonly { name: string; count: number }[],
  options: CurveOptions & { unit?: string } = {},
): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const isHead = (name: string) => HEADS.some(head => head === name)
  const colours = seriesColours(
    counts.map(({ name }) => name),
    theme,
  )
  const rows = counts.map((row, at) => ({
    ...row,
    colour: isHead(row.name) ? colours[at]! : theme.heads.GGO,
  }))
  const most = Math.max(1, ...rows.map(row => row.count))
  const longest = Math.max(0, ...rows.map(row => row.name.length))
  return {
    ...frame(theme, {
      title: `counts of ${options.unit ?? 'cases'}`,
      height: 64 + 26 * rows.length,
      ...options,
    }),
    marginLeft: Math.min(200, 24 + 7 * longest),
    x: {
      label: options.unit ?? 'cases',
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [0, most * 1.12],
      ticks: 5,
    },
    y: { label: null, domain: rows.map(row => row.name), padding: 0.3 },
    marks: [
      barX(rows, { x: 'count', y: 'name', fill: 'colour', sort: null }),
      text(rows, {
        x: 'count',
        y: 'name',
        text: row => String(row.count),
        dx: 6,
        textAnchor: 'start',
        fill: theme.text,
      }),
      ruleX([0], { stroke: theme.quiet }),
    ],
  }
}

export interface HistogramSeries {
  name: string
  values: readonly number[]
}

/** Numbers of values in bins of equal width over 0…1 (or `domain`), a series over the other; `mark` draws a threshold. */
export function histogramPlot(
  series: readonly HistogramSeries[],
  options: CurveOptions & {
    label?: string
    unit?: string
    domain?: [number, number]
    bins?: number
    mark?: number
  } = {},
): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const { domain = [0, 1], bins = 20, mark } = options
  const colours = seriesColours(
    series.map(({ name }) => name),
    theme,
  )
  const binned = series.map(({ values }) => inBins(values, domain, bins))
  const most = Math.max(1, ...binned.flat().map(bin => bin.count))
  return {
    ...frame(theme, { title: options.label ?? 'histogram', ...options }),
    x: {
      label: options.label ?? 'probability',
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [...domain],
      ticks: 5,
    },
    y: {
      label: options.unit ?? 'cases',
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [0, most * 1.2],
      ticks: 5,
    },
    marks: [
      ...binned.map((rows, at) =>
        rectY(rows, { x1: 'from', x2: 'to', y: 'count', fill: colours[at]!, fillOpacity: 0.45, inset: 0.5 }),
      ),
      ruleY([0], { stroke: theme.quiet }),
      ...(mark === undefined ? [] : [ruleX([mark], { stroke: theme.text, strokeDasharray: '3,3' })]),
      ...series.map(({ name, values }, at) =>
        text([name], {
          frameAnchor: 'top-right',
          dy: 16 * at,
          dx: -6,
          text: () => `${name} (${values.length})`,
          fill: colours[at]!,
          fontWeight: 600,
        }),
      ),
    ],
  }
}

/** Counts of values in bins of equal width; the last bin holds the end of the domain too, values outside go to the ends. */
export function inBins(values: readonly number[], domain: readonly [number, number], bins: number) {
  const [from, to] = domain
  const width = (to - from) / bins
  const rows = Array.from({ length: bins }, (_, at) => ({
    from: from + at * width,
    to: from + (at + 1) * width,
    count: 0,
  }))
  for (const value of values)
    rows[Math.min(bins - 1, Math.max(0, Math.floor((value - from) / width)))]!.count++
  return rows
}
