import { LESIONS } from '../records/vocabulary.ts'
import { type CaseEntry, type FigureEntry, findingReader } from './case-entry.ts'
import type { CaseFilter } from './store.ts'
import { searchedOfCase, searchedOfFigure, type WordIndex } from './word-index.ts'

/**
 * A test of entries for a filter.
 * @param index of the words of all texts, where there is one: it only makes searching quicker.
 */
export function matcher(filter: CaseFilter, index?: WordIndex): (entry: CaseEntry) => boolean {
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
  if (words.length > 0) tests.push(searcher(words, index))
  const [first, second, third] = tests
  if (!first) return () => true
  if (!second) return first
  if (!third) return entry => first(entry) && second(entry)
  return entry => {
    for (const test of tests) if (!test(entry)) return false
    return true
  }
}

/** Every word must stand in the caption, the case's id or its file's name. */
function searcher(words: readonly string[], index: WordIndex | undefined): (entry: CaseEntry) => boolean {
  const marked = index && words.map(word => index.find(word))
  let figure: FigureEntry | undefined
  let caption: string | undefined
  let missing: number[] = []
  return entry => {
    const here = entry.figure
    // Siblings share a caption, searched once.
    if (here !== figure || here.caption !== caption) {
      figure = here
      caption = here.caption
      missing = []
      for (let i = 0; i < words.length; i++) {
        const isThere =
          marked && here.words !== undefined
            ? marked[i]![here.words] === 1
            : searchedOfFigure(here).includes(words[i]!)
        if (!isThere) missing.push(i)
      }
    }
    if (missing.length === 0) return true
    if (marked && entry.words !== undefined) {
      for (const i of missing) if (marked[i]![entry.words] !== 1) return false
      return true
    }
    const names = searchedOfCase(entry)
    return missing.every(i => names.includes(words[i]!))
  }
}
