import { A } from '@solidjs/router'
import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import { isUnderWay, type Job } from '../../../data/records/job.ts'
import { LESIONS } from '../../../data/records/vocabulary.ts'
import type { CycleRow, PromotionReply } from '../../server/replies.ts'
import { type CycleOptions, getCycles, getPromotion, startCycle } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { may } from '../shell/session.ts'
import { cycleWords } from './compare-words.ts'
import { CyclePromotion } from './cycle-promotion.tsx'
import { CycleStop } from './cycle-stop.tsx'
import { JobCard } from './job-card.tsx'
import { liveJobs } from './live-jobs.ts'
import { LossCurve } from './loss-curve.tsx'
import { PageFrame } from './page-frame.tsx'
import '../styles/cycles.css'

/** Retraining: start a cycle, watch it, and see what each one learned and gained. */
export default function CyclesPage(): JSX.Element {
  const [cycles, { refetch }] = createResource(getCycles)
  const [promotion, { mutate }] = createResource(getPromotion)
  const live = liveJobs(['cycle'], () => void refetch())
  const [picked, setPicked] = createSignal<readonly string[]>([])
  /** The two ticked, the older first; untouched, the newest against the one that speaks. */
  const pair = () => {
    const own = picked().length > 0 ? picked() : usualPair()
    return own.length === 2 ? own.toSorted((a, b) => Number(a) - Number(b)) : null
  }
  const usualPair = (): readonly string[] => {
    const ids = (cycles()?.rows ?? []).map(row => row.id).sort((a, b) => Number(b) - Number(a))
    const before = ids.find(id => id !== ids[0] && id === cycles()?.speaking) ?? ids[1]
    return ids[0] !== undefined && before !== undefined ? [before, ids[0]] : []
  }
  const tick = (id: string) => {
    const own = picked().length > 0 ? picked() : usualPair()
    // A third tick takes the place of the first.
    setPicked(own.includes(id) ? own.filter(each => each !== id) : [...own, id].slice(-2))
  }
  function moved(now: PromotionReply): void {
    mutate(now)
    void refetch()
  }
  const newest = () => [...(cycles()?.rows ?? [])].sort((a, b) => Number(b.id) - Number(a.id))[0]
  const running = () => live.jobs().some(isUnderWay)
  const shown = () => live.jobs().filter((job, at) => at === 0 || isUnderWay(job))
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
        <Show when={!promotion.error && promotion()}>
          {reply => <CyclePromotion reply={reply()} newest={newest()?.id ?? ''} onMoved={moved} />}
        </Show>
        <section class="card">
          <header class="card-head">
            <h2>{cycles()?.rows.length === 1 ? 'One cycle' : `${cycles()?.rows.length} cycles`}</h2>
            <Show when={may('train') && (cycles()?.rows.length ?? 0) > 1}>
              <span class="quiet">Tick two to compare them.</span>
              <Show when={pair()} fallback={<span class="quiet">One more tick</span>}>
                {two => (
                  <A class="button" href={`/cycles/compare?before=${two()[0]}&after=${two()[1]}`}>
                    Compare {cycleWords(two()[1]!)} with {cycleWords(two()[0]!)}
                  </A>
                )}
              </Show>
            </Show>
          </header>
          <table class="table">
            <thead>
              <tr>
                <Show when={may('train')}>
                  <th scope="col">
                    <span class="hidden">compare</span>
                  </th>
                </Show>
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
                <th scope="col">average precision of lesions, test</th>
                <th scope="col">report</th>
              </tr>
            </thead>
            <tbody>
              <For each={cycles()?.rows}>
                {row => (
                  <CycleLine
                    row={row}
                    speaking={cycles()?.speaking === row.id}
                    ticked={pair()?.includes(row.id) ?? picked().includes(row.id)}
                    onTick={() => tick(row.id)}
                  />
                )}
              </For>
            </tbody>
          </table>
        </section>
        <CycleStop />
      </Show>
    </PageFrame>
  )
}

function CycleLine(props: {
  row: CycleRow
  speaking: boolean
  ticked: boolean
  onTick: () => void
}): JSX.Element {
  const experts = () =>
    (props.row.sources['expert'] ?? 0) +
    (props.row.sources['agreed'] ?? 0) +
    (props.row.sources['adjudicated'] ?? 0)
  return (
    <tr>
      <Show when={may('train')}>
        <td>
          <input
            type="checkbox"
            aria-label={`compare ${cycleWords(props.row.id)}`}
            checked={props.ticked}
            onChange={() => props.onTick()}
          />
        </td>
      </Show>
      <th scope="row">
        <A href={`/cycles/${props.row.id}`}>Cycle {Number(props.row.id) || props.row.id}</A>
        {props.row.promoted ? <span class="under">★ promoted</span> : ''}
        {props.speaking ? <span class="quiet under">speaks for the model</span> : ''}
        <Show when={props.row.faults.length > 0}>
          <span class="failure under" title={props.row.faults.join('; ')}>
            changed since it was sealed:{' '}
            {props.row.faults.length === 1 ? '1 file' : `${props.row.faults.length} files`}
          </span>
        </Show>
      </th>
      <td>{new Date(props.row.sealedAt).toLocaleString()}</td>
      <td>{props.row.backbone}</td>
      <td class="number">{props.row.cases.train} cases</td>
      <td class="number">{experts()} labels</td>
      <td>{aucWords(props.row.auc)}</td>
      <td>{apWords(props.row.aps)}</td>
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

/** "GGO 0.81 (0.70 to 0.90)", a line a lesion; those with no positive are left out. */
function apWords(aps: CycleRow['aps']): JSX.Element {
  const known = LESIONS.filter(lesion => aps[lesion]?.value != null)
  if (known.length === 0) return 'n/a'
  return (
    <For each={known}>
      {lesion => (
        <span class="under" data-head={lesion}>
          {lesion} {aucWords(aps[lesion])}
        </span>
      )}
    </For>
  )
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
