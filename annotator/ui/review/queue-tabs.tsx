import { A } from '@solidjs/router'
import { createResource, For, type JSX, onCleanup, Show } from 'solid-js'
import type { QueueName } from '../../../data/records/cycle.ts'
import { getQueueCounts } from '../api/desk-api.ts'
import { onSaved } from '../saving/saving.ts'
import '../styles/queue-tabs.css'

/** What each queue is, in a line. */
const QUEUES: readonly { name: QueueName | undefined; words: string; about: string }[] = [
  {
    name: undefined,
    words: 'All',
    about: 'the audit first, then what is worth reading, then all other cases',
  },
  { name: 'review', words: 'Review', about: 'what the model is unsure of or has not seen the like of' },
  {
    name: 'audit',
    words: 'Audit',
    about: 'drawn by chance and read blind: it tells how many labels are wrong',
  },
  { name: 'disagreement', words: '≠', about: 'text against picture: the miner or the label is wrong' },
  { name: 'labels', words: 'Labels', about: 'labels that are likely wrong, experts’ too' },
]

/** The queue that an address names; undefined: all. */
export const queueNamed = (name: unknown) => QUEUES.find(queue => queue.name && queue.name === name)?.name

/** One queue at a time, with how many cases wait in it. */
export function QueueTabs(props: {
  queue: QueueName | undefined
  onPick: (queue: QueueName | undefined) => void
}): JSX.Element {
  const [reply, { refetch }] = createResource(getQueueCounts)
  onCleanup(onSaved(() => void refetch()))
  const counts = () => (reply.error ? undefined : reply.latest?.counts)
  const shown = () => QUEUES.filter(({ name }) => !name || (counts()?.[name].total ?? 0) > 0)
  const about = () => QUEUES.find(({ name }) => name === props.queue)?.about
  return (
    <div class="queue-choice">
      <Show when={reply.latest?.cycle}>
        <div class="queue-tabs" role="toolbar" aria-label="Queues">
          <For each={shown()}>
            {({ name, words, about }) => (
              <button
                type="button"
                class="small"
                aria-pressed={props.queue === name}
                aria-label={
                  name === 'disagreement' ? `Text against picture, ${counts()?.[name].open} wait` : undefined
                }
                title={about}
                onClick={() => props.onPick(name)}
              >
                {words}
                <Show when={name && counts()}>
                  {all => <span class="quiet"> {name ? all()[name].open : ''}</span>}
                </Show>
              </button>
            )}
          </For>
        </div>
        <Show when={props.queue}>
          <p class="queue-about quiet">
            {about()}
            <Show when={props.queue === 'labels'}>
              {' '}
              (<A href="/label-audit">the evidence</A>)
            </Show>
          </p>
        </Show>
      </Show>
    </div>
  )
}
