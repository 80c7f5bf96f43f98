import { For, type JSX, Show } from 'solid-js'
import type { Cause, Head } from '../../../data/records/vocabulary.ts'
import { CAUSE_KEYS, causeFor } from './causes.ts'

/**
 * The line under the rows. After a correction it asks for the cause with one key; else it shows warnings, or the
 * causes given. Its height never changes.
 */
export function CausePrompt(props: {
  asking: Head | null
  causes: Partial<Record<Head, Cause>>
  warnings: readonly string[]
  /** True before anything is decided here. */
  fresh: boolean
  onCause: (head: Head, cause: Cause) => void
}): JSX.Element {
  const given = () =>
    Object.entries(props.causes).map(
      ([head, cause]) => `${head === 'flag' ? 'COVID' : head}: ${cause.replaceAll('-', ' ')}`,
    )
  return (
    <div class="prompt" role="status" aria-live="polite">
      <Show
        when={props.asking}
        fallback={
          <>
            <Show when={props.fresh && props.warnings.length === 0}>
              <p class="quiet prompt-line">Hollow: proposed. Filled: decided by you.</p>
            </Show>
            <Show when={given().length > 0}>
              <p class="quiet prompt-line">cause of {given().join('; ')}</p>
            </Show>
            <Show when={props.warnings.length > 0}>
              <p class="warning prompt-line">
                <span aria-hidden="true">△ </span>
                {props.warnings.join('; ')}
              </p>
            </Show>
          </>
        }
      >
        {head => (
          <>
            <p class="prompt-line">
              Why does {head() === 'flag' ? 'the flag' : head()} differ?{' '}
              <span class="quiet">(any other key goes on)</span>
            </p>
            <div class="prompt-causes">
              <For each={CAUSE_KEYS}>
                {entry => (
                  <button
                    type="button"
                    class="small"
                    title={entry.words}
                    aria-label={entry.words}
                    onClick={() => {
                      const cause = causeFor(entry.key, head())
                      if (cause) props.onCause(head(), cause)
                    }}
                  >
                    <kbd>{entry.key}</kbd> {entry.short}
                  </button>
                )}
              </For>
            </div>
          </>
        )}
      </Show>
    </div>
  )
}
