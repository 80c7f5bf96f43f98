import { join } from 'node:path'
import type { CycleMetrics, Prediction, QueueEntry } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { HEADS } from '../../data/records/vocabulary.ts'
import { speakingFor } from '../../data/stores/speaking.ts'
import { readJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { loadBackbone } from '../backbones/load.ts'
import { checkBackbone } from '../backbones/same-backbone.ts'
import { chooseBackend } from '../backend/choose-backend.ts'
import { judgeByCheckpoint } from '../finetune/judge-checkpoint.ts'
import { DEFAULT_TEACHING, isRead } from '../fit/targets.ts'
import { readCheckpoint } from '../model/checkpoint.ts'
import { checkpointKind } from '../model/checkpoint-kind.ts'
import { readNetwork } from '../model/network-checkpoint.ts'
import { readCases, readCorpus } from './corpus.ts'
import { readJsonLines } from './json-lines.ts'
import { speakingCycle } from './newest.ts'
import { predictionOf, probabilitiesOf, scoreBy } from './predict.ts'
import { candidateOf, expertValues, rankPool } from './rank.ts'

/**
 * Scores every case of the workspace by one checkpoint (by default the promoted, else the newest cycle's). Cases the
 * heads learned from are scored too: for honest figures of these, take the cycle's own out-of-fold predictions.
 */
export async function predictWorkspace(
  workspace: Workspace,
  {
    model: path,
    init,
    backend = 'auto',
    ...run
  }: RunOptions & { model?: string; init?: string; backend?: string } = {},
): Promise<{ model: string; predictions: Prediction[] }> {
  const from =
    path ?? join(workspace.paths.cycle((await speakingCycle(workspace)).id), 'checkpoint.safetensors')
  await chooseBackend(backend)
  if ((await checkpointKind(from)) === 'network')
    return { model: from, predictions: await predictByNetwork(workspace, from, run) }
  const { model, configuration } = await readCheckpoint(from)
  const weights = init ?? configuration.init
  const backbone = await loadBackbone(configuration.backbone, {
    ...run,
    ...(weights === null ? {} : { init: weights }),
  })
  checkBackbone(backbone, configuration, 'this checkpoint')
  const corpus = await readCorpus(workspace, backbone, DEFAULT_TEACHING, run)
  return { model: from, predictions: scoreBy(corpus.cases, model).map(predictionOf) }
}

/** Scores every case by a fine-tuned network; a picture that doesn't decode is reported and left out. */
async function predictByNetwork(workspace: Workspace, from: string, run: RunOptions): Promise<Prediction[]> {
  const { states, split } = await readCases(workspace)
  const items = new Map(
    states.map(state => [state.image, { id: state.image, path: workspace.paths.image(state.imageFile) }]),
  )
  const { rows, leftOut } = await judgeByCheckpoint(await readNetwork(from), [...items.values()], run)
  for (const { id, why } of leftOut)
    run.onProgress?.({
      step: 'scoring pictures',
      done: rows.size,
      total: items.size,
      problem: { item: id, code: 'image-undecodable', message: `image: ${id}: left out: ${why}` },
    })
  return states.flatMap(state => {
    const [found, placed] = [rows.get(state.image), split.cases[state.id]]
    if (!found || !placed) return []
    const pool = placed.side === 'train' && !isRead(state)
    return [predictionOf({ case: { state, side: placed.side, pool }, fold: null, ...found })]
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
