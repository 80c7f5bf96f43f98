import type { QueueEntry } from '../../data/records/cycle.ts'
import type { Account } from '../../data/records/people.ts'
import { withoutReason } from './case-row.ts'
import type { Desk } from './context.ts'
import { ReaderView } from './reader-view.ts'
import { may } from './rules.ts'

/**
 * Gives an entry as a person may see it. The reason of a case read blind would tell what text or model say, and the
 * reason of a doubted label what another reader said: that is for who has read the case, and for who decides between
 * readers.
 */
export async function queueReader(
  desk: Desk,
  who: Pick<Account, 'id' | 'role'>,
): Promise<(entry: QueueEntry) => Promise<QueueEntry>> {
  const view = await ReaderView.of(desk, who.id)
  return async entry => {
    if (entry.queue !== 'labels') return view.mayBeBlind(entry.case) ? withoutReason(entry) : entry
    const state = await desk.store.cases.get(entry.case)
    if (!state || view.isBlind(state)) return withoutReason(entry)
    if (may(who.role, 'adjudicate') || view.hasDecided(state) || state.labels.length === 0) return entry
    return withoutReason(entry)
  }
}
