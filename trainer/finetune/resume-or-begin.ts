import { codeOf } from '../../data/errors.ts'
import { nodeFiles } from '../../data/workspace/files.ts'
import { type FinetuneRun, finetune } from './finetune.ts'

/**
 * `finetune`, but for folders that are the caller's own: a state of other labels, options or weights is of no use there
 * any more, so it is cleared and the run begins anew.
 */
export async function resumeOrBegin(...[data, backbone, options, run]: Parameters<typeof finetune>) {
  const again = (how: FinetuneRun) => finetune(data, backbone, options, how)
  try {
    return await again(run)
  } catch (error) {
    if (codeOf(error) !== 'run-other') throw error
    await (run.files ?? nodeFiles).remove(run.folder)
    return await again(run)
  }
}
