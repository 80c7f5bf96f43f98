import type { DocumentFormat, DocumentRecord } from '../../../data/records/document.ts'
import type { ImageKind } from '../../../data/records/vocabulary.ts'
import type { CaseRow } from './cases.ts'

/** Documents, their figures, and what was given or refused. */

export interface DocumentRow {
  id: string
  title: string | null
  doi: string | null
  date: string | null
  licence: string | null
  format: DocumentFormat
  file: string
  pages: number
  figures: number
  /** Cases mined from it, and how many of them an expert has labelled. */
  cases: number
  labelled: number
  skippedPages: number
  minedAt: string
}

/** A table or dataset whose rows became cases without a document of their own in the workspace. */
export interface TableRow {
  name: string
  cases: number
  labelled: number
  /** Where reviewing it begins. */
  firstCase: string
}

/** Something that came in and could not be used. */
export interface RejectionRow {
  at: string
  /** The file, and the row, page or picture in it. */
  name: string
  item: string | null
  reason: string
}

export interface DocumentList {
  rows: DocumentRow[]
  total: number
  offset: number
  tables: TableRow[]
  /** The newest of them, and how many there are. */
  rejections: { rows: RejectionRow[]; total: number }
}

/** A figure as it stands: what was mined of it, and what people changed. */
export interface FigureState {
  label: string
  caption: string
  /** The caption as it was mined, where a person changed it. */
  minedCaption: string | null
  /** True while new words wait to be mined, or drawn panels to be cut. */
  amending: boolean
  /** The case at which acts on the figure are made, and the version they are based on; null: it has no case. */
  act: { case: string; version: number } | null
  /** What panels are drawn on; null where its cases are pictures with nothing around them. */
  picture: { id: string; file: string } | null
  /** In reading order; `box` as shares of the picture, null where the panel is no part of it. */
  panels: FigurePanel[]
  /** Panels as the miner found them, the first drawing of the editor's way back. */
  isDrawn: boolean
}

export interface FigurePanel {
  label: string | null
  box: [number, number, number, number] | null
  case: string
  version: number
  imageFile: string
  kind: ImageKind
  labelled: boolean
}

export interface DocumentReply {
  document: DocumentRecord
  /** Every figure with a case, of the record and of tables of captions. */
  figures: FigureState[]
  /** Pages that figures stand on; `address` of the picture, null until it is drawn (POST /api/jobs/pages). */
  pages: { page: number; address: string | null }[]
  cases: CaseRow[]
  /** Address of the source file, where the workspace keeps it. */
  source: string | null
}

/** A file that waits in a batch of uploads. */
export interface UploadedFile {
  name: string
  bytes: number
  format: 'pdf' | 'jsonl' | 'csv' | 'text' | 'jats' | 'image'
}

export interface UploadBatch {
  id: string
  createdAt: string
  files: UploadedFile[]
  limits: { fileBytes: number; files: number; batchBytes: number }
}
