import { A } from '@solidjs/router'
import {
  createEffect,
  createResource,
  createSignal,
  For,
  type JSX,
  on,
  onCleanup,
  onMount,
  Show,
} from 'solid-js'
import { HEADS, type Head, LESION_NAMES } from '../../../data/records/vocabulary.ts'
import type { AdjudicationReply } from '../../server/replies.ts'
import { getAdjudication, postAct, undoLast } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { belongsToControl, keepFocusOnClick } from '../review/bind-keys.ts'
import { createLook, Viewport } from '../review/viewport.tsx'
import { tell } from '../shell/notices.tsx'
import { may } from '../shell/session.ts'
import { openVerdict, takeReading, turnTo, type Verdict, verdictAct } from './adjudication-verdict.ts'
import { PageFrame } from './page-frame.tsx'
import '../styles/people.css'

type Next = NonNullable<AdjudicationReply['next']>

const nameOfHead = (head: Head) => (head === 'flag' ? 'COVID' : head)

/** Readings that contradict each other, side by side, and the third that settles them: a key a decision, then the next. */
export default function AdjudicationPage(): JSX.Element {
  const [after, setAfter] = createSignal<string | undefined>(undefined)
  const [reply, { refetch }] = createResource(
    () => ({ after: after(), allowed: may('adjudicate') }),
    asked => (asked.allowed ? getAdjudication(asked.after) : null),
  )
  const [verdict, setVerdict] = createSignal<Verdict | null>(null)
  const [busy, setBusy] = createSignal(false)
  const look = createLook()

  /** The case on the screen; it stays while the next one is fetched. */
  const next = () => (reply.error ? null : (reply.latest?.next ?? null))
  createEffect(() => {
    const now = next()
    setVerdict(now ? openVerdict(now) : null)
  })
  createEffect(
    on(
      () => next()?.case.id,
      () => look.setView(null),
    ),
  )

  async function settle(): Promise<void> {
    const now = next()
    const made = verdict()
    if (!now || !made || busy()) return
    const act = verdictAct(made)
    if (!act) {
      tell(`Decide ${made.inHand ? nameOfHead(made.inHand) : 'every row'} first.`)
      return
    }
    setBusy(true)
    try {
      await postAct({ op: crypto.randomUUID(), case: now.case.id, base: now.case.version, act })
      await refetch()
    } catch (error) {
      tell(wordsOf(error), { bad: true })
      await refetch()
    } finally {
      setBusy(false)
    }
  }

  async function undo(): Promise<void> {
    try {
      await undoLast(crypto.randomUUID())
      setAfter(undefined)
      await refetch()
      tell('Undone: the case waits for its verdict again.')
    } catch (error) {
      tell(wordsOf(error), { bad: true })
    }
  }

  function onKey(event: KeyboardEvent): void {
    const now = next()
    const made = verdict()
    if (event.defaultPrevented || belongsToControl(event) || event.altKey) return
    if (event.key === 'Backspace' || ((event.ctrlKey || event.metaKey) && event.key === 'z')) {
      event.preventDefault()
      void undo()
      return
    }
    if (!now || !made || event.ctrlKey || event.metaKey) return
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1]
    const reading = digit ? now.readings[Number(digit) - 1] : undefined
    const value = ({ p: 'yes', n: 'no', u: 'uncertain', o: 'not-assessed' } as const)[event.key.toLowerCase()]
    if (reading) setVerdict(takeReading(made, reading.said))
    else if (value) setVerdict(turnTo(made, value))
    else if (event.key === 'ArrowDown') setVerdict(made.step(1))
    else if (event.key === 'ArrowUp') setVerdict(made.step(-1))
    else if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) void settle()
    else if (event.key === 'ArrowRight') setAfter(now.case.id)
    else return
    event.preventDefault()
  }
  onMount(() => {
    window.addEventListener('keydown', onKey)
    onCleanup(keepFocusOnClick())
    onCleanup(() => window.removeEventListener('keydown', onKey))
  })

  return (
    <PageFrame
      title="Adjudicate"
      failure={reply.error}
      onRetry={() => void refetch()}
      beside={<span class="quiet">{reply.error || !reply.latest ? '' : `${reply.latest.left} waiting`}</span>}
    >
      <Show
        when={may('adjudicate')}
        fallback={<p>Settling disagreements is for adjudicators; a curator can give you that role.</p>}
      >
        <Show
          when={next()}
          fallback={
            <Show when={!reply.loading} fallback={<p class="quiet">loading…</p>}>
              <section class="card narrow">
                <p>
                  No two readings contradict each other. <A href="/people">Hand out cases with overlap</A> so
                  that two people read the same ones; where they differ, you settle it here.
                </p>
              </section>
            </Show>
          }
        >
          {now => (
            <div class="adjudication">
              <section class="adjudication-picture" aria-label="Picture">
                <Viewport
                  file={now().case.imageFile}
                  size={now().case}
                  look={look}
                  boxes={now().readings.flatMap(each => each.boxes)}
                  words={`CT slice of case ${now().case.id}`}
                />
              </section>
              <section class="card" aria-label="Readings">
                <Show when={verdict()}>
                  {made => <Readings next={now()} verdict={made()} set={value => setVerdict(value)} />}
                </Show>
                <div class="decide">
                  <button
                    type="button"
                    class="primary accept"
                    disabled={busy()}
                    onClick={() => void settle()}
                  >
                    Settle and next <kbd>Space</kbd>
                  </button>
                  <button
                    type="button"
                    title="Undo (Backspace)"
                    aria-label="Undo"
                    onClick={() => void undo()}
                  >
                    ↶
                  </button>
                  <button type="button" title="Later (→)" onClick={() => setAfter(now().case.id)}>
                    Later <kbd>→</kbd>
                  </button>
                </div>
                <p class="quiet adjudication-keys">
                  <kbd>1</kbd>…<kbd>{now().readings.length}</kbd> take that reading for the row in hand,{' '}
                  <kbd>p</kbd> present, <kbd>n</kbd> absent, <kbd>u</kbd> uncertain, <kbd>o</kbd> not
                  assessed, <kbd>↑</kbd> <kbd>↓</kbd> another row
                </p>
                <p class="adjudication-caption">
                  <b>{now().case.figure ?? 'Caption'}</b> {now().case.panel ? `(${now().case.panel}) ` : ''}
                  {now().case.caption}
                </p>
              </section>
            </div>
          )}
        </Show>
      </Show>
    </PageFrame>
  )
}

function Readings(props: { next: Next; verdict: Verdict; set: (verdict: Verdict) => void }): JSX.Element {
  const decided = (head: Head) => props.verdict.values[head]
  return (
    <table class="table readings">
      <thead>
        <tr>
          <th scope="col">finding</th>
          <For each={props.next.readings}>
            {(reading, at) => (
              <th scope="col">
                reading <kbd>{at() + 1}</kbd>
                <Show when={reading.notAssessable}>
                  <span class="under">not assessable: {reading.notAssessable}</span>
                </Show>
              </th>
            )}
          </For>
          <th scope="col">your verdict</th>
        </tr>
      </thead>
      <tbody>
        <For each={HEADS}>
          {head => (
            <tr
              data-head={head}
              classList={{
                disputed: props.next.disputed.includes(head),
                'in-hand': props.verdict.inHand === head,
              }}
              aria-current={props.verdict.inHand === head ? 'step' : undefined}
            >
              <th scope="row">
                <button
                  type="button"
                  class="plain row-name"
                  title={head === 'flag' ? 'COVID-19 flag' : LESION_NAMES[head]}
                  onClick={() => props.set(props.verdict.take(head))}
                >
                  {nameOfHead(head)}
                </button>
              </th>
              <For each={props.next.readings}>
                {reading => (
                  <td>
                    <button
                      type="button"
                      class="small said-by"
                      aria-pressed={decided(head) === reading.said[head]}
                      onClick={() => props.set(takeReading(props.verdict.take(head), reading.said))}
                    >
                      {reading.said[head].replace('-', ' ')}
                    </button>
                  </td>
                )}
              </For>
              <td class="verdict">
                {decided(head)?.replace('-', ' ') ?? <span class="quiet">not yet</span>}
              </td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  )
}
