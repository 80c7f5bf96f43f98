import { createSignal, onCleanup } from 'solid-js'
import { isUnderWay, type Job, type JobKind } from '../../../data/records/job.ts'
import { getJobs } from '../api/desk-api.ts'

/**
 * Jobs as they go. The stream is opened again by the browser where it breaks; the list is read afresh then, so that
 * nothing is missed.
 */
export function liveJobs(kinds: readonly JobKind[], onEnd: (job: Job) => void = () => {}) {
  const [jobs, setJobs] = createSignal<readonly Job[]>([])
  const [failure, setFailure] = createSignal<unknown>(null)

  const load = () =>
    getJobs().then(
      reply => {
        setJobs(reply.jobs.filter(job => kinds.includes(job.kind)))
        setFailure(null)
      },
      error => setFailure(error),
    )

  function take(job: Job): void {
    if (!kinds.includes(job.kind)) return
    const before = jobs().find(each => each.id === job.id)
    setJobs(list =>
      [job, ...list.filter(each => each.id !== job.id)].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),
    )
    if (!isUnderWay(job) && before && isUnderWay(before)) onEnd(job)
  }

  const stream = new EventSource('/api/events')
  stream.addEventListener('job', event =>
    take((JSON.parse((event as MessageEvent<string>).data) as { job: Job }).job),
  )
  stream.addEventListener('open', () => void load())
  void load()
  onCleanup(() => stream.close())
  return { jobs, take, failure, load }
}
