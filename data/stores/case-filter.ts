import { LESIONS } from '../records/vocabulary.ts'
import { type CaseEntry, type FigureEntry, findingReader } from './case-entry.ts'
import { SearchTexts } from './search-texts.ts'
import type { CaseFilter } from './store.ts'

/**
 * A test of entries for a filter.
 * @param texts holds captions and names of all entries; needed where the filter searches.
 */
export function matcher(filter: CaseFilter, texts = new SearchTexts()): (entry: CaseEntry) => boolean {
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
  const { reader } = filter
  const isOpenTo = (entry: CaseEntry) =>
    reader === undefined || entry.labelledBy.length === 0 || entry.labelledBy.includes(reader)
  if (filter.disagreement !== undefined)
    tests.push(entry => (entry.disagreement && isOpenTo(entry)) === filter.disagreement)
  if (filter.discuss !== undefined) tests.push(entry => entry.discuss === filter.discuss)
  if (filter.uncertain !== undefined)
    tests.push(entry => (entry.uncertain && isOpenTo(entry)) === filter.uncertain)
  if (assignedTo !== undefined) tests.push(entry => entry.assigned.includes(assignedTo))
  const words = (search ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length > 0) tests.push(searcher(words, texts))
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
function searcher(words: readonly string[], texts: SearchTexts): (entry: CaseEntry) => boolean {
  const inCaption = words.map(word => texts.captions.find(word))
  const inNames = words.map(word => texts.names.find(word))
  let figure: FigureEntry | undefined
  let edited: string | undefined
  let missing: number[] = []
  return entry => {
    const here = entry.figure
    // Siblings share a caption, looked at once.
    if (here !== figure || here.edited !== edited) {
      figure = here
      edited = here.edited
      missing = []
      const now = edited?.toLowerCase()
      for (let i = 0; i < words.length; i++)
        if (!(now === undefined ? inCaption[i]![here.text!] === 1 : now.includes(words[i]!))) missing.push(i)
    }
    for (const i of missing) if (inNames[i]![entry.text!] !== 1) return false
    return true
  }
}
