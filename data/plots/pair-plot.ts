import { areaY, type DotOptions, dot, frame as outline, text } from '@observablehq/plot'
import { LESIONS, type PerLesion } from '../records/vocabulary.ts'
import type { CurveOptions } from './curve-plots.ts'
import { frame } from './frame.ts'
import { THEMES } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

/** Scores of a case's five lesions and its class. */
export interface PairRow {
  positive: boolean
  lesions: PerLesion<number>
}

/**
 * The paper's pair plot: five lesion scores against each other, COVID or not by colour and form, the distribution of
 * each score by class on the diagonal (a Gaussian kernel over 0…1, both classes to the same area).
 */
export function pairPlot(rows: readonly PairRow[], options: CurveOptions = {}): PlotSpec {
  const theme = THEMES[options.theme ?? 'light']
  const colour = (positive: boolean) => (positive ? theme.heads.flag : theme.heads.GGO)
  const size = options.width ?? 720
  const dots = LESIONS.flatMap(across =>
    LESIONS.filter(down => down !== across).flatMap(down =>
      rows.map(row => ({
        across,
        down,
        x: row.lesions[across],
        y: row.lesions[down],
        positive: row.positive,
      })),
    ),
  )
  const curves = LESIONS.flatMap(lesion =>
    [true, false].map(positive => ({
      lesion,
      positive,
      points: density(rows.filter(row => row.positive === positive).map(row => row.lesions[lesion])),
    })),
  )
  const most = Math.max(1e-9, ...curves.flatMap(curve => curve.points.map(point => point.height)))
  return {
    ...frame(theme, { title: 'five lesion scores by class', ...options }),
    width: size,
    height: options.height ?? size,
    marginLeft: 76,
    marginRight: 60,
    marginTop: 56,
    marginBottom: 44,
    facet: { marginRight: 0 },
    fx: { domain: [...LESIONS], label: null, padding: 0.16, axis: 'top', tickSize: 0 },
    fy: { domain: [...LESIONS], label: null, padding: 0.16, axis: 'left', tickSize: 0 },
    x: {
      domain: [0, 1],
      ticks: [0, 0.5, 1],
      tickFormat: '~f',
      label: 'score of the lesion above',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: {
      domain: [0, 1],
      axis: 'right',
      ticks: [0, 0.5, 1],
      tickFormat: '~f',
      label: 'score of the lesion at the left (diagonal: density)',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    marks: [
      outline({ stroke: theme.quiet, strokeOpacity: 0.25 }),
      marked(
        dots.filter(point => !point.positive),
        { stroke: colour(false), strokeOpacity: 0.5, strokeWidth: 2.6, strokeLinecap: 'round' },
        'h0',
      ),
      marked(
        dots.filter(point => point.positive),
        { stroke: colour(true), strokeOpacity: 0.6, strokeWidth: 0.8 },
        'm-1.5,-1.5l3,3m0,-3l-3,3',
      ),
      ...curves.map(({ lesion, positive, points }) =>
        areaY(points, {
          fx: () => lesion,
          fy: () => lesion,
          x: 'at',
          y1: 0,
          y2: point => (0.95 * point.height) / most,
          fill: colour(positive),
          fillOpacity: 0.28,
          stroke: colour(positive),
          strokeWidth: 1.2,
        }),
      ),
      text([`× COVID-19 (${rows.filter(row => row.positive).length})`], {
        frameAnchor: 'top-left',
        facet: 'super',
        dy: -38,
        fill: colour(true),
        fontWeight: 600,
        lineAnchor: 'bottom',
      }),
      text([`○ not (${rows.filter(row => !row.positive).length})`], {
        frameAnchor: 'top-left',
        facet: 'super',
        dx: 130,
        dy: -38,
        fill: colour(false),
        fontWeight: 600,
        lineAnchor: 'bottom',
      }),
    ],
  }
}

interface Place {
  across: string
  down: string
  x: number
  y: number
}

/** Many small signs as one path a cell: an element for each of 4,000 would make a report of a megabyte. */
function marked(places: readonly Place[], style: DotOptions, sign: string) {
  return dot(places as Place[], {
    fx: 'across',
    fy: 'down',
    x: 'x',
    y: 'y',
    ...style,
    fill: 'none',
    render(index, _, { x, y }, __, { document }) {
      const element = document.createElementNS('http://www.w3.org/2000/svg', 'path')
      const tenths = (value: number) => String(Math.round(value * 10) / 10)
      const d = Array.from(index, at => `M${tenths(x![at]!)},${tenths(y![at]!)}${sign}`).join('')
      element.setAttribute('d', d)
      for (const [name, value] of Object.entries(style))
        element.setAttribute(
          name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`),
          String(value),
        )
      element.setAttribute('fill', 'none')
      return element as never
    },
  })
}

/** Density over 0…1 with a Gaussian kernel of Silverman's width; mass beyond the ends is folded back. */
export function density(values: readonly number[], points = 61): { at: number; height: number }[] {
  const n = values.length
  const grid = Array.from({ length: points }, (_, at) => at / (points - 1))
  if (n === 0) return grid.map(at => ({ at, height: 0 }))
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n)
  const width = Math.max(0.02, 1.06 * deviation * n ** -0.2)
  const kernel = (gap: number) =>
    Math.exp((-gap * gap) / (2 * width * width)) / (width * Math.sqrt(2 * Math.PI))
  return grid.map(at => ({
    at,
    height:
      values.reduce(
        (sum, value) => sum + kernel(at - value) + kernel(at + value) + kernel(2 - at - value),
        0,
      ) / n,
  }))
}
