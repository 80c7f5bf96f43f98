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
import { bindKeys, keepFocusOnClick } from '../review/bind-keys.ts'
import { createLook } from '../review/look.ts'
import { Viewport } from '../review/viewport.tsx'
import { tell } from '../shell/notices.tsx'
import { preferences } from '../shell/preferences.ts'
import { may } from '../shell/session.ts'
import { setKeyListOpen } from '../shell/whereabouts.ts'
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

  /** A step on the verdict of the case on the screen, where there is one. */
  const change = (step: (made: Verdict, now: Next) => Verdict) => () => {
    const now = next()
    const made = verdict()
    if (now && made) setVerdict(step(made, now))
  }
  function take(event: KeyboardEvent): void {
    const reading = next()?.readings[Number(event.code.at(-1)) - 1]
    if (reading) change(made => takeReading(made, reading.said))()
  }
  const later = () => {
    const now = next()
    if (now) setAfter(now.case.id)
  }
  createEffect(() => {
    const stop = bindKeys(
      {
        'verdict-reading': take,
        'verdict-yes': change(made => turnTo(made, 'yes')),
        'verdict-no': change(made => turnTo(made, 'no')),
        'verdict-uncertain': change(made => turnTo(made, 'uncertain')),
        'verdict-open': change(made => turnTo(made, 'not-assessed')),
        'verdict-next-row': change(made => made.step(1)),
        'verdict-previous-row': change(made => made.step(-1)),
        'verdict-settle': event => {
          if (!event.repeat) void settle()
        },
        'verdict-later': later,
        'verdict-undo': () => void undo(),
        keys: () => setKeyListOpen(true),
      },
      { own: { ...preferences.keys }, singleKeys: preferences.singleKeys, first: () => false },
    )
    onCleanup(stop)
  })
  onMount(() => onCleanup(keepFocusOnClick()))

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
                  hounsfield={now().case.hounsfield}
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
                  <button type="button" title="Later (→)" onClick={later}>
                    Later <kbd>→</kbd>
                  </button>
                </div>
                <p class="quiet adjudication-keys">
                  <kbd>1</kbd>…<kbd>{now().readings.length}</kbd> take that reading for the row in hand,{' '}
                  <kbd>p</kbd> present, <kbd>n</kbd> absent, <kbd>u</kbd> uncertain, <kbd>o</kbd> not
                  assessed, <kbd>↑</kbd> <kbd>↓</kbd> another row, <kbd>?</kbd> all keys
                </p>
                <p class="adjudication-caption">
                  <b>{now().case.figure ?? 'Caption'}</b> {now().case.panel ? `(${now().case.panel}) ` : ''}
                  {now().case.caption || 'The caption is shown after your verdict: this case is read blind.'}
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
