import type { CaseEntry, FigureEntry } from './case-entry.ts'
import type { CaseIndex } from './case-index.ts'

/**
 * The index as columns: short to write and to read, since names of fields stand once and equal strings are counted
 * rather than repeated.
 */
export interface IndexColumns {
  puts: { document: string[]; bytes: number[] }
  /** `document` counts into `documents`; -1: none. */
  figures: { key: string[]; document: number[]; sortKey: string[] }
  documents: string[]
  files: string[]
  /** `figure`, `put` and `file` count into the tables above. */
  entries: {
    id: string[]
    figure: number[]
    put: number[]
    file: number[]
    offset: number[]
    length: number[]
    order: number[]
    version: number[]
    findings: number[]
    flags: number[]
  }
  /** Entries that somebody labelled or is asked to read, and captions that people changed: by their place. */
  people: [entry: number, labelledBy: readonly string[], assigned: readonly string[]][]
  edited: [figure: number, caption: string][]
  /** Cases of earlier versions whose acts count at a figure's. */
  ancestors: [figure: number, ids: readonly string[]][]
}

/** Gives equal strings one number each. */
function numbering(): { list: string[]; of(text: string): number } {
  const list: string[] = []
  const known = new Map<string, number>()
  return {
    list,
    of(text) {
      let number = known.get(text)
      if (number === undefined) {
        number = list.push(text) - 1
        known.set(text, number)
      }
      return number
    },
  }
}

/** Entries read between two turns of the event loop: a millisecond's work or two. */
const SLICE = 2000
const turn = () => new Promise(resolve => setImmediate(resolve))

/**
 * The index as columns, read in slices so that requests are answered in between. Acts that come meanwhile may be in it
 * already: whoever restores it folds all acts after the snapshot's anew, which comes to the same.
 * @param isSame whether the cases are still those it began with.
 * @returns undefined where they were put anew meanwhile.
 */
export async function columnsOf(index: CaseIndex, isSame: () => boolean): Promise<IndexColumns | undefined> {
  let read = 0
  const documents = numbering()
  const files = numbering()
  const figures: IndexColumns['figures'] = { key: [], document: [], sortKey: [] }
  const edited: IndexColumns['edited'] = []
  const ancestors: IndexColumns['ancestors'] = []
  const figureAt = new Map<FigureEntry, number>()
  for (const figure of index.figures.values()) {
    const at = figures.key.push(figure.key) - 1
    figureAt.set(figure, at)
    figures.document.push(figure.document === null ? -1 : documents.of(figure.document))
    figures.sortKey.push(figure.sortKey)
    if (figure.edited !== undefined) edited.push([at, figure.edited])
    if (figure.ancestors) ancestors.push([at, figure.ancestors])
    if (++read % SLICE === 0) {
      await turn()
      if (!isSame()) return undefined
    }
  }
  const puts: IndexColumns['puts'] = { document: [], bytes: [] }
  const people: IndexColumns['people'] = []
  const entries: IndexColumns['entries'] = {
    id: [],
    figure: [],
    put: [],
    file: [],
    offset: [],
    length: [],
    order: [],
    version: [],
    findings: [],
    flags: [],
  }
  for (const [document, { cases, bytes }] of index.puts) {
    const put = puts.document.push(document) - 1
    puts.bytes.push(bytes)
    for (const entry of cases) {
      const at = entries.id.push(entry.id) - 1
      entries.figure.push(figureAt.get(entry.figure)!)
      entries.put.push(put)
      entries.file.push(files.of(entry.file))
      for (const name of ['offset', 'length', 'order', 'version', 'findings'] as const)
        entries[name].push(entry[name])
      entries.flags.push(
        Number(entry.isCt) |
          (Number(entry.disagreement) << 1) |
          (Number(entry.discuss) << 2) |
          (Number(entry.uncertain) << 3),
      )
      if (entry.labelledBy.length + entry.assigned.length > 0)
        people.push([at, entry.labelledBy, entry.assigned])
      if (++read % SLICE === 0) {
        await turn()
        if (!isSame()) return undefined
      }
    }
  }
  return { puts, figures, documents: documents.list, files: files.list, entries, people, edited, ancestors }
}

/**
 * Fills an empty index from columns.
 * @throws Error where they don't fit each other.
 */
export function fillIndex(index: CaseIndex, columns: IndexColumns): void {
  const { documents, files, entries, people, edited } = columns
  const figures = columns.figures.key.map((key, at): FigureEntry => {
    const number = columns.figures.document[at]!
    const document = number < 0 ? null : documents[number]!
    const figure = { key, document, sortKey: columns.figures.sortKey[at]!, cases: [] }
    index.figures.set(key, figure)
    return figure
  })
  for (const [at, caption] of edited) figures[at]!.edited = caption
  for (const [at, ids] of columns.ancestors) index.inherit(figures[at]!, ids)
  const puts = columns.puts.document.map((document, at) => {
    const cases: CaseEntry[] = []
    index.puts.set(document, { cases, bytes: columns.puts.bytes[at]! })
    return { document, cases }
  })
  const nobody: readonly string[] = []
  const all = entries.id.map((id, at): CaseEntry => {
    const figure = figures[entries.figure[at]!]!
    const put = puts[entries.put[at]!]!
    const flags = entries.flags[at]!
    const entry: CaseEntry = {
      id,
      figure,
      put: put.document,
      offset: entries.offset[at]!,
      length: entries.length[at]!,
      order: entries.order[at]!,
      file: files[entries.file[at]!]!,
      version: entries.version[at]!,
      findings: entries.findings[at]!,
      isCt: (flags & 1) !== 0,
      disagreement: (flags & 2) !== 0,
      discuss: (flags & 4) !== 0,
      uncertain: (flags & 8) !== 0,
      labelledBy: nobody,
      assigned: nobody,
      // Room for its number in what is searched, so that entries keep one shape.
      text: undefined,
    }
    index.cases.set(id, entry)
    figure.cases.push(entry)
    put.cases.push(entry)
    return entry
  })
  for (const [at, labelledBy, assigned] of people) Object.assign(all[at]!, { labelledBy, assigned })
  for (const figure of figures) if (figure.cases.length > 1) figure.cases.sort((a, b) => a.order - b.order)
}
