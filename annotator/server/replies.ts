import type { Act, ActDraft } from '../../data/records/act.ts'
import type { CaseState, HounsfieldImage, PersonLabel, Truth } from '../../data/records/case.ts'
import type { CycleMetrics, CycleRecord, QueueEntry, QueueName } from '../../data/records/cycle.ts'
import type { DocumentFormat, DocumentRecord } from '../../data/records/document.ts'
import type { Account } from '../../data/records/people.ts'
import type { Promotion } from '../../data/records/promotion.ts'
import type {
  Finding,
  Head,
  ImageKind,
  Lesion,
  MinedFlag,
  PerLesion,
  Role,
  Side,
} from '../../data/records/vocabulary.ts'

/** What the routes answer, in plain types: the page may import them beside the typed client. Times are ISO 8601. */

/** Every refusal: the status says the class, `code` is for programs, `message` says what to do. */
export interface ErrorReply {
  error: { code: string; message: string; details?: Record<string, unknown> }
}

/** Somebody else decided meanwhile: the case as it stands now, and the acts since the base that was sent. */
export interface ConflictReply extends ErrorReply {
  state: CaseState
  acts: Act[]
}

/** What a person may do; see rules.ts. */
export type Permission = 'read' | 'review' | 'adjudicate' | 'train' | 'curate' | 'export'

export interface ActReply {
  act: Act
  /** The case as it stands with the act. */
  state: CaseState
  /** What the person's next undo and redo would touch; null: nothing. */
  undo: { seq: number; case: string } | null
  redo: { seq: number; case: string } | null
}

export interface MeReply {
  /** null: not logged in. */
  account: Account | null
  /** True where the session was opened by the link that `serve` printed: may switch to any person. */
  owner: boolean
  permissions: Permission[]
  version: string
  /** Last part of the workspace's folder, for the page's title. */
  workspace: string
  /** Whether anybody can log in with name and password. */
  passwords: boolean
}

/** Who may be picked with a link that has not been used yet. */
export interface LinkReply {
  /** Set where the link is for one person; else a person is picked from `people`, or a new name is given. */
  for: Account | null
  people: Account[]
  /** Role that a new name gets. */
  role: Role
}

/** A line of the list: enough to show it, not to decide it. */
export interface CaseRow {
  id: string
  document: string | null
  figure: string | null
  panel: string | null
  page: number | null
  image: string
  imageFile: string
  width: number
  height: number
  hounsfield?: HounsfieldImage
  version: number
  /** Beginning of the caption, at most 160 UTF-16 units. */
  caption: string
  flag: MinedFlag
  findings: PerLesion<Finding>
  truth: Truth
  /** People who labelled it, by account id. */
  labelledBy: string[]
  adjudicated: boolean
  /** The person asking has labelled it. */
  mine: boolean
  /** Heads on which text, model and experts contradict each other. */
  disagreements: Head[]
  discuss: boolean
  notes: number
  /** Its document was withdrawn or retracted. */
  withdrawn: boolean
  /** What the text says or the model thinks is left out until the person's first decision. */
  blind: boolean
  /** Its place in the current queue. */
  queue: QueueEntry | null
}

export interface CaseList {
  rows: CaseRow[]
  total: number
  offset: number
  limit: number
  /** Cycle whose queue gives the order; null where there is none. */
  cycle: string | null
}

/** What the model that speaks (promoted, else the newest sealed cycle) says of a case. Probabilities in 0…1. */
export interface Opinion {
  cycle: string
  promoted: boolean
  side: Side | 'pool'
  /** Out of fold; null: by the model of all folds. */
  fold: number | null
  flag: number
  lesions: PerLesion<number>
  /** Operating threshold of each head. */
  thresholds: Record<Head, number>
}

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

/** One case with all that the desk shows of it, in one answer. */
export interface CaseReply {
  case: CaseState
  /** Cases of the same figure in reading order, itself included. */
  siblings: CaseRow[]
  opinion: Opinion | null
  queue: QueueEntry | null
  document: Pick<DocumentRow, 'id' | 'title' | 'doi' | 'date'> | null
  /** Heads on which text, model and experts contradict each other. */
  disagreements: Head[]
  /** What the text says or the model thinks is left out until the person's first decision. */
  blind: boolean
  /** Which of the two is left out. */
  hidden: { text: boolean; model: boolean }
  /** The person has read it before, and is asked once more without seeing that. */
  repeat: boolean
}

export interface HistoryEntry extends Act {
  /** Name of who did it. */
  name: string
  /** Taken back since. */
  undone: boolean
}

export interface QueueRow extends QueueEntry {
  decided: boolean
}

export interface QueueReply {
  cycle: string | null
  rows: QueueRow[]
  total: number
  /** Of the whole queue. */
  decided: number
  /** Of each queue, how many cases it has and how many wait. */
  counts: Record<QueueName, { total: number; open: number }>
  offset: number
}

export interface NextReply {
  /** null: nothing is left to decide. */
  next: CaseReply | null
  /** Cases of the queue that nobody decided. */
  left: number
  /** How long the case is lent to who asked, in seconds. */
  seconds: number
}

export interface ShortMeasure {
  value: number | null
  low: number | null
  high: number | null
  na?: string
}

export interface CycleRow {
  id: string
  startedAt: string
  sealedAt: string
  by: string
  backbone: string
  backend: string
  seed: number
  /** What a lesion that the text does not name counted as: the next cycle does the same unless told otherwise. */
  unmentioned: 'absent' | 'masked'
  cases: CycleRecord['learnedFrom']['cases']
  sources: Record<string, number>
  /** The flag's AUC on the test side. */
  auc: ShortMeasure | null
  /** Average precision of each lesion there; null: n/a. */
  aps: PerLesion<ShortMeasure | null>
  promoted: boolean
  warnings: number
  /** What was changed in its folder since it was sealed, in words; empty: it is as it was. */
  faults: string[]
}

export interface CycleReply {
  record: CycleRecord
  metrics: CycleMetrics | null
  promoted: boolean
  /** Address of the report; null where the cycle has none. */
  report: string | null
}

/** Which cycle was promoted, with all that went before; null: none yet. */
export interface PromotionReply {
  promotion: Promotion | null
}

/** A label that confident learning doubts, with its evidence as the newest cycle has it. */
export interface DoubtedLabel {
  case: string
  rank: number
  /** Head whose label is doubted most; others of the case stand in `why`. */
  head: Head
  /** The label as it stands, and whose it is; null: masked meanwhile. */
  given: 'positive' | 'negative' | 'present' | 'absent' | null
  source: Truth['flag']['source']
  /** Calibrated probability by heads that did not see the case, and the head's operating threshold. */
  probability: number | null
  threshold: number | null
  why: string
  imageFile: string
  width: number
  height: number
  version: number
  /** Looked at since the cycle was sealed. */
  settled: boolean
  /** How this person can say that the label is right: the own label again, or a verdict; null: by reading the case. */
  confirm: Extract<ActDraft['act'], { kind: 'label' | 'adjudicate' }> | null
}

export interface LabelAuditReply {
  cycle: string | null
  rows: DoubtedLabel[]
  /** Doubts whose evidence this person may not see before the own reading. */
  hidden: number
}

export interface StopSignalsReply {
  cycle: string | null
  /** A line of words a head; empty where the cycle has none. */
  signals: { head: Head; reached: boolean; sentence: string }[]
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

export interface SettingsReply {
  goal: number | null
  /** Whether what the text said is proposed to the annotator; false: blind reading. */
  showText: boolean
  /** Whether the model's opinion is proposed where the text is silent. */
  showModel: boolean
  /** Share of the cases (0…1) whose mined label and model's opinion are hidden until the first decision. */
  blindShare: number
  /** Share of a reader's cases that come again, and after how many other decisions. */
  repeatShare: number
  repeatAfter: number
  /** Whether the page asks for each next case, so that two people don't meet at one: over a database. */
  lends: boolean
}

export interface StatsReply {
  cases: number
  documents: number
  people: number
  labelled: number
  adjudicated: number
  discuss: number
  disagreements: number
  /** Truths of each head by value, with the source each comes from. */
  truth: Record<Head, { positive: number; negative: number; masked: number; sources: Record<string, number> }>
  /** What the text says, by head and finding. */
  mined: { flag: Record<MinedFlag, number>; lesions: Record<Lesion, Record<Finding, number>> }
  sources: Record<string, number>
  sides: Record<string, number>
  kinds: Record<string, number>
  byPerson: { who: string; name: string; labelled: number }[]
  /** Cases to have labelled; null where none was set. */
  goal: number | null
}

/** Agreement on one head: kappa with its interval over patients, null where there is none to be had. */
export interface HeadAgreement {
  value: number | null
  low: number | null
  high: number | null
  /** Cases that count. */
  items: number
  /** Patients they come from. */
  groups: number
  /** Share of agreeing pairs of readings, chance included. */
  observed: number | null
}

/** How often first readings say what the text says. */
export interface SeenAgreement {
  cases: number
  agreed: number
  share: number | null
  low: number | null
  high: number | null
}

export interface AgreementReply {
  /** Of a moment ago: labels given since are being taken in; ask again in a second. */
  stale: boolean
  /** Cases that two people or more have read. */
  cases: number
  /** Cohen's kappa of each pair of readers. */
  pairs: { people: [string, string]; cases: number; heads: Record<Head, HeadAgreement> }[]
  /** Fleiss' kappa of three readers or more. */
  all: { people: string[]; heads: Record<Head, HeadAgreement> } | null
  /** Each reader with themselves, over the cases that came again. */
  self: { who: string; cases: number; heads: Record<Head, HeadAgreement> }[]
  /** Labels against the text, where it was seen and where it was hidden until the decision. */
  anchoring: Record<Head, { shown: SeenAgreement; hidden: SeenAgreement }>
}

/** Labels by day (UTC): given for the first time, and changed by who gave them. */
export interface LabelChangesReply {
  days: { day: string; first: number; changed: number }[]
}

export interface AssignmentsReply {
  rows: { who: string; name: string; assigned: number; read: number }[]
}

export interface AdjudicationReply {
  /** Cases whose readers disagree and that nobody has settled. */
  left: number
  next: {
    case: CaseState
    disputed: Head[]
    readings: {
      said: Record<Head, string>
      causes: PersonLabel['causes']
      boxes: PersonLabel['boxes']
      notAssessable?: string
    }[]
  } | null
}
