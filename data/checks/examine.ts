import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { codeOf, messageOf } from '../errors.ts'
import { inParallel } from '../formats/in-parallel.ts'
import type { MinedCase } from '../records/case.ts'
import type { RunOptions } from '../records/job.ts'
import { greyLevels } from '../statistics/grey-levels.ts'
import type { ShortcutFacts } from '../statistics/shortcut.ts'
import { readPixels } from '../workspace/images.ts'
import type { Workspace } from '../workspace/open.ts'
import { pictureAt } from '../workspace/picture-at.ts'
import { type BurntInLine, burntInText } from './burnt-in-text.ts'

/** What a check needs to know of the pictures, by image id. */
export interface ExaminedPictures {
  facts: Map<string, ShortcutFacts>
  /** Only pictures with burnt-in text. */
  burntIn: Map<string, BurntInLine[]>
  /** Pictures that could not be read. */
  unreadable: string[]
}

/** Reads every picture once. One that can't be read is reported, left out and named in `unreadable`. */
export async function examinePictures(
  workspace: Workspace,
  cases: Iterable<Pick<MinedCase, 'image' | 'imageFile'>>,
  { signal, onProgress }: RunOptions = {},
): Promise<ExaminedPictures> {
  const files = [...new Map([...cases].map(row => [row.image, row.imageFile]))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const found: ExaminedPictures = { facts: new Map(), burntIn: new Map(), unreadable: [] }
  let done = 0
  const read = await inParallel(files, 2, async ([image, file]) => {
    signal?.throwIfAborted()
    onProgress?.({ step: 'examining pictures', done: done++, total: files.length })
    try {
      const path = await pictureAt(workspace, file)
      const pixels = await readPixels(path)
      const { width, height } = pixels
      const format = extname(file).slice(1).toLowerCase().replace(/^jpg$/, 'jpeg')
      const facts = { format, width, height, bytes: (await stat(path)).size, grey: greyLevels(pixels) }
      return { image, facts, lines: burntInText(pixels) }
    } catch (error) {
      const message = `check: ${messageOf(error)}`
      onProgress?.({
        step: 'examining pictures',
        done,
        total: files.length,
        problem: { item: image, code: codeOf(error), message },
      })
      return { image }
    }
  })
  for (const one of read) {
    if (!('facts' in one) || !one.facts) {
      found.unreadable.push(one.image)
      continue
    }
    found.facts.set(one.image, one.facts)
    if (one.lines.length > 0) found.burntIn.set(one.image, one.lines)
  }
  return found
}
