import { LESIONS } from '../records/vocabulary.ts'
import type { ExportRow } from './export-row.ts'

/** Columns in their order: what import takes first, then evidence and provenance. */
export const EXPORT_COLUMNS = [
  'id',
  'image',
  'flag',
  ...LESIONS,
  'flag_source',
  ...LESIONS.map(lesion => `${lesion}_source` as const),
  'caption',
  'mentions',
  'flag_evidence',
  'document',
  'doi',
  'version',
  'page',
  'figure',
  'panel',
  'caption_spans',
  'rules',
  'annotators',
  'cycle',
  'source',
  'source_file',
  'mined_by',
  'licence',
  'version_date',
  'withdrawn',
  'labelled',
  'readers',
  'agreement',
  'boxes',
  'patient',
  'side',
  'group',
  'flag_score',
  ...LESIONS.map(lesion => `${lesion}_score` as const),
] as const
export type ExportColumn = (typeof EXPORT_COLUMNS)[number]

/** RFC 4180 with a header row and line feeds; lists in a cell are joined by "; ". */
export async function* csvExport(rows: AsyncIterable<ExportRow>): AsyncGenerator<string> {
  yield csvHeader()
  for await (const row of rows) yield csvLine(cellsOf(row))
}

export const csvHeader = () => `${EXPORT_COLUMNS.join(',')}\n`

/** An empty cell of a lesion would read as absent (labelled-row.ts): what nobody knows is said. */
export const csvLine = (cells: Record<string, string | number | null>) =>
  `${EXPORT_COLUMNS.map(column =>
    csvCell(cells[column] ?? (LESIONS.some(lesion => lesion === column) ? 'masked' : null)),
  ).join(',')}\n`

/** A row as flat cells, by column; lists in one text. */
export function cellsOf(row: ExportRow): Record<string, string | number | null> {
  const { provenance, evidence, prediction } = row
  const cells: Partial<Record<ExportColumn, string | number | null>> = {
    id: row.id,
    image: row.image.file,
    flag: row.flag.value,
    flag_source: row.flag.source,
    caption: row.caption,
    mentions: evidence.mentions
      .map(({ lesion, assertion, start, end, text, panels }) => {
        return `${lesion} ${assertion} ${start}-${end}${panels.length ? ` [${panels.join(' ')}]` : ''} "${text}"`
      })
      .join('; '),
    flag_evidence: evidence.flag
      .map(({ start, end, text, source }) => `${source} ${start}-${end} "${text}"`)
      .join('; '),
    document: provenance.document,
    doi: provenance.doi,
    version: provenance.version,
    page: provenance.page,
    figure: provenance.figure,
    panel: provenance.panel,
    caption_spans: provenance.captionSpans.map(([start, end]) => `${start}-${end}`).join('; '),
    rules: provenance.rules.join('; '),
    annotators: provenance.annotators.join('; '),
    cycle: provenance.cycle,
    source: provenance.source,
    source_file: provenance.sourceFile,
    mined_by: provenance.minedBy,
    licence: provenance.licence,
    version_date: provenance.versionDate,
    withdrawn: provenance.withdrawn,
    labelled: provenance.labelled,
    readers: row.agreement.readers,
    agreement: row.agreement.share,
    boxes: row.boxes
      .map(({ lesion, x, y, width, height, who }) => `${lesion} ${x},${y},${width},${height} by ${who}`)
      .join('; '),
    patient: row.patient,
    side: row.side,
    group: row.group,
    flag_score: prediction?.flag ?? null,
  }
  for (const lesion of LESIONS) {
    cells[lesion] = row.lesions[lesion].value
    cells[`${lesion}_source`] = row.lesions[lesion].source
    cells[`${lesion}_score`] = prediction?.lesions[lesion] ?? null
  }
  return cells as Record<string, string | number | null>
}

/**
 * One cell. Text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return) gets an
 * apostrophe before it (OWASP, "CSV injection"); numbers stay numbers.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  // A text that already begins so gets one more, so that reading takes off exactly what writing put on.
  const safe = /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
