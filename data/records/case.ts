import type { Act } from './act.ts'
import type { Withdrawal } from './document.ts'
import type { FlagEvidence, Mention, Skipped, TextFindings } from './mining.ts'
import type {
  Cause,
  Finding,
  FlagLabel,
  ImageKind,
  Lesion,
  LesionLabel,
  MinedFlag,
  PerLesion,
  TruthSource,
} from './vocabulary.ts'

/** What was mined for one panel: the caption's findings that bind to it. */
export interface MinedLabel {
  flag: MinedFlag
  evidence: FlagEvidence[]
  findings: PerLesion<Finding>
}

/** Labels that came with an imported dataset. */
export interface PublishedLabel {
  flag: 'positive' | 'negative'
  findings: PerLesion<'present' | 'absent'>
  /** Lesions that the dataset itself masks: what `findings` says of them counts for nothing. */
  masked?: Lesion[]
  /** Name of the dataset ("covid-ct"). */
  dataset: string
  /** What else the dataset says of how it was labelled; handed on with exports. */
  told?: PublishedProvenance
}

/** Readers of the dataset's makers, boxes that they drew (as shares of the picture), and their model's opinion. */
export interface PublishedProvenance {
  annotators: string[]
  boxes: { lesion: Lesion; x: number; y: number; width: number; height: number; who: string }[]
  opinion?: { cycle: string | null; flag: number; lesions: PerLesion<number> }
}

/** How the greys of a picture of 16 bits are read: units = slope · grey + intercept. */
export interface HounsfieldScale {
  slope: number
  intercept: number
}

/** A slice in Hounsfield units, beside its picture of 8 bits. */
export interface HounsfieldImage extends HounsfieldScale {
  /** File name under images/: a grey PNG of 16 bits. */
  file: string
}

/** That a person gave a picture to the pool, and agreed to what. */
export interface Gift {
  /** Account id. */
  who: string
  /** ISO 8601. */
  at: string
  /** What it may be used for, as the person read it. */
  purpose: string
  /** Version of the words that were agreed to (data/records/consent.ts). */
  wording: number
  /** Boxes blacked out before anything was stored. */
  blackedOut: number
}

/** A panel as a person drew it; the box as shares of the figure's picture: [x0, y0, x1, y1]. */
export interface DrawnPanel {
  label: string | null
  box: [number, number, number, number]
}

/** What the miner finds in a caption as a person corrected it. */
export interface CaptionReading extends Omit<TextFindings, 'findings'> {
  text: string
}

/** Panels drawn by hand, and what this case is among them; null: no part of them. */
export interface PanelLayout {
  panels: DrawnPanel[]
  here: { panel: string | null; order: number; mined: MinedLabel } | null
}

/**
 * One image to be labelled, as it was mined or imported: never edited by hand (acts lie over it).
 * A line of cases/cases.jsonl.
 */
export interface MinedCase {
  /** document + "#" + figure + "#" + panel ("~1" for the first unlettered picture), or the image's id. */
  id: string
  document: string | null
  figure: string | null
  panel: string | null
  /** Position in its figure, from 0: siblings stand in reading order. */
  order: number
  page: number | null
  image: string
  imageFile: string
  width: number
  height: number
  /** The same slice in Hounsfield units, where it came in as a DICOM file of a CT. */
  hounsfield?: HounsfieldImage
  /** Set where a person gave the picture on the page Diagnose. */
  given?: Gift
  /** The figure as a whole, where it has more than one panel. */
  figureImage?: { id: string; file: string }
  kind: { kind: ImageKind; score: number }
  caption: string
  /** All mentions of the caption (each knows its panels); `mined` holds what binds to this panel. */
  mentions: Mention[]
  skipped: Skipped[]
  mined: MinedLabel
  published?: PublishedLabel
  /** The patient told apart by caption or metadata, else the document, else the image: the smallest group. */
  patient: string
  /** Where it came from, for reports per source and the shortcut control. */
  source: { name: string; file: string; format: string }
  /** Side fixed by an imported dataset's own split. */
  officialSide?: 'train' | 'val' | 'test'
  minedBy: string
  /** Set where its document was taken back. */
  withdrawn?: Withdrawal
  /**
   * Cases of earlier versions of the same preprint that show the same picture, the newest first. What experts did at them
   * counts here too (data/journal/reach.ts).
   */
  supersedes?: string[]
  /** The newer version that took the place of this case's document: the case is in no list any more. */
  supersededBy?: string
  /** What was mined of captions that people wrote in the place of this one, by the job `amend`. */
  readings?: CaptionReading[]
  /** Panels that people drew, by the same job. */
  layouts?: PanelLayout[]
  /** Set where the case was cut out of a figure's picture along lines drawn by hand: it stands only in its layouts. */
  drawn?: { from: string; box: DrawnPanel['box'] }
}

/** One person's label of a case. */
export interface Label {
  flag: FlagLabel
  lesions: PerLesion<LesionLabel>
  /** Reason where the case can't be assessed at all ("motion", "not a CT", "too small", "wrong window"). */
  notAssessable?: string
}

export interface PersonLabel extends Label {
  who: string
  at: string
  seq: number
  causes: { head: 'flag' | Lesion; cause: Cause }[]
  boxes: { lesion: Lesion; x: number; y: number; width: number; height: number }[]
}

/** The truth of a case's flag and lesions with the source of each; null: masked (unsettled, uncertain, not assessed). */
export interface Truth {
  flag: { value: 'positive' | 'negative' | null; source: TruthSource | null }
  lesions: PerLesion<{ value: 'present' | 'absent' | null; source: TruthSource | null }>
}

/** The case as it stands: what was mined and every act laid over it. */
export interface CaseState extends MinedCase {
  /** Number of acts that touch this case; what an act is `based on`. */
  version: number
  labels: PersonLabel[]
  adjudicated?: PersonLabel
  notes: { who: string; at: string; text: string; seq: number }[]
  /** Open discussion: who asks, who should look. */
  discuss?: { who: string; at: string; with?: string; text: string }
  assigned: string[]
  /** Panels of the figure as a person drew them, as shares of the figure's picture; absent: as mined. */
  panels?: DrawnPanel[]
  /** True where panels drawn by hand leave this one out, or a newer version took its place: it is in no list. */
  retired?: true
  /** The caption as it was mined, where a person changed it. */
  minedCaption?: string
  /** True until a caption's new words are mined, or panels drawn by hand are cut. */
  amending?: true
  truth: Truth
  /** True where the caption, mentions, kind or patient differ from what was mined. */
  edited: boolean
}

export interface CaseHistory {
  state: CaseState
  acts: Act[]
}
