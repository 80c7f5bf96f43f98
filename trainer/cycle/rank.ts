import type { CaseState } from '../../data/records/case.ts'
import type { QueueEntry } from '../../data/records/cycle.ts'
import type { Head } from '../../data/records/vocabulary.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { AUDIT_SHARE, drawAudit } from '../acquisition/audit-draw.ts'
import { DEFAULT_BATCH } from '../acquisition/batch-size.ts'
import type { ConfidentLearning } from '../acquisition/confident-learning.ts'
import { dropoutDraws } from '../acquisition/dropout-draws.ts'
import { rankCandidates } from '../acquisition/rank-candidates.ts'
import { disagreementQueue, labelAudit } from '../acquisition/second-looks.ts'
import { type Candidate, type ReadCase, type Strategy, strategyOf } from '../acquisition/strategy.ts'
import { joined } from '../fit/example.ts'
import { isRead, truths } from '../fit/targets.ts'
import type { TrainedModel } from '../model/trained-model.ts'
import type { Scored } from './predict.ts'

/** A case of the pool that knows its figure, so that siblings are read together. */
export interface PoolCandidate extends Candidate {
  figure?: string
}

export interface RankPoolOptions {
  strategy: string
  seed: number
  /** Heads that were learned. */
  learned: readonly Head[]
  /** Cases that will be read before the next cycle; by default 50. */
  batch?: number
  /** Share of the batch drawn by chance and read blind; by default a tenth. */
  auditShare?: number
  /** Cases read by experts, for what they cover and what each head lacks. */
  read?: readonly ReadCase[]
  /** The model of all folds, for strategies that ask it under dropout. */
  model?: TrainedModel
}

/**
 * Puts the pool in order of review; an empty pool gives an empty queue. The audit is drawn first, from the whole pool;
 * then the strategy orders the rest, and siblings in a figure follow the first of them.
 * @throws LesionloopError `strategy-unknown`, `features-missing`, `draws-missing`, `case-twice`.
 */
export function rankPool(
  candidates: readonly PoolCandidate[],
  { strategy: name, seed, learned, read = [], model, ...options }: RankPoolOptions,
): QueueEntry[] {
  const strategy = strategyOf(name)
  if (candidates.length === 0) return []
  const { batch = DEFAULT_BATCH, auditShare: share = AUDIT_SHARE } = options
  const names = candidates.map(one => one.case)
  const audit = drawAudit(names, { batch, share, seed })
  const drawn = new Set(audit)
  const open = candidates.filter(one => !drawn.has(one.case))
  const places = new Map(open.map(one => [one.case, one]))
  const ranked =
    open.length === 0
      ? []
      : rankCandidates(strategy, open, {
          seed,
          learned,
          read,
          batch: Math.max(1, Math.min(batch, candidates.length) - audit.length),
          ...drawsFor(strategy, open, model, seed),
        })
  const review = siblingsTogether(
    ranked.map(({ candidate, ...choice }): Asked => ({ ...choice, case: open[candidate]!.case })),
    one => places.get(one.case)?.figure,
  )
  const highest = review[0]?.score ?? 0
  return [
    ...audit.map(id => ({
      case: id,
      score: highest,
      strategy: 'audit',
      head: 'flag' as const,
      why: 'drawn by chance for the audit: read it without looking at what text and model say',
      queue: 'audit' as const,
      audit: true as const,
    })),
    ...review.map(one => ({ ...one, strategy: strategy.name })),
  ].map(({ case: id, score, strategy: by, ...rest }, at) => ({
    case: id,
    rank: at + 1,
    score: Math.round(score * 1e6) / 1e6,
    strategy: by,
    ...rest,
  }))
}

interface Asked {
  case: string
  score: number
  head: Head
  why: string
}

/** Brings siblings up behind the first of their figure, in their own order: its caption is then read once. */
function siblingsTogether(asked: readonly Asked[], figureOf: (one: Asked) => string | undefined): Asked[] {
  const byFigure = new Map<string, Asked[]>()
  for (const one of asked) {
    const figure = figureOf(one)
    if (figure !== undefined) byFigure.set(figure, [...(byFigure.get(figure) ?? []), one])
  }
  const done = new Set<string>()
  return asked.flatMap(one => {
    if (done.has(one.case)) return []
    const figure = figureOf(one)
    const siblings = figure === undefined ? [one] : byFigure.get(figure)!
    for (const each of siblings) done.add(each.case)
    return siblings.map(each =>
      each === one ? one : { ...each, score: one.score, why: `in the same figure; ${each.why}` },
    )
  })
}

/** The model's answers under dropout, where the strategy asks for them and there is a model to ask. */
function drawsFor(
  strategy: Strategy,
  candidates: readonly Candidate[],
  model: TrainedModel | undefined,
  seed: number,
) {
  if (!strategy.needs.includes('draws') || !model) return {}
  const rows = candidates.flatMap(({ features }) => (features ? [{ features }] : []))
  if (rows.length < candidates.length) return {}
  return { draws: dropoutDraws(model, joined(rows, model.features), { seed }) }
}

/**
 * Puts a cycle's pool in order: its cases as candidates with features, groups, figures and what their texts say, the
 * read ones beside them.
 * @param scored every case of the corpus with its probabilities, out of fold where the heads learned from it.
 */
export function rankScored(scored: readonly Scored[], options: Omit<RankPoolOptions, 'read'>): QueueEntry[] {
  const read = scored.flatMap(({ case: one }) =>
    one.side === 'train' && isRead(one.state)
      ? [{ features: one.features, group: one.group, values: expertValues(one.state) }]
      : [],
  )
  const pool = scored.flatMap(({ case: one, probabilities }) =>
    one.pool ? [{ ...candidateOf(one.state, probabilities), features: one.features, group: one.group }] : [],
  )
  return rankPool(pool, { ...options, read })
}

/**
 * All of a cycle's queues in one list, as queue.jsonl holds them: the audit and the review first, then contradictions
 * of text and picture, then doubtful labels, ranks running on. What is to be read blind stands in the audit alone.
 */
export function allQueues(
  toRead: readonly QueueEntry[],
  { disagreement, labels }: Pick<ReturnType<typeof secondLooks>, 'disagreement' | 'labels'>,
): QueueEntry[] {
  const blind = new Set(toRead.filter(one => one.audit).map(one => one.case))
  const beside = [...disagreement, ...labels].filter(one => !blind.has(one.case))
  return [...toRead, ...beside].map((entry, at) => ({ ...entry, rank: at + 1 }))
}

/** A case as a candidate, without its features. */
export function candidateOf(state: CaseState, probabilities: readonly number[]): PoolCandidate {
  const { document, figure, mined } = state
  return {
    case: state.id,
    probabilities,
    said: HEADS.map(head => (head === 'flag' ? mined.flag : mined.findings[head])),
    ...(document !== null && figure !== null ? { figure: `${document}#${figure}` } : {}),
  }
}

const EXPERTS: readonly (string | null)[] = ['adjudicated', 'agreed', 'expert']

/** What experts said of a case; null where they said nothing or were not sure. */
export const expertValues = (state: CaseState) =>
  truths(state, { unmentioned: 'masked' }).map(({ value, source }) =>
    EXPERTS.includes(source) ? value : null,
  )

/**
 * The queues beside the review: unread cases whose text the picture contradicts, and labels that are likely wrong, by
 * confident learning head by head. Cases of validation and test are in neither: their labels are not to be chosen by
 * the model they measure.
 * @param scored every case with its probabilities, out of fold where the heads learned from it.
 */
export function secondLooks(
  scored: readonly Scored[],
  learned: readonly Head[],
): { disagreement: QueueEntry[]; labels: QueueEntry[]; heads: ConfidentLearning[] } {
  const outside = scored.filter(({ case: one }) => one.side === 'train')
  const unread = outside.filter(({ case: one }) => one.pool)
  const audited = labelAudit(
    outside.map(({ case: one, probabilities }) => ({
      case: one.state.id,
      probabilities,
      labels: one.lesson.map((lesson, at) =>
        learned.includes(HEADS[at]!) ? lesson : { value: null, source: null },
      ),
    })),
  )
  return {
    disagreement: disagreementQueue(
      unread.map(({ case: one, probabilities }) => candidateOf(one.state, probabilities)),
      learned,
    ),
    labels: audited.queue,
    heads: audited.heads,
  }
}
