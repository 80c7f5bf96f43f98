import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Measure, ShortcutMeasures } from '../../data/records/cycle.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { bootstrapEach } from '../../data/statistics/bootstrap.ts'
import { greyLevels } from '../../data/statistics/grey-levels.ts'
import { logisticProbabilities, logisticRegression } from '../../data/statistics/logistic-regression.ts'
import { headMeasures } from '../../data/statistics/measures.ts'
import { aucOf } from '../../data/statistics/roc.ts'
import { SHORTCUT_FEATURES, shortcutControl, shortcutFeatures } from '../../data/statistics/shortcut.ts'
import { readPixels } from '../../data/workspace/images.ts'
import { acquireLock } from '../../data/workspace/locks.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { openFeatureFile } from '../features/feature-file.ts'
import type { Scored } from './predict.ts'

const AT_A_TIME = 32

/**
 * The ten numbers of the shortcut control (data/statistics/shortcut.ts) of each image, kept in features/ like any
 * other; images that can't be read are not in the answer.
 */
export async function shortcutRows(
  workspace: Workspace,
  images: readonly { id: string; file: string }[],
  { signal, onProgress }: RunOptions = {},
): Promise<ReadonlyMap<string, Float32Array>> {
  const key = createHash('sha256').update(SHORTCUT_FEATURES.join()).digest('hex').slice(0, 8)
  const folder = workspace.paths.featuresOf(`shortcut-${key}`)
  const lock = await acquireLock(workspace, 'features')
  try {
    await workspace.files.makeFolder(folder)
    const cache = await openFeatureFile(workspace.files, folder, SHORTCUT_FEATURES.length)
    const wanted = [...new Map(images.map(image => [image.id, image])).values()]
    const missing = wanted.filter(image => !cache.rows.has(image.id))
    for (let at = 0; at < missing.length; at += AT_A_TIME) {
      signal?.throwIfAborted()
      const batch = missing.slice(at, at + AT_A_TIME)
      const found = (
        await Promise.all(
          batch.map(async ({ id, file }) => {
            // A picture that doesn't decode was told of when features were read.
            const row = await readShortcut(workspace.paths.image(file)).catch(() => null)
            return row === null ? [] : [{ id, row }]
          }),
        )
      ).flat()
      if (found.length > 0)
        await cache.append(
          found.map(({ id }) => id),
          Float32Array.from(found.flatMap(({ row }) => row)),
        )
      onProgress?.({
        step: 'reading file formats and grey levels',
        done: wanted.length - missing.length + at + batch.length,
        total: wanted.length,
      })
    }
    return cache.rows
  } finally {
    await lock.release()
  }
}

async function readShortcut(path: string): Promise<number[]> {
  const pixels = await readPixels(path)
  const { width, height } = pixels
  const { size } = await stat(path)
  return shortcutFeatures({ format: formatOf(path), width, height, bytes: size, grey: greyLevels(pixels) })
}

/** File format by the name the workspace gave the file: "png", "jpeg", "webp". */
export const formatOf = (file: string) => extname(file).slice(1).toLowerCase().replace(/^jpg$/, 'jpeg')

/**
 * The flag told from the shortcut alone, by the model, and by both together, on the same cases: what the model adds is
 * the paired gain of both over the shortcut. null where a side has one class only.
 */
export function measureShortcut(
  scored: readonly Scored[],
  rows: ReadonlyMap<string, Float32Array>,
  bootstrap: { samples: number; seed: number },
): ShortcutMeasures | null {
  const known = scored.filter(one => one.case.truth[0]!.value !== null && rows.has(one.case.state.image))
  const train = known.filter(one => one.fold !== null)
  const test = known.filter(one => one.case.side === 'test')
  const label = (one: Scored) => one.case.truth[0]!.value as number
  const both = (list: readonly Scored[]) => new Set(list.map(label)).size === 2
  if (!both(train) || !both(test)) return null
  const alone = (one: Scored) => Array.from(rows.get(one.case.state.image)!)
  const withModel = (one: Scored) => [...alone(one), one.logits[0]!]
  const labels = train.map(label)
  const shortcut = shortcutControl(train.map(alone), labels, test.map(alone))
  // The model's column of the training cases is out of fold, so that it is worth there what it is worth on test.
  const fitted = logisticRegression(train.map(withModel), labels, { classWeights: 'balanced' })
  const together = logisticProbabilities(fitted, test.map(withModel))
  const truth = test.map(label)
  const of = {
    shortcut: aucOf(shortcut, truth),
    model: aucOf(
      test.map(one => one.probabilities[0]!),
      truth,
    ),
    together: aucOf(together, truth),
  }
  const intervals = bootstrapEach(
    test.map(one => one.case.group),
    {
      ...of,
      gain: (weights: Float64Array) => {
        const [one, other] = [of.together(weights), of.shortcut(weights)]
        return one === null || other === null ? null : one - other
      },
    },
    bootstrap,
  )
  const positives = truth.reduce((sum, value) => sum + value, 0)
  const measure = ({
    value,
    low,
    high,
  }: {
    value: number | null
    low: number | null
    high: number | null
  }): Measure => ({
    value,
    low,
    high,
    n: truth.length,
    positives,
    ...(value === null ? { na: 'one class only' } : {}),
  })
  const within = [...new Set(test.map(one => formatOf(one.case.state.imageFile)))].sort().map(format => {
    const at = test.flatMap((one, place) => (formatOf(one.case.state.imageFile) === format ? [place] : []))
    const part = <T>(all: ArrayLike<T>) => at.map(place => all[place]!)
    const aucBy = (scores: ArrayLike<number>) =>
      headMeasures(
        part(scores),
        part(truth),
        at.map(place => test[place]!.case.group),
        null,
        bootstrap,
      ).auc
    return { format, shortcut: aucBy(shortcut), model: aucBy(test.map(one => one.probabilities[0]!)) }
  })
  return {
    side: 'test',
    within,
    shortcut: measure(intervals.shortcut),
    model: measure(intervals.model),
    together: measure(intervals.together),
    gain: measure(intervals.gain),
  }
}
