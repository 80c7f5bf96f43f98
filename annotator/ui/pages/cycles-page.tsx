import { A } from '@solidjs/router'
import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import type { Job } from '../../../data/records/job.ts'
import type { CycleRow } from '../../server/replies.ts'
import { type CycleOptions, getCycles, startCycle } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { may } from '../shell/session.ts'
import { JobCard } from './job-card.tsx'
import { liveJobs } from './live-jobs.ts'
import { LossCurve } from './loss-curve.tsx'
import { PageFrame } from './page-frame.tsx'

/** Retraining: start a cycle, watch it, and see what each one learned and gained. */
export default function CyclesPage(): JSX.Element {
  const [cycles, { refetch }] = createResource(getCycles)
  const live = liveJobs(['cycle'], () => void refetch())
  const newest = () => [...(cycles()?.rows ?? [])].sort((a, b) => Number(b.id) - Number(a.id))[0]
  const running = () => live.jobs().some(job => job.state === 'running')
  const shown = () => live.jobs().filter((job, at) => at === 0 || job.state === 'running')
  return (
    <PageFrame title="Cycles" failure={cycles.error} onRetry={() => void refetch()}>
      <Show when={may('train')}>
        <StartCycle busy={running()} unmentioned={newest()?.unmentioned} onStarted={live.take} />
      </Show>
      <For each={shown()}>
        {job => (
          <JobCard job={job} onChange={live.take}>
            <Show when={job.points.length > 1}>
              <LossCurve points={job.points} />
            </Show>
          </JobCard>
        )}
      </For>
      <Show
        when={(cycles()?.rows.length ?? 0) > 0}
        fallback={
          <p class="quiet">
            {cycles.loading
              ? 'loading…'
              : 'No cycle yet. Start one: it learns from the labels there are, and ranks the cases to review next.'}
          </p>
        }
      >
        <section class="card">
          <h2>{cycles()?.rows.length === 1 ? 'One cycle' : `${cycles()?.rows.length} cycles`}</h2>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">cycle</th>
                <th scope="col">sealed</th>
                <th scope="col">backbone</th>
                <th scope="col" class="number">
                  learned from
                </th>
                <th scope="col" class="number">
                  by experts
                </th>
                <th scope="col">AUC of the flag, test (95 %)</th>
                <th scope="col">report</th>
              </tr>
            </thead>
            <tbody>
              <For each={cycles()?.rows}>
                {row => <CycleLine row={row} speaking={cycles()?.speaking === row.id} />}
              </For>
            </tbody>
          </table>
        </section>
      </Show>
    </PageFrame>
  )
}

function CycleLine(props: { row: CycleRow; speaking: boolean }): JSX.Element {
  const experts = () =>
    (props.row.sources['expert'] ?? 0) +
    (props.row.sources['agreed'] ?? 0) +
    (props.row.sources['adjudicated'] ?? 0)
  return (
    <tr>
      <th scope="row">
        <A href={`/cycles/${props.row.id}`}>Cycle {Number(props.row.id) || props.row.id}</A>
        {props.speaking ? <span class="quiet under">speaks for the model</span> : ''}
      </th>
      <td>{new Date(props.row.sealedAt).toLocaleString()}</td>
      <td>{props.row.backbone}</td>
      <td class="number">{props.row.cases.train} cases</td>
      <td class="number">{experts()} labels</td>
      <td>{aucWords(props.row.auc)}</td>
      <td>
        <a href={`/cycles/${props.row.id}/report.html`} target="_blank" rel="noreferrer">
          report<span class="hidden"> of cycle {props.row.id}</span>
        </a>
      </td>
    </tr>
  )
}

/** "0.87 (0.82 to 0.92)", or n/a with its reason. */
export function aucWords(auc: CycleRow['auc']): string {
  if (!auc) return 'n/a'
  if (auc.value === null) return `n/a: ${auc.na ?? 'not measured'}`
  const interval =
    auc.low === null || auc.high === null ? '' : ` (${auc.low.toFixed(2)} to ${auc.high.toFixed(2)})`
  return auc.value.toFixed(3) + interval
}

function StartCycle(props: {
  busy: boolean
  /** What the newest cycle did with lesions that a text does not name. */
  unmentioned: CycleRow['unmentioned'] | undefined
  onStarted: (job: Job) => void
}): JSX.Element {
  const [failure, setFailure] = createSignal('')
  const [options, setOptions] = createSignal<CycleOptions>({})
  return (
    <section class="card">
      <h2>Start a cycle</h2>
      <p class="quiet">
        It learns from the labels as they stand now, measures itself on cases it has not learned from, and
        brings up what it is least sure of. You can go on reviewing meanwhile.
      </p>
      <form
        class="start-cycle"
        onSubmit={event => {
          event.preventDefault()
          setFailure('')
          startCycle(options()).then(
            reply => props.onStarted(reply.job),
            error => setFailure(wordsOf(error)),
          )
        }}
      >
        <label class="tick">
          <input
            type="checkbox"
            checked={options().onlyExpert ?? false}
            onChange={event => setOptions(now => ({ ...now, onlyExpert: event.currentTarget.checked }))}
          />
          learn from experts’ labels only
        </label>
        <label class="tick">
          <input
            type="checkbox"
            checked={(options().unmentioned ?? props.unmentioned) === 'absent'}
            onChange={event =>
              setOptions(now => ({ ...now, unmentioned: event.currentTarget.checked ? 'absent' : 'masked' }))
            }
          />
          a lesion that the text doesn’t name is absent
        </label>
        <button type="submit" class="primary" disabled={props.busy}>
          {props.busy ? 'A cycle is running' : 'Start a cycle'}
        </button>
      </form>
      <p class="failure" role="alert">
        {failure()}
      </p>
    </section>
  )
}
