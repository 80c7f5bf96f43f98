import { For, type JSX, Show } from 'solid-js'
import type { Job } from '../../../data/records/job.ts'
import { cancelJob, resumeJob } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'

const STATES: Record<Job['state'], string> = {
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
  const doing = () => `${KINDS[props.job.kind]}: ${progress()?.step ?? 'starting'}`
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
        <time class="quiet" dateTime={props.job.startedAt}>
          since {new Date(props.job.startedAt).toLocaleString()}
        </time>
        <Show when={props.job.state === 'running'}>
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
      <Show when={props.job.state === 'running'}>
        <Show when={share() !== undefined} fallback={<progress aria-label={doing()} />}>
          <progress aria-label={doing()} max="1" value={share() ?? 0} />
        </Show>
        <p class="job-step">
          {progress()?.step ?? 'starting'}
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
