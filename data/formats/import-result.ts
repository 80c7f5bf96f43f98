import type { RunOptions } from '../records/job.ts'
import type { TextFindings } from '../records/mining.ts'
import type { Lesion } from '../records/vocabulary.ts'
import type { CaseStore } from '../stores/store.ts'

/** Something the curator should know of a dataset that was taken in; nothing was left out because of it. */
export interface ImportWarning {
  code: string
  message: string
  /** The documents, patients, files or heads it is about. */
  items: string[]
}

/** A row or picture that could not be used; it stands in rejected/ too. */
export interface RejectedItem {
  /** File, and line or row where there is one. */
  item: string
  code: string
  message: string
}

export interface ImportResult {
  format: string
  /** Cases taken in, and the documents they came in. */
  imported: number
  documents: number
  rejected: RejectedItem[]
  warnings: ImportWarning[]
}

/** The labels that a folder of pictures stands for. */
export interface ClassLabel {
  flag: 'positive' | 'negative'
  lesions: Lesion[]
}

export interface ImportOptions extends RunOptions {
  /** Where the cases go. Needs the `cases` lock. */
  cases: Pick<CaseStore, 'put'>
  /** The text miner; without it captions are kept and nothing is mined from them. */
  mineText?: (texts: string[]) => TextFindings[] | Promise<TextFindings[]>
  /** `folder` alone: what a class folder's name stands for, lower case ("ct_covid" → positive, "ggo" → positive with GGO). */
  classes?: Readonly<Record<string, ClassLabel>>
  /** Name and version of the miner, for `minedBy`. */
  miner?: string
}
