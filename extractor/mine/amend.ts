import { existsSync } from 'node:fs'
import { codeOf, messageOf } from '../../data/errors.ts'
import { figureOf } from '../../data/journal/reach.ts'
import type { MinedCase } from '../../data/records/case.ts'
import type { DocumentRecord, Figure } from '../../data/records/document.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { IMAGE_KINDS } from '../../data/records/vocabulary.ts'
import type { MinedDocument, Store } from '../../data/stores/store.ts'
import { readDocument } from '../../data/workspace/documents.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { Miner } from '../text/miner.ts'
import { amendFigure } from './amend-figure.ts'
import { casesOf } from './cases-of.ts'
import { type Correction, correctionsOf } from './corrections.ts'

export interface AmendOptions extends RunOptions {
  acts: Pick<Store['acts'], 'read'>
  cases: Pick<Store['cases'], 'put' | 'mined'>
  miner: Miner
  /** A figure (document#label) whose pictures shall all be cases, whatever the miner takes them for. */
  figure?: string
}

export interface AmendResult {
  /** Figures with corrections. */
  figures: number
  /** Documents whose cases changed. */
  documents: string[]
  captions: number
  panels: number
}

/**
 * Makes good in the cases what people corrected of figures: mines the words of corrected captions, and cuts the
 * pictures of panels drawn by hand. What the miner found is kept beside it, and the journal alone decides what holds
 * (data/journal/amendments.ts): this adds, and is the same however often it is run. After mining again it is run again.
 * Needs the `cases` lock.
 */
export async function amendCases(workspace: Workspace, options: AmendOptions): Promise<AmendResult> {
  const { acts, cases, miner, figure: asked, signal, onProgress } = options
  const corrections = await correctionsOf(acts.read())
  if (asked !== undefined && !corrections.has(asked))
    corrections.set(asked, { texts: [], drawings: [], named: new Set() })
  const result: AmendResult = { figures: corrections.size, documents: [], captions: 0, panels: 0 }
  if (corrections.size === 0) return result
  const documents = await documentsOf(workspace, cases, corrections)
  let done = 0
  for (const [document, { cases: before, cut }] of documents) {
    signal?.throwIfAborted()
    onProgress?.({ step: 'corrections', done: done++, total: documents.size, detail: document })
    try {
      const record = await readDocument(workspace, document)
      const after = [
        ...before.filter(mined => !mined.drawn),
        ...(record ? pictures(record, before, corrections, asked) : []),
      ]
      const amended: MinedCase[] = []
      for (const [key, own] of byFigure(after)) {
        const correction = corrections.get(key)
        if (!correction || correction.texts.length + correction.drawings.length === 0) {
          amended.push(...own)
          continue
        }
        const figure = record?.figures.find(each => each.label === own[0]?.figure)
        const { made, captions, panels } = await amendFigure(workspace, own, correction, {
          miner,
          earlier: cut.filter(mined => figureOf(mined) === key),
          ...(figure ? { figure } : {}),
          context: [record?.title, record?.abstract].filter(Boolean).join('\n'),
          onProblem: problem => onProgress?.({ step: 'corrections', done, total: documents.size, problem }),
        })
        amended.push(...made)
        result.captions += captions
        result.panels += panels
      }
      if (JSON.stringify(amended) === JSON.stringify(before)) continue
      await cases.put(document, amended)
      result.documents.push(document)
    } catch (error) {
      signal?.throwIfAborted()
      const problem = { item: document, code: codeOf(error), message: messageOf(error) }
      onProgress?.({ step: 'corrections', done, total: documents.size, problem })
    }
  }
  onProgress?.({ step: 'corrections', done: documents.size, total: documents.size })
  return result
}

/** The documents of the corrected figures, with their cases; all of whose pictures are other than CT, they have none. */
async function documentsOf(
  workspace: Workspace,
  cases: AmendOptions['cases'],
  corrections: ReadonlyMap<string, Correction>,
): Promise<Map<string, MinedDocument>> {
  const keys = [...corrections.keys()]
  const documents = new Set(
    keys.flatMap(key => (key.includes('#') ? [key.slice(0, key.lastIndexOf('#'))] : [])),
  )
  // Pictures without a document lie together under their dataset's name.
  const isLoose = keys.some(key => !key.includes('#'))
  const found = await cases.mined(document => isLoose || documents.has(document))
  for (const [document, { cases }] of found)
    if (!documents.has(document) && !cases.some(each => corrections.has(figureOf(each))))
      found.delete(document)
  for (const document of documents)
    if (!found.has(document) && existsSync(workspace.paths.documentFile(document)))
      found.set(document, { cases: [], cut: [] })
  return found
}

/** Pictures of a document that are no cases yet, and shall be: those of the figure asked for, and those acts name. */
function pictures(
  record: DocumentRecord,
  there: readonly MinedCase[],
  corrections: ReadonlyMap<string, Correction>,
  asked: string | undefined,
): MinedCase[] {
  const ids = new Set(there.map(mined => mined.id))
  const wholes = new Map<string, { id: string; file: string }>()
  for (const figure of record.figures) {
    const whole = wholeOf(figure, there)
    if (whole) wholes.set(figure.label, whole)
  }
  return casesOf(record, { kinds: IMAGE_KINDS, wholes }).filter(
    made =>
      !ids.has(made.id) &&
      (figureOf(made) === asked || corrections.get(figureOf(made))?.named.has(made.id) === true),
  )
}

function wholeOf(figure: Figure, there: readonly MinedCase[]): { id: string; file: string } | undefined {
  const known = there.find(mined => mined.figure === figure.label && mined.figureImage)?.figureImage
  if (known) return known
  const [only, ...others] = figure.images
  return only && others.length === 0 ? { id: only.id, file: only.file } : undefined
}

function byFigure(cases: readonly MinedCase[]): Map<string, MinedCase[]> {
  const figures = new Map<string, MinedCase[]>()
  for (const mined of cases) {
    const key = figureOf(mined)
    const own = figures.get(key)
    if (own) own.push(mined)
    else figures.set(key, [mined])
  }
  return figures
}
