import { useNavigate } from '@solidjs/router'
import { type JSX, Match, Show, Switch } from 'solid-js'
import { heldCases, outboxNow, savingState, setPutOff } from '../saving/saving.ts'

/** Always in the top bar: "all saved" only when everything is on the server's disk. */
export function SavingSign(): JSX.Element {
  const count = () => {
    const state = savingState()
    return state.kind === 'saved' ? 0 : state.waiting
  }
  const message = () => (savingState() as { message?: string }).message ?? ''
  const navigate = useNavigate()
  return (
    <div class="saving" role="status" aria-live="polite" data-state={savingState().kind}>
      <Switch>
        <Match when={savingState().kind === 'saved'}>
          <span>all saved</span> <span aria-hidden="true">●</span>
        </Match>
        <Match when={savingState().kind === 'saving'}>
          <span>saving {count()}</span> <span aria-hidden="true">◌</span>
        </Match>
        <Match when={savingState().kind === 'waiting'}>
          <span>{count()} not yet saved; the server is not reached</span> <span aria-hidden="true">◌</span>
          <button type="button" class="small" onClick={() => outboxNow().retry()}>
            Try now
          </button>
        </Match>
        <Match when={savingState().kind === 'failed'}>
          <span aria-hidden="true">▲</span>{' '}
          <span class="saving-words" title={message()}>
            {count()} not saved: {message()}
          </span>
          <Show
            when={heldCases().length > 0}
            fallback={
              <button type="button" class="small" onClick={() => outboxNow().retry()}>
                Try again
              </button>
            }
          >
            <button
              type="button"
              class="small"
              onClick={() => {
                setPutOff(null)
                navigate('/')
              }}
            >
              Choose
            </button>
          </Show>
        </Match>
      </Switch>
    </div>
  )
}
