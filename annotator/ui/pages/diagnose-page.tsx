import { A } from '@solidjs/router'
import { createSignal, For, type JSX, Show } from 'solid-js'
import { type Head, LESION_NAMES } from '../../../data/records/vocabulary.ts'
import type { DiagnosisReply } from '../../server/routes/diagnose.ts'
import { diagnosePicture } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { HeatLayer } from '../review/heat-map.tsx'
import { may } from '../shell/session.ts'
import '../styles/diagnose.css'
import { GivePicture } from './give-picture.tsx'
import { PageFrame } from './page-frame.tsx'

const nameOf = (head: Head) => (head === 'flag' ? 'COVID-19' : LESION_NAMES[head])

/** A slice in, what the model says of it out: nothing of it is kept, unless it is given to the pool. */
export default function DiagnosePage(): JSX.Element {
  const [over, setOver] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const [failure, setFailure] = createSignal('')
  const [said, setSaid] = createSignal<{ answer: DiagnosisReply; file: File } | null>(null)
  let chooser!: HTMLInputElement

  async function ask(file: File | null | undefined): Promise<void> {
    if (!file || busy()) return
    setBusy(true)
    setFailure('')
    setSaid(null)
    try {
      setSaid({ answer: await diagnosePicture(file), file })
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <PageFrame title="Diagnose">
      <p class="research">
        <strong>Research use only, not a diagnosis.</strong> The picture is read, answered and forgotten,
        unless you give it to the pool below the answer.
      </p>
      <section
        class="drop"
        aria-label="Drop a CT slice here"
        aria-busy={busy()}
        classList={{ over: over() }}
        onDragOver={event => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={event => {
          event.preventDefault()
          setOver(false)
          void ask(event.dataTransfer?.files[0])
        }}
      >
        <p>Drop one CT slice here: PNG, JPEG or DICOM, up to 20 MB</p>
        <button type="button" class="primary" disabled={busy()} onClick={() => chooser.click()}>
          {busy() ? 'Reading…' : 'Choose a picture'}
        </button>
        <input
          ref={chooser}
          type="file"
          hidden
          aria-label="CT slice"
          accept=".png,.jpg,.jpeg,.webp,.dcm,image/png,image/jpeg,application/dicom"
          onChange={event => {
            void ask(event.currentTarget.files?.[0])
            event.currentTarget.value = ''
          }}
        />
      </section>
      <p class="failure" role="alert">
        {failure()}
      </p>
      <Show when={said()} keyed>
        {({ answer, file }) => (
          <>
            <Answer said={{ ...answer, name: file.name }} />
            <Show when={may('review')}>
              <GivePicture file={file} said={answer} />
            </Show>
          </>
        )}
      </Show>
    </PageFrame>
  )
}

function Answer(props: { said: DiagnosisReply & { name: string } }): JSX.Element {
  const [shown, setShown] = createSignal<Head | null>(null)
  const [opacity, setOpacity] = createSignal(0.6)
  const map = () => props.said.maps.find(each => each.head === shown())
  return (
    <>
      <Show when={props.said.doubts.length > 0}>
        <section class="card" role="alert">
          <h2>Is this one CT slice of a chest?</h2>
          <p>{props.said.doubts.join('; ')}. The model answers whatever it is shown.</p>
        </section>
      </Show>
      <section class="card diagnosis" aria-label="What the model says">
        <figure>
          <div class="diagnosed">
            <img
              alt={`what was given: ${props.said.name}`}
              src={`data:image/png;base64,${props.said.picture.png}`}
            />
            <Show when={map()}>{found => <HeatLayer png={found().png} opacity={opacity()} />}</Show>
          </div>
          <figcaption class="quiet">
            {props.said.picture.width} × {props.said.picture.height} · cycle{' '}
            {Number(props.said.cycle) || props.said.cycle} · {(props.said.milliseconds / 1000).toFixed(1)} s
          </figcaption>
          <Show
            when={props.said.maps.length > 0}
            fallback={
              <p class="quiet">No heat maps: {props.said.mapsAbsent ?? 'nothing speaks for any head'}.</p>
            }
          >
            <label class="opacity">
              Opacity of the heat map
              <input
                type="range"
                min="0.1"
                max="1"
                step="0.05"
                value={opacity()}
                onInput={event => setOpacity(event.currentTarget.valueAsNumber)}
              />
            </label>
          </Show>
        </figure>
        <div>
          <h2>What the model says</h2>
          <ul class="said">
            <For each={props.said.heads}>
              {row => (
                <li data-head={row.head}>
                  <span class="said-name">{nameOf(row.head)}</span>
                  <span class="said-number">{percent(row.probability)}</span>
                  <svg class="said-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="track" width="100" height="10" />
                    <rect class="probability" width={100 * row.probability} height="10" />
                    <Show when={row.range}>
                      {range => (
                        <rect
                          class="range"
                          x={100 * range()[0]}
                          y="4"
                          width={100 * (range()[1] - range()[0])}
                          height="2"
                        />
                      )}
                    </Show>
                    <Show when={row.threshold !== null}>
                      <rect class="point" x={100 * (row.threshold ?? 0) - 0.3} width="0.6" height="10" />
                    </Show>
                  </svg>
                  <span class="quiet said-words">{wordsFor(row)}</span>
                  <Show when={props.said.maps.some(each => each.head === row.head)}>
                    <button
                      type="button"
                      class="small"
                      aria-pressed={shown() === row.head}
                      aria-label={`Heat map of ${nameOf(row.head)}`}
                      onClick={() => setShown(now => (now === row.head ? null : row.head))}
                    >
                      Heat map
                    </button>
                  </Show>
                </li>
              )}
            </For>
          </ul>
          <p class="quiet">
            A lesion’s probability is given COVID-19. The range is that of the heads which each learned
            without one fold of the cases; the upright line is the operating point. A heat map says what a
            score came from, no outline can be read out of it.
          </p>
        </div>
      </section>
      <section class="card" aria-label="Most alike">
        <h2>The cases most alike</h2>
        <Show
          when={props.said.similar.length > 0}
          fallback={
            <p class="quiet">
              None to show{props.said.similarAbsent ? `: ${props.said.similarAbsent}` : ''}.
            </p>
          }
        >
          <ul class="alike">
            <For each={props.said.similar}>
              {near => (
                <li>
                  <A href={`/?case=${encodeURIComponent(near.case)}`}>
                    <img alt={`case ${near.case}`} src={`/images/${near.imageFile}`} loading="lazy" />
                    <span>cosine {near.cosine.toFixed(2)}</span>
                  </A>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </section>
    </>
  )
}

const percent = (share: number) => `${Math.round(100 * share)} %`

function wordsFor(row: DiagnosisReply['heads'][number]): string {
  if (!row.learned) return 'not learned yet: a base rate'
  const range = row.range
    ? `folds ${percent(row.range[0])} to ${percent(row.range[1])}`
    : 'no range over folds'
  const call =
    row.threshold === null
      ? ''
      : row.probability >= row.threshold
        ? ' · above its operating point'
        : ' · below its operating point'
  const worth = row.auc?.value == null ? '' : ` · test AUC ${row.auc.value.toFixed(2)}`
  return range + call + worth
}
