import { createHash } from 'node:crypto'
import { LesionloopError } from '../../data/errors.ts'
import type { CaseState } from '../../data/records/case.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS, type Side } from '../../data/records/vocabulary.ts'
import { currentSplit, settledSplit } from '../../data/splits/keep.ts'
import type { SplitRecord } from '../../data/splits/split.ts'
import { openStore } from '../../data/stores/open.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import type { LoadedBackbone } from '../backbones/load.ts'
import { cachedFeatures, type Features } from '../features/cached-features.ts'
import { type HeadTruth, isRead, lessons, type TeachingOptions, truths } from '../fit/targets.ts'

/** A case as a cycle works on it. */
export interface CorpusCase {
  state: CaseState
  side: Side
  /** Patient, document and linked doubles together. */
  group: string
  /** Outside validation and test, and no expert has read it. */
  pool: boolean
  features: Float32Array
  /** What it teaches, and what it is measured against, in the order of `HEADS`. */
  lesson: HeadTruth[]
  truth: HeadTruth[]
}

export interface Corpus {
  /** In the order of their ids. */
  cases: CorpusCase[]
  split: SplitRecord
  leftOut: Features['leftOut']
  /** Last act of the journal that was seen. */
  journalSeq: number
}

/**
 * The CT cases of the workspace as they stand, with their sides; no features yet.
 * @param options.isToLearn a first split is written down, so that sides stay when there are more labels.
 */
export async function readCases(
  workspace: Workspace,
  { isToLearn = false }: { isToLearn?: boolean } = {},
): Promise<{ states: CaseState[]; split: SplitRecord; journalSeq: number }> {
  const store = await openStore(workspace)
  try {
    const all: CaseState[] = []
    for await (const state of store.cases.all()) all.push(state)
    const states = all.filter(state => state.kind.kind === 'ct')
    if (states.length === 0)
      throw new LesionloopError(
        'nothing-to-learn',
        `workspace: ${workspace.dir}: no CT case in it; mine documents with \`lesionloop mine\`, or import a dataset with \`lesionloop import\``,
      )
    states.sort((one, other) => (one.id < other.id ? -1 : 1))
    const split = isToLearn ? await settledSplit(workspace, all) : await currentSplit(workspace, all)
    return { states, split, journalSeq: await store.acts.lastSeq() }
  } finally {
    await store.close()
  }
}

/** The workspace's CT cases with their features, truths and sides. Cases whose image doesn't decode are left out. */
export async function readCorpus(
  workspace: Workspace,
  backbone: LoadedBackbone,
  teaching: TeachingOptions,
  run: RunOptions & { batch?: number } = {},
): Promise<Corpus> {
  const { states, split, journalSeq } = await readCases(workspace, { isToLearn: true })
  const images = states.map(state => ({ id: state.image, file: state.imageFile }))
  const { rows, leftOut } = await cachedFeatures(workspace, backbone, images, run)
  const cases = states.flatMap((state): CorpusCase[] => {
    const features = rows.get(state.image)
    const placed = split.cases[state.id]
    if (!features || !placed) return []
    const { side, group } = placed
    const pool = side === 'train' && !isRead(state)
    return [
      {
        state,
        side,
        group,
        pool,
        features,
        lesson: lessons(state, teaching),
        truth: truths(state, teaching),
      },
    ]
  })
  if (cases.length === 0)
    throw new LesionloopError(
      'nothing-to-learn',
      `workspace: ${workspace.dir}: none of ${states.length} images could be decoded; see the lines above`,
    )
  return { cases, split, leftOut, journalSeq }
}

/** The cases learned from: outside validation and test, with at least one label. */
export const taught = (corpus: Corpus) =>
  corpus.cases.filter(one => one.side === 'train' && one.lesson.some(truth => truth.value !== null))

/** Hash over every truth learned from: case, head, value and source. */
export function lessonsHash(cases: readonly CorpusCase[]): string {
  const hash = createHash('sha256')
  for (const { state, lesson } of cases)
    lesson.forEach(({ value, source }, at) => {
      if (value !== null) hash.update(`${JSON.stringify([state.id, HEADS[at], value, source])}\n`)
    })
  return hash.digest('hex')
}
