import { A } from '@solidjs/router'
import { createSignal, For, type JSX, Show } from 'solid-js'
import type { Comparison, Gate } from '../../../data/records/comparison.ts'
import type { PromotionReply } from '../../server/replies.ts'
import { promote } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'
import { cycleWords } from './compare-words.ts'

const VERDICTS: Record<Gate['verdict'], string> = {
  passed: 'passed',
  refused: 'refused',
  na: 'n/a',
  warned: 'warning',
}

/** The conditions of promotion before the button: what each says, and the way on where one refuses. */
export function CycleGates(props: {
  comparison: Comparison
  /** The cycle that is promoted now; null: none. */
  promoted: string | null
  onMoved: (now: PromotionReply) => void
}): JSX.Element {
  const after = () => props.comparison.after.id
  /** The gates ask against what is promoted; another pair's verdicts would mislead. */
  const counts = () => props.promoted === null || props.promoted === props.comparison.before.id
  return (
    <section class="card">
      <h2>
        {props.comparison.promotable
          ? `The gates would let ${cycleWords(after())} take the place of ${cycleWords(props.comparison.before.id)}`
          : `A gate refuses ${cycleWords(after())} the place of ${cycleWords(props.comparison.before.id)}`}
      </h2>
      <ul class="gates">
        <For each={props.comparison.gates}>
          {gate => (
            <li data-gate={gate.verdict}>
              <span class="gate-verdict">{VERDICTS[gate.verdict]}</span> {gate.words}
            </li>
          )}
        </For>
      </ul>
      <Show
        when={props.promoted !== after()}
        fallback={<p class="quiet">{cycleWords(after())} is promoted and speaks for the model.</p>}
      >
        <Show
          when={counts()}
          fallback={
            <p>
              Promoted is {cycleWords(props.promoted ?? '')}:{' '}
              <A href={`/cycles/compare?before=${props.promoted}&after=${after()}`}>
                compare {cycleWords(after())} with that
              </A>{' '}
              to promote it.
            </p>
          }
        >
          <PromoteForm cycle={after()} refused={!props.comparison.promotable} onMoved={props.onMoved} />
        </Show>
      </Show>
    </section>
  )
}

/** Promotes; where a gate refuses, only with a reason, which stays in the history. */
export function PromoteForm(props: {
  cycle: string
  refused: boolean
  onMoved: (now: PromotionReply) => void
}): JSX.Element {
  const [why, setWhy] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal('')
  async function send(): Promise<void> {
    if (props.refused && !why().trim()) return void setFailure('Say why it is promoted all the same.')
    setBusy(true)
    setFailure('')
    try {
      const reason = why().trim()
      const now = await promote({
        cycle: props.cycle,
        ...(props.refused ? { force: true } : {}),
        ...(reason ? { why: reason } : {}),
      })
      props.onMoved(now)
      tell(`${cycleWords(props.cycle)} speaks for the model now.`)
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      class="promote"
      onSubmit={event => {
        event.preventDefault()
        void send()
      }}
    >
      <Show when={props.refused}>
        <label for="promote-why">Why all the same?</label>
        <input
          id="promote-why"
          type="text"
          maxlength="2000"
          value={why()}
          onInput={event => setWhy(event.currentTarget.value)}
        />
      </Show>
      <button type="submit" class="primary" disabled={busy()}>
        {busy()
          ? 'asking the gates…'
          : props.refused
            ? `Promote ${cycleWords(props.cycle)} all the same`
            : `Promote ${cycleWords(props.cycle)}`}
      </button>
      <p class="failure" role="alert">
        {failure()}
      </p>
    </form>
  )
}
