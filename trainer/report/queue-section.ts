import type { QueueEntry } from '../../data/records/cycle.ts'
import { escaped, paragraph, section, table } from './html.ts'
import type { ReportView } from './view.ts'

const FIRST = 15

/** What to read next and why, then the second looks: where text and picture disagree, and labels that are doubtful. */
export function queueSection({ queue }: Pick<ReportView, 'queue'>): string {
  const toRead = queue.filter(one => (one.queue ?? 'review') === 'review' || one.queue === 'audit')
  const disagreement = queue.filter(one => one.queue === 'disagreement')
  const labels = queue.filter(one => one.queue === 'labels')
  return section(
    'What to review next',
    toRead.length === 0 ? paragraph('The pool is empty: every case has been read.') : rows(toRead),
    disagreement.length === 0
      ? ''
      : `<h3>Text against picture: ${disagreement.length}</h3>${rows(disagreement)}`,
    labels.length === 0 ? '' : `<h3>Labels that are likely wrong: ${labels.length}</h3>${rows(labels)}`,
  )
}

const rows = (entries: readonly QueueEntry[]) =>
  table(
    ['rank', 'case', 'why', 'score'],
    entries
      .slice(0, FIRST)
      .map((entry, at) => [String(at + 1), entry.case, entry.why, Number(entry.score.toFixed(3))]),
  ) + (entries.length > FIRST ? paragraph(`and ${entries.length - FIRST} more, in queue.jsonl.`) : '')

/** Whether reading may stop, head by head, as the audits of the cycles before this one say. */
export const stopSection = ({ stopSignals }: Pick<ReportView, 'stopSignals'>): string =>
  stopSignals === undefined || stopSignals.length === 0
    ? ''
    : section(
        'May reading stop?',
        paragraph(
          'From cases drawn by chance in the cycles before this one and read blind; bounds are one-sided (Clopper and Pearson).',
        ),
        `<ul>${stopSignals.map(({ sentence }) => `<li>${escaped(sentence)}</li>`).join('')}</ul>`,
      )
