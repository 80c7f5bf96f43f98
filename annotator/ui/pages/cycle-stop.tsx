import { createResource, For, type JSX, Show } from 'solid-js'
import { getStopSignals } from '../api/desk-api.ts'

/** Whether reading may stop, head by head and in words. */
export function CycleStop(): JSX.Element {
  const [reply] = createResource(getStopSignals)
  const signals = () => (reply.error ? [] : (reply()?.signals ?? []))
  return (
    <section class="card">
      <h2>May reading stop?</h2>
      <p class="quiet">
        From the audits of all cycles: cases drawn by chance and read blind say how many of the other labels
        would change.
      </p>
      <Show
        when={signals().length > 0}
        fallback={
          <p>
            {reply.loading
              ? 'loading…'
              : 'Not known yet: read the cases of the audit, which stand first in the queue, and run a cycle.'}
          </p>
        }
      >
        <ul class="stop-signals">
          <For each={signals()}>
            {signal => (
              <li data-head={signal.head} data-reached={signal.reached ? '' : undefined}>
                {signal.sentence}
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  )
}
