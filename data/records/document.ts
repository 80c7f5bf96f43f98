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

export type DocumentFormat = 'pdf' | 'jats' | 'jsonl' | 'csv' | 'text' | 'dataset'

/** documents/<document>/document.json */
export interface DocumentRecord extends MinedFigures {
  /** DOI and version ("10.1101/2020.05.11.20097907v2"), else "sha256-" and the first 32 hex digits of its bytes. */
  id: string
  format: DocumentFormat
  /** Name the file came in with, and its name inside the document's folder (absent: kept in place). */
  file: { name: string; stored?: string; sha256: string; bytes: number }
  doi?: string
  version?: number
  title?: string
  abstract?: string
  date?: string
  licence?: string
  miner: { version: string }
  minedAt: string
}
