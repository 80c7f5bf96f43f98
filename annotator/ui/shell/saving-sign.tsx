import { type JSX, Match, Switch } from 'solid-js'
import { outboxNow, savingState } from '../saving/saving.ts'

/** Always in the top bar: "all saved" only when everything is on the server's disk. */
export function SavingSign(): JSX.Element {
  const count = () => {
    const state = savingState()
    return state.kind === 'saved' ? 0 : state.waiting
  }
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
          <span>
            {count()} not saved: {(savingState() as { message: string }).message}
          </span>
        </Match>
      </Switch>
    </div>
  )
}
