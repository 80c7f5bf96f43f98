import type { CaseList, CaseRow } from '../../server/replies.ts'

export const PAGE_ROWS = 100

/**
 * The list by pages, fetched when they come into sight. What a person decides changes rows in place: the order
 * stays as it was when the list was opened, since nothing may move unless the person moved it.
 */
export class ListPages {
  readonly #fetch: (offset: number, limit: number) => Promise<CaseList>
  readonly #changed: () => void
  #rows: (CaseRow | undefined)[] = []
  #places = new Map<string, number>()
  #asked = new Set<number>()
  total = 0
  cycle: string | null = null

  constructor(fetch: (offset: number, limit: number) => Promise<CaseList>, changed: () => void) {
    this.#fetch = fetch
    this.#changed = changed
  }

  row(index: number): CaseRow | undefined {
    return this.#rows[index]
  }

  indexOf(id: string): number {
    return this.#places.get(id) ?? -1
  }

  /** Fetches the page that holds a row, where it is not here yet. */
  async need(index: number): Promise<void> {
    const page = Math.floor(Math.max(0, index) / PAGE_ROWS)
    if (this.#asked.has(page)) return
    this.#asked.add(page)
    try {
      const list = await this.#fetch(page * PAGE_ROWS, PAGE_ROWS)
      this.total = list.total
      this.cycle = list.cycle
      list.rows.forEach((row, i) => {
        this.#rows[list.offset + i] = row
        // A case that moved meanwhile may come twice: its first place is the one it is known by.
        if (!this.#places.has(row.id)) this.#places.set(row.id, list.offset + i)
      })
      this.#changed()
    } catch (error) {
      this.#asked.delete(page)
      throw error
    }
  }

  change(id: string, change: (row: CaseRow) => CaseRow): void {
    const index = this.indexOf(id)
    const row = this.#rows[index]
    if (!row) return
    this.#rows[index] = change(row)
    this.#changed()
  }

  /** The nearest row from an index on (or back) that the person has not decided; -1 where there is none in reach. */
  async undecided(from: number, step: 1 | -1 = 1): Promise<number> {
    for (let index = from; index >= 0 && index < this.total; index += step) {
      if (!this.#rows[index]) await this.need(index)
      const row = this.#rows[index]
      if (row && !row.mine) return index
    }
    return -1
  }
}
