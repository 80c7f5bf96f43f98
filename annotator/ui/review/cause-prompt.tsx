import { For, type JSX } from 'solid-js'
import type { Cause, Head } from '../../../data/records/vocabulary.ts'
import { CAUSE_KEYS, causeFor } from './causes.ts'

/** After a correction: what was its cause? One key answers, any other goes on without. */
export function CausePrompt(props: { head: Head; onCause: (cause: Cause) => void }): JSX.Element {
  return (
    <>
      <p class="prompt-line">
        Why does {props.head === 'flag' ? 'the flag' : props.head} differ?{' '}
        <span class="quiet">(any other key goes on)</span>
      </p>
      <div class="prompt-causes">
        <For each={CAUSE_KEYS}>
          {entry => (
            <button
              type="button"
              class="small"
              title={entry.words}
              onClick={() => {
                const cause = causeFor(entry.key, props.head)
                if (cause) props.onCause(cause)
              }}
            >
              <kbd>{entry.key}</kbd> {entry.short}
            </button>
          )}
        </For>
      </div>
    </>
  )
}
