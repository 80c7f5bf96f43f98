import { createEffect, createSignal } from 'solid-js'
import type { DocumentReply } from '../../server/replies.ts'
import { drawPages } from '../api/desk-api.ts'
import { Refusal, wordsOf } from '../api/refusal.ts'
import { liveJobs } from './live-jobs.ts'

/**
 * Has the pages of the document in sight drawn where they are not yet, once; `again` is called when new ones are there.
 * While too many are at work it waits for one of them to end.
 */
export function drawnOnDemand(reply: () => DocumentReply | undefined, again: () => void) {
  const [failure, setFailure] = createSignal<string | null>(null)
  let asked = ''
  const jobs = liveJobs(['pages'], job => {
    const id = reply()?.document.id
    if (!id) return
    if (job.args.includes(id)) {
      const [problem] = job.problems
      setFailure(
        job.state === 'done' && !problem
          ? null
          : (job.error?.message ?? problem?.message ?? 'The pages could not be drawn.'),
      )
      again()
    } else if (asked === '') ask(id)
  })
  function ask(id: string): void {
    asked = id
    drawPages(id).then(
      ({ job }) => jobs.take(job),
      error => {
        // Others are being drawn: asked again when one of them has ended.
        if (error instanceof Refusal && error.code === 'job-running') asked = ''
        else setFailure(wordsOf(error))
      },
    )
  }
  createEffect(() => {
    const now = reply()
    if (!now || asked === now.document.id) return
    if (now.document.format !== 'pdf' || !now.source) {
      if (now.pages.length > 0) setFailure('Its PDF is not in the workspace.')
      return
    }
    if (now.pages.some(({ address }) => address === null)) ask(now.document.id)
  })
  return failure
}
