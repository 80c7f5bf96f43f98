import type { RunOptions } from '../../data/records/job.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { bringPictures } from '../../data/workspace/picture-at.ts'
import { openKeptRows } from '../features/kept-rows.ts'
import { ROWS_OF_A_PART } from '../features/row-parts.ts'
import { judgeByCheckpoint } from '../finetune/judge-checkpoint.ts'
import { HEAD_COUNT } from '../model/la-dnn.ts'
import type { ReadNetwork } from '../model/network-checkpoint.ts'
import { sha256OfFile } from '../weights/find-weights.ts'

/** Where the logits that a fine-tuned network gives are kept: other bytes of the checkpoint, another folder. */
export async function scoresFolder({ paths }: Pick<Workspace, 'paths'>, checkpoint: string): Promise<string> {
  return paths.featuresOf(`scores-${(await sha256OfFile(checkpoint)).slice(0, 16)}`)
}

/**
 * Logits of images by a fine-tuned network, each computed once and kept in features/. Rows may be added by several
 * processes at once. A picture that doesn't decode is reported and left out.
 */
export async function keptScores(
  workspace: Workspace,
  checkpoint: string,
  network: ReadNetwork,
  images: readonly { id: string; file: string }[],
  { signal, onProgress }: RunOptions = {},
): Promise<ReadonlyMap<string, Float32Array>> {
  const wanted = [...new Map(images.map(image => [image.id, image])).values()]
  const ids = wanted.map(({ id }) => id)
  const folder = await scoresFolder(workspace, checkpoint)
  const kept = await openKeptRows(workspace, folder, HEAD_COUNT, ids, { inParts: true })
  const step = 'scoring pictures'
  try {
    const missing = wanted.filter(({ id }) => !kept.rows.has(id))
    const before = wanted.length - missing.length
    onProgress?.({ step, done: before, total: wanted.length })
    for (let at = 0; at < missing.length; at += ROWS_OF_A_PART) {
      signal?.throwIfAborted()
      const part = missing.slice(at, at + ROWS_OF_A_PART)
      const brought = await bringPictures(
        workspace,
        part.map(({ file }) => file),
        signal,
      )
      const items = part.map(({ id, file }) => ({ id, path: workspace.paths.image(file) }))
      const judged = await judgeByCheckpoint(network, items, {
        ...(signal ? { signal } : {}),
        onProgress: ({ done, total }) =>
          onProgress?.({
            step,
            // Counted over the views of each picture there.
            done: before + at + Math.floor((done / Math.max(1, total ?? 1)) * items.length),
            total: wanted.length,
          }),
      })
      for (const { id, why } of judged.leftOut)
        onProgress?.({
          step,
          done: before + at,
          total: wanted.length,
          problem: { item: id, code: 'image-undecodable', message: `image: ${id}: left out: ${why}` },
        })
      const found = [...judged.rows]
      if (found.length > 0)
        await kept.add(
          found.map(([id]) => id),
          Float32Array.from(found.flatMap(([, { logits }]) => logits)),
        )
      await brought.release()
    }
    return kept.rows
  } finally {
    await kept.close()
  }
}
