import type { CaseReply } from '../../server/replies.ts'
import type { CaseCache } from './case-cache.ts'
import { picture } from './images.ts'
import type { ListPages } from './list-pages.ts'
import { hounsfieldSlice } from './window-slice.ts'

const AHEAD = 4

/** Gets the pictures of a case ready that is looked at next. */
export async function preloadCase(next: CaseReply): Promise<void> {
  picture(next.case.imageFile)
  if (next.case.hounsfield) await hounsfieldSlice(next.case.hounsfield)
}

/** Fetches what is likely to be looked at next: cases further on, the one before, and their pictures. */
export function preloadAround(at: number, pages: ListPages, cache: CaseCache): void {
  for (const near of [...Array.from({ length: AHEAD }, (_, i) => at + 1 + i), at - 1]) {
    const row = near >= 0 ? pages.row(near) : undefined
    if (!row) continue
    picture(row.imageFile)
    cache
      .get(row.id)
      .then(found => {
        // Of the next one alone: decoding takes a moment of the frame.
        if (near === at + 1 && found.case.hounsfield) return hounsfieldSlice(found.case.hounsfield)
        return undefined
      })
      .catch(() => {
        // Asked for again, and told, when it is looked at.
      })
  }
  if (at + AHEAD < pages.total) void pages.need(at + AHEAD).catch(() => {})
}
