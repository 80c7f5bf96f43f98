import { join } from 'node:path'
import type { CycleMetrics, CycleRecord, Prediction, QueueEntry } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import type { StopSignal } from '../../data/records/stop-signal.ts'
import type { Side } from '../../data/records/vocabulary.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { strategyOf } from '../acquisition/strategy.ts'
import { loadBackbone, trainableNamed } from '../backbones/load.ts'
import { chooseBackend } from '../backend/choose-backend.ts'
import { type Learned, learn } from '../fit/learn.ts'
import { countSources, DEFAULT_TEACHING, type TeachingOptions } from '../fit/targets.ts'
import { frozenMaps } from '../gradcam/frozen-maps.ts'
import type { MapModel } from '../gradcam/heat-map.ts'
import { encodeCheckpoint, readCheckpoint } from '../model/checkpoint.ts'
import { learnedHeads } from '../model/trained-model.ts'
import { type Corpus, lessonsHash, readCorpus, taught } from './corpus.ts'
import { finetuneCases, measureBoth, onOneScale, SCORED_BY } from './finetune-cases.ts'
import { measureCycle, measureWarnings } from './metrics.ts'
import { type CycleOptions, tuningOf } from './options.ts'
import { predictionOf, type Scored, scoreCases } from './predict.ts'
import { allQueues, rankScored, secondLooks } from './rank.ts'
import { measureShortcut } from './shortcut.ts'
import { shortcutRows } from './shortcut-rows.ts'
import { stopSignals } from './stop-signals.ts'
import { warmStart } from './warm-start.ts'
import { cycleBefore, whichBackbone } from './which-backbone.ts'

/** All that one training gives; nothing of it is written yet. */
export interface Trained {
  backend: CycleRecord['backend']
  backbone: CycleRecord['backbone']
  /** The options as they were carried out: what was left open is filled in. */
  config: Record<string, unknown>
  corpus: Corpus
  learned: Learned
  scored: Scored[]
  checkpoint: Uint8Array
  /** For heat maps: the network with its maps; null where it has none. */
  maps: MapModel | null
  metrics: CycleMetrics
  predictions: Prediction[]
  /** The review with its audit, then the second looks. */
  queue: QueueEntry[]
  stopSignals: StopSignal[]
  learnedFrom: CycleRecord['learnedFrom']
}

/** Under cycles/: the state of a fine-tuning that is under way; removed when its cycle is sealed. */
export const TUNING = 'finetuning'

/** Reads features, learns, measures, predicts and ranks; the workspace is changed in features/ only. */
export async function train(
  workspace: Workspace,
  options: CycleOptions,
  { folder = join(workspace.paths.cycles, TUNING), ...run }: RunOptions & { folder?: string } = {},
): Promise<Trained> {
  strategyOf(options.strategy)
  const before = await cycleBefore(workspace)
  const { name, init } = whichBackbone(options, before)
  // Before anything is computed: the frozen features would take their time.
  if (options.fit === 'finetune') trainableNamed(name)
  const teaching = asBefore(options, before)
  const backend = await chooseBackend(options.backend)
  const backbone = await loadBackbone(name, { ...run, ...(init === null ? {} : { init }) })
  const corpus = await readCorpus(workspace, backbone, teaching, { ...run, batch: options.batch })
  const warm = await warmStart(workspace, options, backbone, corpus.split)
  const outside = corpus.cases.filter(one => one.side === 'train')
  const validation = corpus.cases.filter(one => one.side === 'val')
  const example = ({ features, group, lesson }: Corpus['cases'][number]) => ({ features, group, lesson })
  const first = warm && options.fit === 'heads' ? await readCheckpoint(warm.checkpoint) : null
  const learned = await learn(outside.map(example), validation.map(example), {
    ...withoutFrom(options),
    teaching,
    ...(first ? { from: first.model } : {}),
    ...run,
  })

  const frozen = scoreCases(corpus.cases, outside, learned)
  const tuned =
    options.fit === 'finetune'
      ? await finetuneCases(
          workspace,
          corpus.cases,
          frozen,
          {
            backbone: name,
            init,
            options: tuningOf(options),
            teaching,
            folder,
            ...(warm
              ? {
                  from: { checkpoint: warm.checkpoint, sha256: warm.record.files['checkpoint.safetensors']! },
                }
              : {}),
          },
          run,
        )
      : null
  run.onProgress?.({ step: 'measuring', done: 0, total: null })
  const scored = tuned?.scored ?? frozen
  const bootstrap = { samples: options.samples, seed: options.seed }
  const rows = await shortcutRows(
    workspace,
    corpus.cases.map(({ state }) => ({ id: state.image, file: state.imageFile })),
    run,
  )
  const shortcut = measureShortcut(tuned ? onOneScale(scored) : scored, rows, bootstrap)
  const measured = tuned
    ? measureBoth(tuned, learned.model.heads, bootstrap)
    : measureCycle(scored, learned.model.heads, bootstrap)
  const metrics: CycleMetrics = {
    ...measured,
    curves: {
      ...measured.curves,
      loss: tuned?.loss ?? learned.loss,
      ...(tuned && tuned.auc.length > 0 ? { auc: tuned.auc } : {}),
    },
    warnings: [
      ...learned.warnings,
      ...(tuned?.warnings ?? []).filter(warning => !learned.warnings.includes(warning)),
      ...measureWarnings(measured, shortcut, scored),
      ...corpus.split.warnings.map(warning => warning.message),
      ...(corpus.leftOut.length > 0
        ? [
            `${corpus.leftOut.length} images could not be decoded and were left out: ${corpus.leftOut
              .map(one => one.file)
              .slice(0, 5)
              .join(', ')}`,
          ]
        : []),
    ],
    ...(shortcut ? { shortcut } : {}),
  }
  const pool = scored.filter(one => one.case.pool)
  const { strategy, seed, auditShare } = options
  const heads = learnedHeads(learned.model.heads)
  const toRead = rankScored(scored, { strategy, seed, auditShare, learned: heads, model: learned.model })
  const queue = allQueues(toRead, secondLooks(scored, heads))
  const known = taught(corpus)
  const count = (side: Side) => corpus.cases.filter(one => one.side === side).length
  return {
    backend,
    backbone: { name, weights: backbone.weightsName, weightsSha256: backbone.weightsSha256 },
    config: {
      ...options,
      ...(tuned ? { finetune: tuningOf(options), scoredBy: SCORED_BY, keptAt: tuned.keptAt } : {}),
      ...(warm ? { startedFrom: warm.record.id } : {}),
      ...teaching,
      backbone: name,
      init,
    },
    corpus,
    learned,
    scored,
    checkpoint:
      tuned?.checkpoint ??
      encodeCheckpoint(learned.model, {
        backbone: name,
        weights: backbone.weightsName,
        weightsSha256: backbone.weightsSha256,
        init,
      }),
    maps: tuned?.maps ?? frozenMaps(backbone, learned.model),
    metrics,
    predictions: scored.map(predictionOf),
    queue,
    stopSignals: await stopSignals(workspace, { cases: corpus }),
    learnedFrom: {
      labels: lessonsHash(known),
      cases: { train: known.length, val: count('val'), test: count('test'), pool: pool.length },
      sources: countSources(known.map(one => one.lesson)),
      journalSeq: corpus.journalSeq,
    },
  }
}

/** The heads' options: where they start from is a model there, not a word. */
const withoutFrom = ({ from: _, ...options }: CycleOptions) => options

/** How truths teach: what was left open is as in the newest cycle, so that two cycles can be compared. */
function asBefore(options: CycleOptions, before: CycleRecord | null): TeachingOptions {
  const kept = (name: 'unmentioned' | 'controls') => {
    const value = options[name] ?? before?.config[name]
    return value === 'absent' || value === 'masked' ? value : DEFAULT_TEACHING[name]
  }
  const { onlyExpert, sourceWeights, classWeights } = options
  return {
    onlyExpert,
    sourceWeights,
    classWeights,
    unmentioned: kept('unmentioned'),
    controls: kept('controls'),
  }
}
