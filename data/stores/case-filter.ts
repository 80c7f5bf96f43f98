import { LESIONS } from '../records/vocabulary.ts'
import { type CaseEntry, type FigureEntry, findingReader } from './case-entry.ts'
import type { CaseFilter } from './store.ts'

/** A test of entries for a filter. */
export function matcher(filter: CaseFilter): (entry: CaseEntry) => boolean {
  const tests: ((entry: CaseEntry) => boolean)[] = []
  const { lesion, finding, document, state, by, assignedTo, search } = filter
  if (filter.kind !== 'all') tests.push(entry => entry.isCt)
  if (lesion !== undefined) {
    const read = findingReader(lesion)
    tests.push(
      finding === undefined
        ? entry => read(entry.findings) !== 'none'
        : entry => read(entry.findings) === finding,
    )
  } else if (finding !== undefined) {
    const readers = LESIONS.map(findingReader)
    tests.push(entry => readers.some(read => read(entry.findings) === finding))
  }
  if (document !== undefined) tests.push(entry => entry.figure.document === document)
  const isLabelled = (entry: CaseEntry) =>
    by === undefined ? entry.labelledBy.length > 0 : entry.labelledBy.includes(by)
  if (state === 'open') tests.push(entry => !isLabelled(entry))
  else if (state === 'labelled' || by !== undefined) tests.push(isLabelled)
  if (filter.disagreement !== undefined) tests.push(entry => entry.disagreement === filter.disagreement)
  if (filter.discuss !== undefined) tests.push(entry => entry.discuss === filter.discuss)
  if (filter.uncertain !== undefined) tests.push(entry => entry.uncertain === filter.uncertain)
  if (assignedTo !== undefined) tests.push(entry => entry.assigned.includes(assignedTo))
  const words = (search ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length > 0) tests.push(searcher(words))
  const [first, second, third] = tests
  if (!first) return () => true
  if (!second) return first
  if (!third) return entry => first(entry) && second(entry)
  return entry => {
    for (const test of tests) if (!test(entry)) return false
    return true
  }
}

/** Every word must stand in the caption, the case's id or its file's name. Siblings share a caption, searched once. */
function searcher(words: readonly string[]): (entry: CaseEntry) => boolean {
  let last: FigureEntry | undefined
  let missing: readonly string[] = []
  return entry => {
    if (entry.figure !== last) {
      last = entry.figure
      const text = searchText(last)
      missing = words.filter(word => !text.includes(word))
    }
    if (missing.length === 0) return true
    const own = `${entry.id} ${entry.file}`.toLowerCase()
    return missing.every(word => own.includes(word))
  }
}

function searchText(figure: FigureEntry): string {
  figure.search ??= figure.caption.toLowerCase()
  return figure.search
}
