import { readFile } from 'node:fs/promises'
import type { Workspace } from '../../data/workspace/open.ts'
import { fileStamp } from './file-stamp.ts'
import type { RejectionRow } from './replies.ts'

/** Most of them shown: the newest. */
const SHOWN = 200

interface Rejections {
  rows: RejectionRow[]
  total: number
}

/** What came in and could not be used, the newest first; read again where the list was written to. */
export class RejectionList {
  readonly #workspace: Workspace
  #kept: { stamp: string | null; found: Rejections } | null = null

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  async newest(): Promise<Rejections> {
    const path = this.#workspace.paths.rejectedList
    const stamp = await fileStamp(path)
    if (this.#kept && this.#kept.stamp === stamp) return this.#kept.found
    const text = stamp === null ? '' : await readFile(path, 'utf8')
    const lines = text.split('\n').filter(Boolean)
    const rows = lines.slice(-SHOWN).reverse().flatMap(parsed)
    const found = { rows, total: lines.length }
    this.#kept = { stamp, found }
    return found
  }
}

/** A line that another program damaged is left out; the list is for reading only. */
function parsed(line: string): RejectionRow[] {
  try {
    const { at, name, item, reason } = JSON.parse(line) as Partial<RejectionRow>
    if (typeof at !== 'string' || typeof name !== 'string' || typeof reason !== 'string') return []
    return [{ at, name, item: typeof item === 'string' ? item : null, reason }]
  } catch {
    return []
  }
}
