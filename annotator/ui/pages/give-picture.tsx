import { A } from '@solidjs/router'
import { createSignal, For, type JSX, Show } from 'solid-js'
import type { ShareBox } from '../../../data/pictures/black-out.ts'
import { CONSENT } from '../../../data/records/consent.ts'
import type { DiagnosisReply } from '../../server/routes/diagnose.ts'
import { givePicture } from '../api/gift-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { BlackOut } from './black-out.tsx'

/** Nothing of a picture is kept until this is ticked, names are blacked out, and both statements agreed to. */
export function GivePicture(props: { file: File; said: DiagnosisReply }): JSX.Element {
  const [wanted, setWanted] = createSignal(false)
  const [boxes, setBoxes] = createSignal<ShareBox[]>([])
  const [looked, setLooked] = createSignal(false)
  const [agreed, setAgreed] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal('')
  const [given, setGiven] = createSignal<string | null>(null)

  async function give(): Promise<void> {
    if (busy() || !looked() || !agreed()) return
    setBusy(true)
    setFailure('')
    try {
      setGiven((await givePicture(props.file, boxes(), CONSENT.wording)).case)
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <section class="card" aria-label="Give this picture to the pool">
      <Show
        when={!given()}
        fallback={
          <p role="status">
            Given: the picture is a case of the pool now.{' '}
            <A href={`/?case=${encodeURIComponent(given() ?? '')}`}>Open it on the desk</A>
          </p>
        }
      >
        <label class="tick consent-tick">
          <input
            type="checkbox"
            checked={wanted()}
            onChange={event => setWanted(event.currentTarget.checked)}
          />
          Give this picture to the pool
        </label>
        <Show when={wanted()} fallback={<p class="quiet">Not ticked: nothing of it is kept.</p>}>
          <p>
            Only pixels are kept: no file name, no tag, no date.
            <Show when={props.said.identifying.length > 0}>
              {' '}
              This file says whom it shows (
              <For each={props.said.identifying}>{(name, at) => `${at() > 0 ? ', ' : ''}${name}`}</For>); that
              stays behind.
            </Show>{' '}
            <strong>Black out every name, number and date that can be read in the picture</strong>: drag a box
            over it, or add one and move it by the arrow keys. What is under a box is gone before anything is
            stored.
          </p>
          <BlackOut
            png={props.said.picture.png}
            boxes={boxes()}
            change={next => {
              setBoxes(next)
              // What was looked at is another picture now.
              setLooked(false)
            }}
          />
          <label class="tick consent-tick">
            <input
              type="checkbox"
              checked={looked()}
              onChange={event => setLooked(event.currentTarget.checked)}
            />
            {CONSENT.statements.looked}
          </label>
          <label class="tick consent-tick">
            <input
              type="checkbox"
              checked={agreed()}
              onChange={event => setAgreed(event.currentTarget.checked)}
            />
            {CONSENT.statements.agreed}
          </label>
          <p class="actions">
            <button
              type="button"
              class="primary"
              disabled={busy() || !looked() || !agreed()}
              onClick={() => void give()}
            >
              {busy() ? 'Giving…' : 'Give it'}
            </button>
          </p>
          <p class="failure" role="alert">
            {failure()}
          </p>
        </Show>
      </Show>
    </section>
  )
}
