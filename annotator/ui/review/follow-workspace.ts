import type { Job } from '../../../data/records/job.ts'
import { tell } from '../shell/notices.tsx'
import type { Review } from './review-state.ts'

/** Hears what happens in the workspace while a person reads: new cases are offered, an amended case is fetched afresh. */
export function followWorkspace(review: Review): () => void {
  const stream = new EventSource('/api/events')
  stream.addEventListener('workspace', () =>
    tell('There are new cases, or a new queue.', {
      action: { words: 'Load the list', run: () => void review.open() },
      stays: true,
    }),
  )
  // New words mined, panels cut: this case may be another now.
  stream.addEventListener('job', event => {
    const { job } = JSON.parse((event as MessageEvent<string>).data) as { job: Job }
    const id = review.reply()?.case.id
    if (job.kind === 'amend' && job.state === 'done' && id) void review.refresh(id)
  })
  return () => stream.close()
}
