import type { CaseEntry } from './case-entry.ts'
import { matcher } from './case-filter.ts'
import type { CaseIndex } from './case-index.ts'
import type { CaseQuery } from './store.ts'

/** Selections kept: one for each list that some page shows. */
const KEPT = 16

interface Selection {
  index: CaseIndex
  base: readonly CaseEntry[]
  /** Facts seen up to here. */
  mark: number
  matches: (entry: CaseEntry) => boolean
  entries: CaseEntry[]
}

/**
 * Answers lists from what an earlier one found: a page asks for one filter again and again with another offset, while
 * single cases change under it. A case that left the selection is taken out; one that came in makes it anew.
 */
export class Selections {
  private readonly kept = new Map<string, Selection>()

  /** The cases of an order that match a query's filter; a search needs the index's texts to be there. */
  select(index: CaseIndex, base: readonly CaseEntry[], query: CaseQuery): readonly CaseEntry[] {
    const { offset: _offset, limit: _limit, ...filter } = query
    const key = JSON.stringify(Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = this.kept.get(key)
    this.kept.delete(key)
    const selection = known && isStillTrue(known, index, base) ? known : make(index, base, query)
    this.kept.set(key, selection)
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!)
    return selection.entries
  }
}

function make(index: CaseIndex, base: readonly CaseEntry[], query: CaseQuery): Selection {
  const matches = matcher(query, index.texts)
  return { index, base, mark: index.mark(), matches, entries: base.filter(matches) }
}

function isStillTrue(selection: Selection, index: CaseIndex, base: readonly CaseEntry[]): boolean {
  if (selection.index !== index || selection.base !== base) return false
  const changed = index.changedSince(selection.mark)
  if (!changed || changed.length > 500) return false
  for (const entry of new Set(changed)) {
    const at = selection.entries.indexOf(entry)
    const matches = selection.matches(entry)
    if (matches && at < 0) return false
    if (!matches && at >= 0) selection.entries.splice(at, 1)
  }
  selection.mark = index.mark()
  return true
}
