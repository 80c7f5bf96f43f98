import { type JSX, Show } from 'solid-js'
import { wordsOf } from '../api/refusal.ts'

/** What the pages around the desk have in common: a title, a column, and an error with its way on. */
export function PageFrame(props: {
  title: string
  failure?: unknown
  onRetry?: () => void
  beside?: JSX.Element
  children: JSX.Element
}): JSX.Element {
  return (
    <div class="page">
      <header class="page-head">
        <h1>{props.title}</h1>
        {props.beside}
      </header>
      <Show
        when={!props.failure}
        fallback={
          <section class="card" role="alert">
            <p class="failure">{wordsOf(props.failure)}</p>
            <button type="button" class="primary" onClick={() => props.onRetry?.()}>
              Try again
            </button>
          </section>
        }
      >
        {props.children}
      </Show>
    </div>
  )
}
