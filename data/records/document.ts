import type { HounsfieldImage } from './case.ts'
import type { TextFindings } from './mining.ts'
import type { ImageKind } from './vocabulary.ts'

/** [x0, y0, x1, y1] in points from the page's top left, page as shown (after /Rotate). */
export type Region = [number, number, number, number]

/** Dots per inch of the pictures of whole pages: 72 points of a region are so many of its pixels. */
export const PAGE_DPI = 100

/** A picture of a figure as it lies in the workspace's images/. */
export interface FigureImage {
  /** Image id: the hash of its decoded pixels and size (data/workspace/images.ts). */
  id: string
  /** File name under images/, or the path written with `figures --out`. */
  file: string
  page: number
  region: Region
  width: number
  height: number
  kind?: { kind: ImageKind; score: number }
  /** The same in Hounsfield units, where it came in as a DICOM file of a CT. */
  hounsfield?: HounsfieldImage
  /** Set where the picture is a rendering of the page (vector or mixed figure), in dots per inch. */
  renderedDpi?: number
}

/** A lettered part of a figure; `label` null where the grid carries no letters. Panels stand in reading order. */
export interface Panel {
  label: string | null
  page: number
  region: Region
  image?: FigureImage
}

export interface Figure {
  /** Page the picture stands on, from 1. */
  page: number
  captionPage: number
  /** Normalised: "Fig. 1." is `Figure 1`. */
  label: string
  /** Without its label; lines joined by blanks, end-of-line hyphens of split words undone. */
  caption: string
  captionRegion: Region
  region: Region
  images: FigureImage[]
  panels: Panel[]
  text?: TextFindings
}

/** A page or part of a document that could not be used, and why. */
export interface SkippedPage {
  page: number
  reason: string
}

/** What pdf.js and the pairing make of one PDF, before anything is written. */
export interface MinedFigures {
  pages: number
  figures: Figure[]
  skipped: SkippedPage[]
}

export type DocumentFormat = 'pdf' | 'jats' | 'jsonl' | 'csv' | 'text' | 'dicom' | 'dataset'

/** That a document was taken back, by whom it says so. */
export interface Withdrawal {
  kind: 'withdrawn' | 'retracted'
  /** Day of the notice, where it is known. */
  date?: string
  /** In the server's words, shortened. */
  reason: string
}

/** documents/<document>/document.json */
export interface DocumentRecord extends MinedFigures {
  /** DOI and version ("10.1101/2020.05.11.20097907v2"), else "sha256-" and the first 32 hex digits of its bytes. */
  id: string
  format: DocumentFormat
  /** Name the file came in with, and its name inside the document's folder (absent: kept in place). */
  file: { name: string; stored?: string; sha256: string; bytes: number }
  /** The article's own mark-up, where it came with one: captions, title and abstract are from it. */
  text?: { name: string; stored?: string; sha256: string; bytes: number }
  doi?: string
  version?: number
  title?: string
  abstract?: string
  date?: string
  /** As an SPDX id where it is one we know ("CC-BY-NC-ND-4.0"), "none" where all rights are kept, else as recorded. */
  licence?: string
  /** Where the licence's own text stands, as the source gives it. */
  licenceUrl?: string
  /** Day on which this version was posted, ISO 8601. */
  versionDate?: string
  /** Server it came from ("medrxiv"). */
  server?: string
  /** Where it was published after review, as the preprint server says. */
  publishedDoi?: string
  /** Set where its server says that it was taken back; its cases bear the same mark. */
  withdrawn?: Withdrawal
  /** When its server was last asked for the above. */
  checkedAt?: string
  /** A newer version of the same preprint that is in the workspace: its cases stand in the place of this one's. */
  supersededBy?: string
  miner: { version: string }
  minedAt: string
}
