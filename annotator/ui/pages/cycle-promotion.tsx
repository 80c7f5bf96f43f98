import { createSignal, For, type JSX, Show } from 'solid-js'
import type { PromotionReply } from '../../server/replies.ts'
import { rollBack } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'
import { may } from '../shell/session.ts'
import { cycleWords } from './compare-words.ts'
import { PromoteForm } from './cycle-gates.tsx'

/** Which cycle speaks for the model, since when and why, what spoke before, and the way back. */
export function CyclePromotion(props: {
  reply: PromotionReply
  /** The newest cycle, which speaks where none is promoted. */
  newest: string
  onMoved: (now: PromotionReply) => void
}): JSX.Element {
  const [failure, setFailure] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  async function back(): Promise<void> {
    setBusy(true)
    setFailure('')
    try {
      const now = await rollBack()
      props.onMoved(now)
      tell(`${cycleWords(now.promotion?.cycle ?? '')} speaks for the model again.`)
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <section class="card">
      <Show
        when={props.reply.promotion}
        fallback={
          <>
            <h2>No cycle is promoted yet</h2>
            <p class="quiet">
              The newest one, {cycleWords(props.newest)}, speaks for the model, and the next would take its
              place by itself. Once one is promoted, a later one speaks only when it is promoted too; there is
              nothing to compare the first with.
            </p>
            <Show when={may('train')}>
              <PromoteForm cycle={props.newest} refused={false} onMoved={props.onMoved} />
            </Show>
          </>
        }
      >
        {promotion => (
          <>
            <header class="card-head">
              <h2>
                {cycleWords(promotion().cycle)} is promoted{promotion().forced ? ', against a gate' : ''}
              </h2>
              <span class="quiet">
                since {new Date(promotion().since).toLocaleString()} · by {promotion().by}
              </span>
              <Show when={may('train') && promotion().history.some(step => step.cycle !== promotion().cycle)}>
                <button type="button" class="small" disabled={busy()} onClick={() => void back()}>
                  Roll back
                </button>
              </Show>
            </header>
            <p>{promotion().why}</p>
            <p class="failure" role="alert">
              {failure()}
            </p>
            <Show when={promotion().history.length > 1}>
              <details>
                <summary>What spoke before</summary>
                <ol class="promotions">
                  <For each={promotion().history.toReversed()}>
                    {step => (
                      <li>
                        {new Date(step.since).toLocaleString()}:{' '}
                        {step.how === 'rollback' ? 'rolled back to' : step.forced ? 'forced' : 'promoted'}{' '}
                        {cycleWords(step.cycle)} by {step.by} <span class="quiet under">{step.why}</span>
                      </li>
                    )}
                  </For>
                </ol>
              </details>
            </Show>
          </>
        )}
      </Show>
    </section>
  )
}
