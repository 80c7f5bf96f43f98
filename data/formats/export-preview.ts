import type { CaseState } from '../records/case.ts'
import { type ExportChoice, type LeftReason, leftOutBecause } from './export-choice.ts'
import { type ExportContext, type ExportRow, exportRow } from './export-row.ts'
import { exportFormat } from './registry.ts'

export interface ExportPreview {
  goesOut: number
  leftOut: Partial<Record<LeftReason, number>>
  /** The first rows that go out. */
  rows: ExportRow[]
  /** Recorded licences of all cases, chosen or not. */
  licences: Record<string, number>
}

/** What an export would hold, without writing it: counts, reasons, first rows. Pictures are not looked for. */
export async function previewExport(
  format: string,
  cases: AsyncIterable<CaseState>,
  context: ExportContext,
  choice: ExportChoice,
  first = 5,
): Promise<ExportPreview> {
  const { layout } = exportFormat(format)
  const preview: ExportPreview = { goesOut: 0, leftOut: {}, rows: [], licences: {} }
  for await (const state of cases) {
    const row = exportRow(state, context)
    const licence = row.provenance.licence ?? 'unknown'
    preview.licences[licence] = (preview.licences[licence] ?? 0) + 1
    const placed = layout?.place(row, path => path)
    const reason = leftOutBecause(row, choice) ?? (typeof placed === 'string' ? placed : null)
    if (reason !== null) {
      preview.leftOut[reason] = (preview.leftOut[reason] ?? 0) + 1
      continue
    }
    preview.goesOut++
    if (preview.rows.length < first) preview.rows.push(row)
  }
  return preview
}
