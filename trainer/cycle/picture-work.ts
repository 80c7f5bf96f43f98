import type { RunOptions } from '../../data/records/job.ts'
import { SHORTCUT_FEATURES } from '../../data/statistics/shortcut.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { type LoadedBackbone, loadBackbone } from '../backbones/load.ts'
import { chooseBackend } from '../backend/choose-backend.ts'
import { cachedFeatures, featuresFolder } from '../features/cached-features.ts'
import { isGiven } from '../features/given-features.ts'
import { readKeptRows } from '../features/kept-rows.ts'
import { type Shard, shardOf, shardsFor } from '../features/shard.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import { readNetwork } from '../model/network-checkpoint.ts'
import { caseImages } from './case-images.ts'
import { keptScores, scoresFolder } from './kept-scores.ts'
import type { CycleOptions } from './options.ts'
import { type ModelAsked, openModel } from './scoring-model.ts'
import { shortcutFolder, shortcutRows } from './shortcut-rows.ts'
import { cycleBefore, whichBackbone } from './which-backbone.ts'

type Image = { id: string; file: string }

/** Rows that are computed once for each picture and kept in a folder of features/: what a shard is made of. */
interface PictureWork {
  folder: string
  width: number
  /** Computes what is not there yet of these images. */
  compute(images: readonly Image[], run: RunOptions): Promise<void>
}

/** What was asked for: all that a cycle wants of its pictures, or all that a model wants to score them. */
export type WorkAsked = { cycle: CycleOptions } | { model: ModelAsked }

export interface ShardDone {
  /** Pictures of the shard, and those of them that were not computed before. */
  pictures: number
  computed: number
  /** Pictures that don't decode; whoever puts the shards together names them. */
  leftOut: number
}

export interface ShardPlan {
  /** How many shards there are, and the numbers of those where a picture is missing. */
  of: number
  shards: number[]
  pictures: number
  missing: number
}

/**
 * Computes what is missing of one shard, and keeps it. A shard that is done again costs nothing and gives the same
 * bytes; two processes may work on the same one. Pictures that don't decode are counted, and told of by whoever puts
 * the shards together.
 * @throws LesionloopError `weights-…`, `backend-…`, `no-cycle`.
 */
export async function computeShard(
  workspace: Workspace,
  asked: WorkAsked,
  shard: Shard,
  { signal, onProgress }: RunOptions = {},
): Promise<ShardDone> {
  const images = await caseImages(workspace, shard)
  const todo = new Set<string>()
  const run: RunOptions = {
    ...(signal ? { signal } : {}),
    onProgress: ({ problem: _, ...progress }) => onProgress?.(progress),
  }
  const works = await worksOf(workspace, asked, run)
  for (const work of works) {
    for (const { id } of await missingOf(workspace, work, images)) todo.add(id)
    await work.compute(images, run)
  }
  const [first] = works
  const leftOut = first ? (await missingOf(workspace, first, images)).length : 0
  return { pictures: images.length, computed: todo.size - leftOut, leftOut }
}

/**
 * Which shards hold pictures that nothing was computed of yet.
 * @param options.of how many shards; where nothing is said, about 2,000 pictures each.
 */
export async function planShards(
  workspace: Workspace,
  asked: WorkAsked,
  { of, ...run }: RunOptions & { of?: number } = {},
): Promise<ShardPlan> {
  const images = await caseImages(workspace)
  const count = of ?? shardsFor(images.length)
  const missing = new Set<string>()
  for (const work of await worksOf(workspace, asked, run))
    for (const { id } of await missingOf(workspace, work, images)) missing.add(id)
  const shards = [...new Set([...missing].map(id => shardOf(id, count)))].sort((a, b) => a - b)
  return { of: count, shards, pictures: images.length, missing: missing.size }
}

async function missingOf(workspace: Workspace, { folder, width }: PictureWork, images: readonly Image[]) {
  const ids = images.map(({ id }) => id)
  const kept = await readKeptRows(workspace, folder, width, ids)
  return images.filter(({ id }) => !kept.has(id))
}

async function worksOf(workspace: Workspace, asked: WorkAsked, run: RunOptions): Promise<PictureWork[]> {
  if ('cycle' in asked) {
    const { name, init } = whichBackbone(asked.cycle, await cycleBefore(workspace))
    const shortcut = shortcutWork(workspace)
    // Features that came in a file are nobody's work.
    if (isGiven(name)) return [shortcut]
    await chooseBackend(asked.cycle.backend)
    const backbone = await loadBackbone(name, { ...run, ...(init === null ? {} : { init }) })
    return [featureWork(workspace, backbone, asked.cycle.batch), shortcut]
  }
  const model = await openModel(workspace, asked.model, run)
  if (model.kind === 'heads') return model.backbone.given ? [] : [featureWork(workspace, model.backbone)]
  return [
    {
      folder: await scoresFolder(workspace, model.path),
      width: HEAD_COUNT,
      compute: async (images, how) => {
        await keptScores(workspace, model.path, await readNetwork(model.path), images, how)
      },
    },
  ]
}

const featureWork = (workspace: Workspace, backbone: LoadedBackbone, batch?: number): PictureWork => ({
  folder: featuresFolder(workspace, backbone),
  width: backbone.features,
  compute: async (images, run) => {
    await cachedFeatures(workspace, backbone, images, {
      ...run,
      inParts: true,
      ...(batch === undefined ? {} : { batch }),
    })
  },
})

const shortcutWork = (workspace: Workspace): PictureWork => ({
  folder: shortcutFolder(workspace),
  width: SHORTCUT_FEATURES.length,
  compute: async (images, run) => {
    await shortcutRows(workspace, images, { ...run, inParts: true })
  },
})
