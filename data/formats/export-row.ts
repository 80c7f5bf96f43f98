import type { Publication } from '../datasets/publication.ts'
import type { CaseState } from '../records/case.ts'
import type { Prediction } from '../records/cycle.ts'
import type { DocumentRecord } from '../records/document.ts'
import { speaksOf } from '../records/panel-findings.ts'
import {
  HEADS,
  type Lesion,
  type PerLesion,
  perLesion,
  type Side,
  type TruthSource,
} from '../records/vocabulary.ts'
import { doiOfPaper } from './covid-ct-names.ts'
import { type ReaderAgreement, readerAgreement } from './reader-agreement.ts'

/** A label with where it comes from; null: masked or not known. */
export interface SourcedLabel<V> {
  value: V | null
  source: TruthSource | null
}

/** What every export tells of a case; the same facts in every format. */
export interface ExportRow {
  id: string
  image: { id: string; file: string; width: number; height: number }
  flag: SourcedLabel<'positive' | 'negative'>
  lesions: PerLesion<SourcedLabel<'present' | 'absent'>>
  caption: string
  evidence: {
    /** Mentions of lesions in the caption that speak of this case; offsets in UTF-16 units, end exclusive. */
    mentions: {
      lesion: string
      start: number
      end: number
      text: string
      assertion: string
      panels: string[]
      rule: string
    }[]
    flag: { start: number; end: number; text: string; rule: string; source: string }[]
  }
  provenance: {
    document: string | null
    doi: string | null
    version: number | null
    page: number | null
    figure: string | null
    panel: string | null
    /** The caption's spans that speak for the labels, and the rules that found them. */
    captionSpans: [number, number][]
    rules: string[]
    annotators: string[]
    /** Cycle whose model's opinion stands in `prediction`. */
    cycle: string | null
    source: string
    sourceFile: string
    minedBy: string
    licence: string | null
    /** Day on which the document's version was posted. */
    versionDate: string | null
    /** Set where the document was taken back. */
    withdrawn: 'withdrawn' | 'retracted' | null
    /** Cases of earlier versions of the same preprint that show the same picture. */
    supersedes: string[]
    /** Newest day on which somebody labelled the case. */
    labelled: string | null
  }
  /** Lesions drawn as boxes, as shares of the picture's width and height from its top left. */
  boxes: { lesion: Lesion; x: number; y: number; width: number; height: number; who: string }[]
  agreement: ReaderAgreement
  patient: string
  side: Side | null
  group: string | null
  prediction: { flag: number; lesions: PerLesion<number> } | null
}

/** What an export tells of a document. */
export type DocumentFacts = Pick<
  DocumentRecord,
  'doi' | 'version' | 'licence' | 'versionDate' | 'date' | 'withdrawn'
>

/** What stands beside the cases: documents, split and the newest model's opinion, by id. */
export interface ExportContext {
  document?: (id: string) => DocumentFacts | undefined
  split?: Record<string, { side: Side; group: string }>
  predictions?: { cycle: string; byCase: ReadonlyMap<string, Prediction> }
  /** What the curator says of the dataset as a whole. */
  publication?: Publication
}

/** DOI and version of a document: from its record, else out of its id. */
export function doiOf(
  id: string | null,
  record?: DocumentFacts,
): { doi: string | null; version: number | null } {
  if (id === null) return { doi: null, version: null }
  const bare = /^[^/]*?:(?<rest>.+)$/.exec(id)?.groups?.['rest'] ?? id
  const written = /^(?<doi>10\.\d{4,9}\/\S+?)(?:v(?<version>\d+))?$/.exec(bare)?.groups
  const version = written?.['version']
  return {
    doi: record?.doi ?? written?.['doi'] ?? doiOfPaper(bare) ?? null,
    version: record?.version ?? (version === undefined ? null : Number(version)),
  }
}

export function exportRow(state: CaseState, context: ExportContext = {}): ExportRow {
  const record = state.document === null ? undefined : context.document?.(state.document)
  const { doi, version } = doiOf(state.document, record)
  const panel = { label: state.panel, wholeFigure: state.figureImage === undefined }
  const speaking = state.mentions
    .filter(mention => speaksOf(mention, panel))
    .map(({ lesion, start, end, text, assertion, panels, rule }) => {
      return { lesion, start, end, text, assertion, panels, rule }
    })
  const flagSpans = state.mined.evidence.map(({ start, end, text, rule, source }) => {
    return { start, end, text, rule, source }
  })
  const inCaption = flagSpans.filter(span => span.source === 'text')
  const spans = [...speaking, ...inCaption].map(({ start, end }): [number, number] => [start, end])
  const said = [...state.labels, ...(state.adjudicated ? [state.adjudicated] : [])]
  const told = state.published?.told
  const annotators = new Set([...said.map(label => label.who), ...(told?.annotators ?? [])])
  const ours = context.predictions?.byCase.get(state.id)
  const prediction = ours ?? told?.opinion
  const place = context.split?.[state.id]
  return {
    id: state.id,
    image: { id: state.image, file: `images/${state.imageFile}`, width: state.width, height: state.height },
    flag: state.truth.flag,
    lesions: perLesion(lesion => state.truth.lesions[lesion]),
    caption: state.caption,
    evidence: { mentions: speaking, flag: flagSpans },
    provenance: {
      document: state.document,
      doi,
      version,
      page: state.page,
      figure: state.figure,
      panel: state.panel,
      captionSpans: spans.sort((one, other) => one[0] - other[0] || one[1] - other[1]),
      rules: [...new Set([...speaking, ...flagSpans].map(span => span.rule))].sort(),
      annotators: [...annotators].sort(),
      cycle: ours ? (context.predictions?.cycle ?? null) : (told?.opinion?.cycle ?? null),
      source: state.source.name,
      sourceFile: state.source.file,
      minedBy: state.minedBy,
      licence: record?.licence ?? null,
      versionDate: record?.versionDate ?? record?.date ?? null,
      withdrawn: (state.withdrawn ?? record?.withdrawn)?.kind ?? null,
      supersedes: [...(state.supersedes ?? [])],
      labelled:
        said
          .map(label => label.at.slice(0, 10))
          .sort()
          .at(-1) ?? null,
    },
    boxes: [
      ...said.flatMap(({ who, boxes }) =>
        boxes.map(({ lesion, x, y, width, height }) => ({ lesion, x, y, width, height, who })),
      ),
      ...(told?.boxes ?? []),
    ],
    agreement: readerAgreement(state.labels),
    patient: state.patient,
    side: place?.side ?? state.officialSide ?? null,
    group: place?.group ?? null,
    prediction: prediction ? { flag: prediction.flag, lesions: prediction.lesions } : null,
  }
}

/** Whether an expert's word stands behind any head of the row. */
export function isExpertRow(row: ExportRow): boolean {
  return HEADS.some(head => {
    const { source } = head === 'flag' ? row.flag : row.lesions[head]
    return source === 'adjudicated' || source === 'agreed' || source === 'expert'
  })
}
