import { createSignal, For, type JSX } from 'solid-js'
import { isUnderWay } from '../../../data/records/job.ts'
import { type ExportQuery, freezeVersion } from '../api/datasets-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'
import { liveJobs } from './live-jobs.ts'

/** Freezes what is chosen on the page, as a job: a large set takes minutes, and the desk goes on meanwhile. */
export function FreezeForm(props: { query: ExportQuery; onDone: () => void }): JSX.Element {
  let field!: HTMLInputElement
  const [asking, setAsking] = createSignal(false)
  const freezes = liveJobs(['freeze'], job => {
    const name = job.args[2]
    if (job.state === 'done') tell(`${name}: frozen`)
    else tell(`${name}: ${job.error?.message ?? `not frozen (${job.state})`}`, { bad: true })
    props.onDone()
  })
  const running = () => freezes.jobs().filter(isUnderWay)
  const freeze = async (): Promise<void> => {
    setAsking(true)
    try {
      freezes.take((await freezeVersion(field.value.trim(), props.query)).job)
      field.value = ''
    } catch (error) {
      tell(wordsOf(error), { bad: true })
    } finally {
      setAsking(false)
    }
  }
  return (
    <form
      class="form form-row"
      onSubmit={event => {
        event.preventDefault()
        void freeze()
      }}
    >
      <div>
        <label for="version-name">Name of the new version (small letters, digits, dots, dashes)</label>
        <input id="version-name" ref={field} required pattern="[a-z0-9][a-z0-9._\-]*" maxLength="64" />
      </div>
      <button type="submit" disabled={asking() || running().length > 0}>
        Freeze what is chosen above
      </button>
      <For each={running()}>
        {job => (
          <p role="status">
            {job.args[2]}: {job.progress?.step ?? 'starting'}
            {job.progress?.total ? `, ${job.progress.done} of ${job.progress.total}` : ''}
          </p>
        )}
      </For>
    </form>
  )
}
