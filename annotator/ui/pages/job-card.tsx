import { For, type JSX, Show } from 'solid-js'
import { isUnderWay, type Job } from '../../../data/records/job.ts'
import { cancelJob, resumeJob } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'

const STATES: Record<Job['state'], string> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
}

const KINDS: Record<Job['kind'], string> = {
  mine: 'Mining',
  import: 'Import',
  cycle: 'Cycle',
  demo: 'Demo',
  export: 'Export',
  amend: 'Corrections',
  pages: 'Page pictures',
  predict: 'Scoring',
  promote: 'Promotion',
  freeze: 'Frozen version',
}

/** Long work: what it does now, how far it is, its problems, and the way to stop or go on. */
export function JobCard(props: {
  job: Job
  onChange: (job: Job) => void
  children?: JSX.Element
}): JSX.Element {
  const progress = () => props.job.progress
  const share = () => {
    const now = progress()
    return now?.total ? Math.min(1, now.done / now.total) : undefined
  }
  const begun = () => (props.job.state === 'waiting' ? 'waiting for a worker' : 'starting')
  const doing = () => `${KINDS[props.job.kind]}: ${progress()?.step ?? begun()}`
  const took = () => {
    if (!props.job.endedAt) return ''
    const seconds = Math.round((Date.parse(props.job.endedAt) - Date.parse(props.job.startedAt)) / 1000)
    return seconds < 90 ? `, took ${seconds} s` : `, took ${Math.round(seconds / 60)} min`
  }
  const change = (asked: Promise<{ job: Job }>) =>
    asked.then(
      reply => props.onChange(reply.job),
      error => tell(wordsOf(error), { bad: true }),
    )
  return (
    <article class="card job" data-state={props.job.state}>
      <header class="card-head">
        <h3>
          {KINDS[props.job.kind]}: {STATES[props.job.state]}
        </h3>
        <span class="quiet">
          <time dateTime={props.job.startedAt}>{new Date(props.job.startedAt).toLocaleString()}</time>
          {took()}
        </span>
        <Show when={isUnderWay(props.job)}>
          <button type="button" class="small" onClick={() => void change(cancelJob(props.job.id))}>
            Cancel
          </button>
        </Show>
        <Show when={['interrupted', 'cancelled', 'failed'].includes(props.job.state)}>
          <button type="button" class="small" onClick={() => void change(resumeJob(props.job.id))}>
            Go on
          </button>
        </Show>
      </header>
      <Show when={isUnderWay(props.job)}>
        <Show when={share() !== undefined} fallback={<progress aria-label={doing()} />}>
          <progress aria-label={doing()} max="1" value={share() ?? 0} />
        </Show>
        <p class="job-step">
          {progress()?.step ?? begun()}
          <Show when={progress()?.total}>
            {' '}
            · {progress()?.done} of {progress()?.total}
          </Show>
          <Show when={progress()?.detail}>
            {' '}
            · <span class="quiet">{progress()?.detail}</span>
          </Show>
        </p>
      </Show>
      <Show when={resultWords(props.job)}>{words => <p>{words()}</p>}</Show>
      <Show when={props.job.error}>{error => <p class="failure">{error().message}</p>}</Show>
      <Show when={props.job.problems.length > 0}>
        <details class="problems" open={props.job.problems.length < 4}>
          <summary>
            {props.job.problems.length} {props.job.problems.length === 1 ? 'problem' : 'problems'}; the rest
            went through
          </summary>
          <ul>
            <For each={props.job.problems}>{problem => <li>{problem.message}</li>}</For>
          </ul>
        </details>
      </Show>
      {props.children}
    </article>
  )
}

/** What came of it, in words: the numbers that the verb printed as its result. */
export function resultWords(job: Pick<Job, 'state' | 'result'>): string {
  if (job.state !== 'done' || typeof job.result !== 'object' || job.result === null) return ''
  const parts = Object.entries(job.result).flatMap(([name, value]) => {
    if (typeof value === 'number') return [`${name} ${value.toLocaleString('en')}`]
    if (Array.isArray(value) && value.length > 0) return [`${name} ${value.length}`]
    return name === 'cycle' && typeof value === 'string' ? [`cycle ${Number(value) || value} is sealed`] : []
  })
  return parts.join(' · ')
}
