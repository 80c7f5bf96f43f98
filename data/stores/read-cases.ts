import { foldCase } from '../journal/fold.ts'
import type { CaseState, MinedCase } from '../records/case.ts'
import type { ActLog } from './act-log.ts'
import type { CaseEntry, FigureEntry } from './case-entry.ts'
import type { CaseIndex } from './case-index.ts'
import { readCase, scanCases } from './cases-file.ts'
import { LineFile } from './line-file.ts'

/** States kept in memory: some pages of a list, and what the readers look at now; more would be found on the disk. */
const KEPT = 512

/** The cases file, the journal and the index over both: gives each case as it stands, and keeps up with other writers. */
export class CaseTable {
  index: CaseIndex
  readonly acts: ActLog
  private readonly path: string
  private readonly makeIndex: () => CaseIndex
  private reader: LineFile
  private readonly kept = new Map<string, CaseState>()

  constructor(path: string, acts: ActLog, makeIndex: () => CaseIndex) {
    this.path = path
    this.acts = acts
    this.makeIndex = makeIndex
    this.index = makeIndex()
    this.reader = new LineFile(path)
  }

  /** Opens the cases file for reading; none yet is no error. */
  open(): void {
    this.reader.open()
  }

  /** Empties the index, to fill it afresh. */
  forget(): void {
    this.index = this.makeIndex()
    this.kept.clear()
  }

  /** Sequence numbers of all acts made at a figure's cases, also at those that are gone or of earlier versions. */
  seqsOf(figure: FigureEntry): number[] {
    const ids = [
      ...figure.cases.map(entry => entry.id),
      ...(figure.orphans ?? []),
      ...(figure.ancestors ?? []),
    ]
    return ids.flatMap(id => this.acts.seqsOf(id))
  }

  mined(entry: CaseEntry): MinedCase {
    const mined = readCase(this.reader, entry, this.index.end)
    // Whoever keeps the id keeps the index's own, not a second one.
    if (mined.id === entry.id) mined.id = entry.id
    return mined
  }

  /** The case as it stands; `keep` false for walks over all cases, which would push out what is in use. */
  state(entry: CaseEntry, keep = true): CaseState {
    const known = this.kept.get(entry.id)
    if (known) {
      if (keep) {
        this.kept.delete(entry.id)
        this.kept.set(entry.id, known)
      }
      return known
    }
    const state = this.fold(entry, this.mined(entry))
    if (keep) this.keep(entry.id, state)
    return state
  }

  private keep(id: string, state: CaseState): void {
    this.kept.delete(id)
    this.kept.set(id, state)
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!)
  }

  private fold(entry: CaseEntry, mined: MinedCase): CaseState {
    return foldCase(mined, this.acts.all(this.seqsOf(entry.figure)))
  }

  /** Folds a figure's cases anew after acts on it, and those of newer versions that these acts reach too. */
  renew(figure: FigureEntry): void {
    const heirs = new Set(figure.cases.flatMap(entry => this.index.heirs.get(entry.id) ?? []))
    heirs.delete(figure)
    for (const each of [figure, ...heirs]) this.renewOne(each)
  }

  private renewOne(figure: FigureEntry): void {
    for (const entry of figure.cases) {
      const mined = this.mined(entry)
      const state = this.fold(entry, mined)
      this.keep(entry.id, state)
      this.index.update(entry, state, mined)
    }
  }

  /** Makes ready what searches look through; again where the cases became others meanwhile. */
  async searchable(): Promise<void> {
    let index: CaseIndex
    do {
      index = this.index
      await index.searchTexts(
        figure => this.captionOf(figure),
        () => this.index !== index,
      )
    } while (this.index !== index)
  }

  /** A caption that can't be read is found by nothing, and spoils no search. */
  private captionOf(figure: FigureEntry): string {
    try {
      return this.mined(figure.cases[0]!).caption
    } catch {
      return ''
    }
  }

  /** Takes in puts from an offset of the file on. */
  async scan(from: number): Promise<string[]> {
    const problems = await this.read(from, this.reader, this.index)
    this.adopt()
    return problems
  }

  private async read(from: number, reader: LineFile, index: CaseIndex): Promise<string[]> {
    if (!reader.open()) return []
    const { end, problems } = await scanCases(reader, from, put => {
      for (const entry of index.puts.get(put.document)?.cases ?? []) this.kept.delete(entry.id)
      index.take(
        put,
        id => this.acts.hasActs(id),
        (entry, mined) => this.fold(entry, mined),
      )
      for (const { mined } of put.cases) this.kept.delete(mined.id)
    })
    index.end = end
    return problems
  }

  /** Gives figures the acts of their vanished cases. */
  adopt(): void {
    for (const figure of this.index.adopt(this.acts.touched())) this.renew(figure)
  }

  /** Reads the whole file again, aside, and takes it over when it is whole. */
  async reload(): Promise<string[]> {
    const index = this.makeIndex()
    const reader = new LineFile(this.path)
    const before = this.acts.lastSeq
    const problems = await this.read(0, reader, index)
    this.reader.close()
    this.reader = reader
    this.index = index
    this.kept.clear()
    this.adopt()
    // Acts that were written meanwhile went to the old index.
    for (let seq = before + 1; seq <= this.acts.lastSeq; seq++) {
      const figure = index.cases.get(this.acts.get(seq)?.case ?? '')?.figure
      if (figure) this.renew(figure)
    }
    return problems
  }

  /** Whether the file was put in another's place (compacted) since it was read. */
  isReplaced(): boolean {
    return !this.reader.isCurrent()
  }

  close(): void {
    this.reader.close()
  }
}
