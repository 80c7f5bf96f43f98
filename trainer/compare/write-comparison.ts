import { join } from 'node:path'
import type { Comparison } from '../../data/records/comparison.ts'
import type { RunOptions } from '../../data/records/job.ts'
import { writeFileAtomically, writeJson } from '../../data/workspace/files.ts'
import type { Workspace } from '../../data/workspace/open.ts'
import { pictureAt } from '../../data/workspace/picture-at.ts'
import { smallPicture } from '../report/pictures.ts'
import { comparisonHtml, type FlipPictures, shownFlips } from './compare-page.ts'

/** Writes comparison.json and comparison.html, the flips in it as pictures; a picture that is gone is left out. */
export async function writeComparison(
  workspace: Workspace,
  comparison: Comparison,
  out: string,
  { signal, onProgress }: RunOptions = {},
): Promise<string[]> {
  const { files } = workspace
  const shown = shownFlips(comparison)
  const pictures: Record<string, FlipPictures[string]> = {}
  for (const [at, { image, imageFile }] of shown.entries()) {
    signal?.throwIfAborted()
    onProgress?.({ step: 'drawing flips', done: at, total: shown.length })
    if (pictures[image]) continue
    const small = await pictureAt(workspace, imageFile)
      .then(path => smallPicture(path, imageFile))
      .catch(() => null)
    if (small) pictures[image] = small
  }
  await files.makeFolder(out)
  await writeJson(files, join(out, 'comparison.json'), comparison)
  await writeFileAtomically(files, join(out, 'comparison.html'), comparisonHtml(comparison, pictures))
  return ['comparison.json', 'comparison.html']
}
