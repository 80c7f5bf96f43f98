import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { codeOf, LesionloopError } from '../../data/errors.ts'
import {
  type FileOperations,
  nodeFiles,
  readJsonIfThere,
  writeFileAtomically,
  writeJson,
} from '../../data/workspace/files.ts'
import { encodeSafetensors, type HostTensor, readSafetensors } from '../weights/safetensors.ts'
import type { EpochRecord } from './history.ts'
import type { Tensors } from './optimizer.ts'
import type { Learning } from './training-step.ts'

/** What is known of a run besides its tensors, as it stood at the end of an epoch. */
export interface RunProgress {
  /** The last whole epoch; 0: none yet. */
  epoch: number
  history: EpochRecord[]
  /** The epoch whose parameters are kept by `keep: best`; null: none, or not asked for. */
  best: { epoch: number; loss: number } | null
  /** Images left out so far, each with the reason. */
  leftOut: { id: string; why: string }[]
}

/**
 * The folder of one run: `run.json` says what is learned from what, `state.safetensors` holds all that the next epoch
 * needs, `best-NNNN.safetensors` the parameters of the best epoch. Each file is written beside its place and renamed,
 * the state last, so that the folder is sound at every moment.
 */
export interface RunFolder {
  readonly path: string
  readonly files: FileOperations
  /** The state at the end of the last whole epoch; null where there is none. Its tensors are new. */
  resume(): Promise<{ learning: Learning; progress: RunProgress } | null>
  save(learning: Learning, progress: RunProgress): Promise<void>
  /** Parameters kept as the best so far. They count once `save` has said so. */
  keep(parameters: Tensors, epoch: number): Promise<void>
  kept(epoch: number): Promise<Tensors>
}

const STATE = 'state.safetensors'
const bestName = (epoch: number) => `best-${String(epoch).padStart(4, '0')}.safetensors`

/**
 * Opens the folder of a run, or begins one.
 * @param run everything that decides the outcome; a folder that holds another run is refused.
 * @throws LesionloopError `run-other`, `disk-full` (from `save` and `keep`).
 */
export async function openRunFolder(
  path: string,
  run: Record<string, unknown>,
  files: FileOperations = nodeFiles,
): Promise<RunFolder> {
  const fingerprint = createHash('sha256').update(JSON.stringify(run)).digest('hex')
  const there = await readJsonIfThere<{ fingerprint?: string }>(join(path, 'run.json'))
  if (there && there.fingerprint !== fingerprint)
    throw new LesionloopError(
      'run-other',
      `run: ${path}: holds a run with other options, labels or weights: an empty folder or the same run was expected; give another folder, or remove this one`,
      { path },
    )
  await guardDisk(path, async () => {
    await files.makeFolder(path)
    if (!there) await writeJson(files, join(path, 'run.json'), { fingerprint, ...run })
  })
  const state = join(path, STATE)
  return {
    path,
    files,
    async resume() {
      if (!existsSync(state)) return null
      const { tensors, metadata } = await readSafetensors(state)
      const { steps, taken, ...progress } = JSON.parse(metadata['lesionloop']!) as RunProgress & {
        steps: number
        taken: Record<string, number>
      }
      const average = part(tensors, 'average')
      const learning: Learning = {
        parameters: part(tensors, 'parameter'),
        average: average.size > 0 ? average : null,
        optimizer: {
          steps: new Map(Object.entries(taken)),
          first: part(tensors, 'first'),
          second: part(tensors, 'second'),
        },
        steps,
      }
      return { learning, progress }
    },
    async save({ parameters, average, optimizer, steps }, progress) {
      const tensors = new Map<string, HostTensor>()
      put(tensors, 'parameter', parameters)
      if (average) put(tensors, 'average', average)
      put(tensors, 'first', optimizer.first)
      put(tensors, 'second', optimizer.second)
      const metadata = {
        lesionloop: JSON.stringify({ ...progress, steps, taken: Object.fromEntries(optimizer.steps) }),
      }
      await guardDisk(path, () => writeFileAtomically(files, state, encodeSafetensors({ tensors, metadata })))
      await forget(progress.best?.epoch)
    },
    async keep(parameters, epoch) {
      const tensors = new Map<string, HostTensor>()
      put(tensors, 'parameter', parameters)
      const bytes = encodeSafetensors({ tensors, metadata: {} })
      await guardDisk(path, () => writeFileAtomically(files, join(path, bestName(epoch)), bytes))
    },
    kept: async epoch => part((await readSafetensors(join(path, bestName(epoch)))).tensors, 'parameter'),
  }

  /** Removes parameters kept before, which the state no longer names. */
  async function forget(epoch: number | undefined): Promise<void> {
    const name = epoch === undefined ? null : bestName(epoch)
    for (const one of await readdir(path))
      if (/^best-\d+\.safetensors$/.test(one) && one !== name) await files.remove(join(path, one))
  }
}

/** Whatever a full disk stops, the last whole state stays in place. */
export async function guardDisk<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (codeOf(error) !== 'ENOSPC' && codeOf(error) !== 'EDQUOT') throw error
    throw new LesionloopError(
      'disk-full',
      `run: ${path}: the disk is full: the state of the last whole epoch stands; make room and run the same command to go on`,
      { path },
      { cause: error },
    )
  }
}

function put(to: Map<string, HostTensor>, kind: string, tensors: Tensors): void {
  for (const [name, tensor] of tensors)
    to.set(`${kind}/${name}`, { shape: tensor.shape, data: new Float32Array(tensor.dataSync<'float32'>()) })
}

function part(tensors: ReadonlyMap<string, HostTensor>, kind: string): Tensors {
  const found: Tensors = new Map()
  for (const [name, { shape, data }] of tensors)
    if (name.startsWith(`${kind}/`)) found.set(name.slice(kind.length + 1), tf.tensor(data, shape))
  return found
}
