import { link } from '@observablehq/plot'
import type { Theme } from './palette.ts'
import type { PlotSpec } from './render-svg.ts'

export const FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif'

/** What all plots share: size, type, colours. */
export function frame(theme: Theme, of: { title: string; width?: number; height?: number }): PlotSpec {
  return {
    ariaLabel: of.title,
    width: of.width ?? 420,
    height: of.height ?? 380,
    marginLeft: 52,
    marginBottom: 44,
    marginTop: 20,
    marginRight: 20,
    style: {
      background: theme.surface,
      color: theme.quiet,
      fontFamily: FONT,
      fontSize: '12px',
      fontVariantNumeric: 'tabular-nums',
    },
  }
}

/** An axis of a share, 0…1, in steps of 0.2. */
export const share = (label: string) => ({
  domain: [0, 1],
  label,
  labelAnchor: 'center' as const,
  labelArrow: 'none' as const,
  ticks: 5,
  tickFormat: '.1f',
  nice: false,
})

/** How a line of reference is drawn: what chance, or calling everything positive, would give. */
export const dotted = (theme: Theme) => ({
  stroke: theme.quiet,
  strokeDasharray: '2,4',
  strokeOpacity: 0.7,
})

/** The diagonal of a unit square: chance in a ROC plot, a perfect fit in a reliability diagram. */
export const diagonal = (theme: Theme) => link([0], { x1: 0, y1: 0, x2: 1, y2: 1, ...dotted(theme) })
