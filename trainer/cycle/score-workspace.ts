import { join } from 'node:path'
import type { CycleMetrics, Prediction, QueueEntry } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { speakingFor } from '../../data/stores/speaking.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { DEFAULT_TEACHING, isRead } from '../fit/targets.ts'
import { readNetwork } from '../model/network-checkpoint.ts'
import { calibrated } from '../model/trained-model.ts'
import { readCases, readCorpus } from './corpus.ts'
import { readJsonLines } from './json-lines.ts'
import { keptScores } from './kept-scores.ts'
import { predictionOf, probabilitiesOf, scoreBy } from './predict.ts'
import { candidateOf, expertValues, rankPool } from './rank.ts'
import { type ModelAsked, openModel } from './scoring-model.ts'

/**
 * Scores every case of the workspace by one checkpoint (by default the promoted, else the newest cycle's). Cases the
 * heads learned from are scored too: for honest figures of these, take the cycle's own out-of-fold predictions. What
 * was computed of a picture is kept, here or in shards (picture-work.ts), so that either way gives the same bytes.
 */
export async function predictWorkspace(
  workspace: Workspace,
  { model: path, init, backend, ...run }: RunOptions & ModelAsked = {},
): Promise<{ model: string; predictions: Prediction[] }> {
  const asked = {
    ...(path ? { model: path } : {}),
    ...(init ? { init } : {}),
    ...(backend ? { backend } : {}),
  }
  const model = await openModel(workspace, asked, run)
  if (model.kind === 'network')
    return { model: model.path, predictions: await predictByNetwork(workspace, model.path, run) }
  const corpus = await readCorpus(workspace, model.backbone, DEFAULT_TEACHING, run)
  return { model: model.path, predictions: scoreBy(corpus.cases, model.heads).map(predictionOf) }
}

/** Scores every case by a fine-tuned network; a picture that doesn't decode is reported and left out. */
async function predictByNetwork(workspace: Workspace, from: string, run: RunOptions): Promise<Prediction[]> {
  const { states, split } = await readCases(workspace)
  const network = await readNetwork(from)
  const images = states.map(state => ({ id: state.image, file: state.imageFile }))
  const rows = await keptScores(workspace, from, network, images, run)
  return states.flatMap(state => {
    const [logits, placed] = [rows.get(state.image), split.cases[state.id]]
    if (!logits || !placed) return []
    const pool = placed.side === 'train' && !isRead(state)
    const probabilities = [...calibrated(logits, network.heads)]
    return [predictionOf({ case: { state, side: placed.side, pool }, fold: null, probabilities })]
  })
}

/**
 * Puts the pool as it stands now in order, by the predictions of the promoted (else the newest) cycle or of a file:
 * cases read since the cycle are no longer asked for. Where there is neither, it is a cold start: the texts say which
 * heads want which cases, and no probability is made up.
 * @throws LesionloopError `promoted-missing`, `file-missing`, `strategy-unknown`, `features-missing`, `draws-missing`.
 */
export async function rankWorkspace(
  workspace: Workspace,
  { strategy, seed, predictions }: { strategy: string; seed: number; predictions?: string },
): Promise<QueueEntry[]> {
  const { states, split } = await readCases(workspace)
  const outside = states.filter(state => split.cases[state.id]?.side === 'train')
  const read = outside.filter(isRead).map(state => ({ values: expertValues(state) }))
  const open = outside.filter(state => !isRead(state))
  const speaking = predictions ? null : await speakingFor(workspace)
  if (!predictions && !speaking) {
    const pool = open.map(state => candidateOf(state, UNKNOWN))
    return rankPool(pool, { strategy, seed, learned: [], read })
  }
  const folder = speaking ? workspace.paths.cycle(speaking.id) : null
  const rows = await readJsonLines<Prediction>(predictions ?? join(folder!, 'predictions.jsonl'))
  const learned = folder ? await learnedIn(folder) : HEADS
  const byId = new Map(open.map(state => [state.id, state]))
  const pool = rows.flatMap(row => {
    const state = byId.get(row.case)
    return state ? [candidateOf(state, probabilitiesOf(row))] : []
  })
  return rankPool(pool, { strategy, seed, learned, read })
}

/** Probabilities where no head was learned: no strategy reads those of heads that were not. */
const UNKNOWN: readonly number[] = HEADS.map(() => 0.5)

/** Heads a cycle has learned: those its checkpoint answers for. */
async function learnedIn(folder: string) {
  const { thresholds } = await readJson<CycleMetrics>(join(folder, 'metrics.json'))
  return thresholds
    ? HEADS.filter(head => thresholds[head] !== null && thresholds[head] !== undefined)
    : HEADS
}
