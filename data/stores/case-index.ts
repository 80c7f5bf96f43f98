import { figureOf, figureOfId } from '../journal/reach.ts'
import type { CaseState, MinedCase } from '../records/case.ts'
import { type CaseEntry, type CaseFacts, type FigureEntry, factsOf, factsOfMined } from './case-entry.ts'
import type { Put } from './cases-file.ts'
import { fillSearchTexts, SearchTexts } from './search-texts.ts'

/** The cases in memory: by id, by figure, by the document they were put for. */
export class CaseIndex {
  readonly cases = new Map<string, CaseEntry>()
  readonly figures = new Map<string, FigureEntry>()
  /** Figures of newer versions, by the case of an earlier one whose acts count there. */
  readonly heirs = new Map<string, FigureEntry>()
  readonly puts = new Map<string, { cases: CaseEntry[]; bytes: number }>()
  /** Grows when cases come or go, so that orders can be kept until then. */
  generation = 0
  /** Cases whose facts changed, in order of change; those before `settled` are forgotten. */
  readonly changed: CaseEntry[] = []
  settled = 0
  /** Bytes of cases.jsonl that count, and up to where the file was read. */
  livingBytes = 0
  end = 0
  /** Made when somebody first searches; new cases are taken in at once from then on. */
  texts: SearchTexts | undefined
  private filling: Promise<void> | undefined
  private sorted: FigureEntry[] = []
  private lastFile = ''
  private readonly lists = new Map<string, readonly string[]>()
  private order: { generation: number; entries: CaseEntry[] } | undefined

  /** Takes in a document's cases, in the place of what was put for it before. */
  take(
    put: Put,
    hasActs: (caseId: string) => boolean,
    fold: (entry: CaseEntry, mined: MinedCase) => CaseState,
  ): void {
    this.drop(put.document)
    const cases: CaseEntry[] = []
    for (const { mined, offset, length } of put.cases) {
      this.forget(mined.id)
      const entry: CaseEntry = {
        id: mined.id,
        figure: this.figureFor(mined, put.document),
        put: put.document,
        offset,
        length,
        order: mined.order,
        file: this.sharedFile(mined.source.file),
        ...factsOfMined(mined),
        text: undefined,
      }
      this.cases.set(entry.id, entry)
      entry.figure.cases.push(entry)
      cases.push(entry)
      if (mined.supersedes) this.inherit(entry.figure, mined.supersedes)
      if (!this.texts) continue
      this.texts.takeCase(entry)
      if (entry.figure.text === undefined) this.texts.takeFigure(entry.figure, mined.caption)
    }
    this.puts.set(put.document, { cases, bytes: put.bytes })
    this.livingBytes += put.bytes
    const figures = new Set(cases.map(entry => entry.figure))
    const withActs = new Set<FigureEntry>()
    for (const figure of figures) {
      figure.cases.sort((a, b) => a.order - b.order)
      const ids = [...figure.cases.map(entry => entry.id), ...(figure.ancestors ?? [])]
      if (ids.some(hasActs)) withActs.add(figure)
    }
    if (withActs.size > 0)
      for (const [i, entry] of cases.entries())
        if (withActs.has(entry.figure))
          this.update(entry, fold(entry, put.cases[i]!.mined), put.cases[i]!.mined)
    this.generation++
  }

  /** What was done at cases of earlier versions counts at a figure's. */
  inherit(figure: FigureEntry, ancestors: readonly string[]): void {
    figure.ancestors = [...new Set([...(figure.ancestors ?? []), ...ancestors])]
    for (const id of ancestors) this.heirs.set(id, figure)
  }

  /** Puts what acts changed of a case into its entry. */
  update(entry: CaseEntry, state: CaseState, mined: Pick<MinedCase, 'caption'>): void {
    Object.assign(entry, factsOf(state) satisfies CaseFacts)
    if (entry.labelledBy.length === 1) entry.labelledBy = this.alone(entry.labelledBy[0]!)
    const edited = state.caption === mined.caption ? undefined : state.caption
    if (entry.figure.edited !== edited) {
      if (edited === undefined) delete entry.figure.edited
      else entry.figure.edited = edited
      for (const sibling of entry.figure.cases) this.changed.push(sibling)
    } else this.changed.push(entry)
    // Nobody looks back further than this: who does, begins afresh.
    if (this.changed.length > 10_000) {
      this.settled += this.changed.length
      this.changed.length = 0
    }
  }

  /**
   * What searches look through, filled.
   * @param captionOf reads a figure's caption as it was mined.
   * @param isOver true where this index is no more in use.
   */
  async searchTexts(captionOf: (figure: FigureEntry) => string, isOver = () => false): Promise<SearchTexts> {
    this.texts ??= new SearchTexts()
    this.filling ??= fillSearchTexts(
      this.texts,
      { figures: [...this.figures.values()], cases: [...this.cases.values()] },
      captionOf,
      isOver,
    )
    await this.filling
    return this.texts
  }

  /** Entries whose facts changed since a mark made by `mark`; undefined where that is too long ago. */
  changedSince(mark: number): CaseEntry[] | undefined {
    return mark < this.settled ? undefined : this.changed.slice(mark - this.settled)
  }

  mark(): number {
    return this.settled + this.changed.length
  }

  /** Finds the figures that acts of vanished cases may concern; returns those figures. */
  adopt(touched: Iterable<string>): FigureEntry[] {
    const found = new Set<FigureEntry>()
    for (const id of touched) {
      const figure = this.cases.has(id) ? undefined : this.figures.get(figureOfId(id))
      if (!figure || figure.orphans?.includes(id)) continue
      figure.orphans = [...(figure.orphans ?? []), id]
      found.add(figure)
    }
    return [...found]
  }

  /** All cases by document, figure and place in the figure. */
  inOrder(): readonly CaseEntry[] {
    if (this.order?.generation === this.generation) return this.order.entries
    if (
      this.sorted.some(figure => this.figures.get(figure.key) !== figure) ||
      this.sorted.length !== this.figures.size
    ) {
      // The old order first: a sort of what is nearly sorted costs little.
      const known = new Set(this.sorted)
      const kept = this.sorted.filter(figure => this.figures.get(figure.key) === figure)
      for (const figure of this.figures.values()) if (!known.has(figure)) kept.push(figure)
      this.sorted = kept.sort((a, b) => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0))
    }
    const entries = this.sorted.flatMap(figure => figure.cases)
    this.order = { generation: this.generation, entries }
    return entries
  }

  figureFor(mined: Pick<MinedCase, 'id' | 'document' | 'figure'>, put: string): FigureEntry {
    const key = figureOf(mined)
    let figure = this.figures.get(key)
    if (!figure) {
      const number = (text: string) => text.replace(/\d+/g, digits => digits.padStart(8, '0'))
      const { document } = mined
      const sortKey = `${document ?? put}\u0000${number(mined.figure ?? '')}\u0000${mined.id}`
      figure = { key, document, sortKey, cases: [] }
      this.figures.set(key, figure)
    }
    return figure
  }

  /** Cases that one person labelled, most of those that are, share one list. */
  private alone(who: string): readonly string[] {
    let list = this.lists.get(who)
    if (!list) {
      list = [who]
      this.lists.set(who, list)
    }
    return list
  }

  /** A document's cases come one after the other: they share the name of its file. */
  private sharedFile(file: string): string {
    if (this.lastFile !== file) this.lastFile = file
    return this.lastFile
  }

  private drop(document: string): void {
    const put = this.puts.get(document)
    if (!put) return
    this.puts.delete(document)
    for (const entry of put.cases) if (this.cases.get(entry.id) === entry) this.forget(entry.id)
    this.livingBytes -= put.bytes
  }

  private forget(id: string): void {
    const entry = this.cases.get(id)
    if (!entry) return
    this.cases.delete(id)
    const put = this.puts.get(entry.put)
    if (put) put.cases = put.cases.filter(other => other !== entry)
    entry.figure.cases = entry.figure.cases.filter(other => other !== entry)
    if (entry.figure.cases.length > 0) return
    this.figures.delete(entry.figure.key)
    for (const ancestor of entry.figure.ancestors ?? [])
      if (this.heirs.get(ancestor) === entry.figure) this.heirs.delete(ancestor)
  }
}
