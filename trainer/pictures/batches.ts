import { totalmem } from 'node:os'
import { codeOf, messageOf } from '../../data/errors.ts'
import type { Preprocessing } from '../backbones/backbone.ts'
import type { AugmentOptions } from './augment-options.ts'
import { type Augmentation, drawAugmentation } from './augmentation.ts'
import { KeptPictures, keptKey } from './kept-pictures.ts'
import type { PictureDone } from './task.ts'
import { asAugmentation, isWhole, type View } from './views.ts'
import { defaultWorkers, type PictureWorkers, startWorkers } from './workers.ts'

export interface PictureItem {
  /** The image's id; the seed of its changes. */
  id: string
  path: string
}

export interface BatchOptions {
  items: readonly PictureItem[]
  /** Positions in `items`, in the order to be read; one may stand more than once. */
  order: Int32Array
  /** Pictures a batch; the last one has what is left. */
  batch: number
  /** null: the pictures as they are. */
  augment: AugmentOptions | null
  /** A fixed view instead of drawn changes (test-time augmentation); `augment` must be null then. */
  view?: View
  preprocessing: Preprocessing
  seed: number
  epoch: number
  /** Threads; 0: on this one. By default one for every core but one. */
  workers?: number
  /** Batches begun before they are asked for. */
  ahead?: number
  signal?: AbortSignal
}

export interface PictureBatch {
  /** Image ids of the rows; without those left out, so that it may be shorter than `batch`, and even empty. */
  ids: string[]
  /** Positions in `items` of the rows. */
  rows: Int32Array
  /** [B, S, S, C] */
  x: Float32Array
  leftOut: { id: string; code: string; why: string }[]
  /** Milliseconds for which the caller waited for this batch. */
  waitedMs: number
}

/** Cropping leaves fewer pixels than the network wants: pictures are kept this much larger. */
export const ROOM = 1.25
/** Bytes of pixels kept in memory, an eighth of it at most: 746 grey pictures at 280 × 280 take 58 MB. */
const KEEP = Math.min(1_500_000_000, totalmem() / 8)

/** Threads and pictures outlive an epoch: one set for the process. */
const kept = new KeptPictures(KEEP)
const threads = new Map<number, PictureWorkers>()

/**
 * Inputs in batches, made ahead of the step that uses them: decoded once and kept in memory, changed by draws that depend
 * on seed, epoch and image only, whatever the number of threads. A picture that doesn't decode is left out of its batch
 * and named there. Ends with the signal's reason when it is aborted.
 */
export async function* openBatches(options: BatchOptions): AsyncGenerator<PictureBatch> {
  const { order, batch, ahead = 3, signal } = options
  const draw = drawer(options)
  const count = Math.ceil(order.length / batch)
  const begun: Promise<Settled[]>[] = []
  let next = 0
  for (let at = 0; at < count; at++) {
    signal?.throwIfAborted()
    // Counted from here: what is done on this thread is waited for too.
    const before = performance.now()
    while (next < count && begun.length <= ahead) {
      const places = order.subarray(next * batch, ++next * batch)
      begun.push(Promise.all(Array.from(places, place => settled(place, draw, options))))
    }
    const outcomes = await abortable(begun.shift()!, signal)
    yield assembled(outcomes, options, performance.now() - before)
  }
}

/** Draws a picture's changes; the second time a picture comes in an epoch it is changed otherwise. */
function drawer({ augment, view, seed, epoch }: BatchOptions): (id: string) => Augmentation | null {
  if (!augment) return () => (view ? asAugmentation(view) : null)
  const times = new Map<string, number>()
  return id => {
    const time = times.get(id) ?? 0
    times.set(id, time + 1)
    return drawAugmentation(augment, `${seed}/${epoch}/${id}/${time}`)
  }
}

type Settled = { place: number } & ({ x: Float32Array } | { error: unknown })

async function settled(
  place: number,
  draw: (id: string) => Augmentation | null,
  { items, preprocessing, augment, view, workers = defaultWorkers() }: BatchOptions,
): Promise<Settled> {
  const item = items[place]
  if (!item) throw new RangeError(`order: ${place}: expected a position in ${items.length} items`)
  const augmentation = draw(item.id)
  const roomy = augment !== null || (view !== undefined && !isWhole(view))
  const workingSize = roomy ? Math.round(ROOM * preprocessing.size) : preprocessing.size
  const key = keptKey(item, workingSize, preprocessing)
  try {
    const done: PictureDone = await threadsFor(workers).run({
      path: item.path,
      preprocessing,
      workingSize,
      prepared: kept.get(key),
      augmentation,
    })
    if (done.prepared) kept.put(key, done.prepared)
    return { place, x: done.x }
  } catch (error) {
    return { place, error }
  }
}

function threadsFor(count: number): PictureWorkers {
  const found = threads.get(count) ?? startWorkers(count)
  threads.set(count, found)
  return found
}

function assembled(
  outcomes: readonly Settled[],
  { items, preprocessing: { size, mean } }: BatchOptions,
  waitedMs: number,
): PictureBatch {
  const good = outcomes.flatMap(one => ('x' in one ? [one] : []))
  const each = size * size * mean.length
  const x = new Float32Array(good.length * each)
  good.forEach((one, row) => {
    x.set(one.x, row * each)
  })
  const leftOut = outcomes.flatMap(one =>
    'error' in one ? [{ id: items[one.place]!.id, code: codeOf(one.error), why: messageOf(one.error) }] : [],
  )
  const rows = Int32Array.from(good, one => one.place)
  return { ids: good.map(one => items[one.place]!.id), rows, x, leftOut, waitedMs }
}

/** The work's outcome, or the signal's reason as soon as it is aborted; what was begun then ends unheard. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work
  let stop = () => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
