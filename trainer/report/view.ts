import type { CycleMetrics, CycleRecord, QueueEntry } from '../../data/records/cycle.ts'
import type { StopSignal } from '../../data/records/stop-signal.ts'
import { figures } from './html.ts'
import type { PlotName } from './plots.ts'
import type { ReportData } from './report-data.ts'

/** All that a report is drawn from: what lies in a sealed cycle. */
export interface ReportView {
  record: CycleRecord
  metrics: CycleMetrics
  queue: readonly QueueEntry[]
  /** Absent in cycles made before there were any. */
  stopSignals?: readonly StopSignal[]
  data: ReportData
}

/** A view with its plots drawn, as SVG. */
export interface DrawnReport extends ReportView {
  plots: ReadonlyMap<PlotName, string>
}

/** The plots of these names that there are, beside each other. */
export function plotFigures(
  plots: DrawnReport['plots'],
  wanted: readonly { plot: PlotName; caption: string }[],
  wide = false,
): string {
  const drawn = wanted.flatMap(({ plot, caption }) => {
    const svg = plots.get(plot)
    return svg === undefined ? [] : [{ svg, caption }]
  })
  return drawn.length === 0 ? '' : figures(drawn, wide)
}
