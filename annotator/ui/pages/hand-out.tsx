import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import type { Account } from '../../../data/records/people.ts'
import { LESION_NAMES, LESIONS, type Lesion } from '../../../data/records/vocabulary.ts'
import { getDocuments, getSettings, handOut, putSettings } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'
import { setSettings } from '../shell/session.ts'

/** Hands open cases to readers: by lesion, by document, by share, some of them to several people. */
export function HandOut(props: { people: readonly Account[]; onDone: () => void }): JSX.Element {
  const [chosen, setChosen] = createSignal<readonly string[]>([])
  const [lesion, setLesion] = createSignal<Lesion | ''>('')
  const [share, setShare] = createSignal(100)
  const [overlap, setOverlap] = createSignal(20)
  const [readers, setReaders] = createSignal(2)
  const [document, setDocument] = createSignal('')
  const [seed, setSeed] = createSignal(1)
  const [again, setAgain] = createSignal(false)
  const [documents] = createResource(getDocuments)
  const [failure, setFailure] = createSignal('')
  const [busy, setBusy] = createSignal(false)

  async function send(event: Event): Promise<void> {
    event.preventDefault()
    setFailure('')
    setBusy(true)
    try {
      const words = lesion()
      const done = await handOut({
        people: [...chosen()],
        share: share() / 100,
        overlap: overlap() / 100,
        readers: readers(),
        seed: seed(),
        again: again(),
        ...(words === '' ? {} : { lesion: words }),
        ...(document() === '' ? {} : { document: document() }),
      })
      tell(
        done.assigned === 0
          ? 'Nothing was left to hand out: every such case is read or handed out already.'
          : `${done.assigned} cases handed out, ${done.shared} of them to ${readers()} readers.`,
      )
      props.onDone()
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <section class="card">
      <h2>Hand out cases</h2>
      <form class="form" onSubmit={event => void send(event)}>
        <fieldset class="ticks">
          <legend>Readers</legend>
          <For each={props.people}>
            {person => (
              <label class="tick">
                <input
                  type="checkbox"
                  checked={chosen().includes(person.id)}
                  onChange={event =>
                    setChosen(
                      event.currentTarget.checked
                        ? [...chosen(), person.id]
                        : chosen().filter(each => each !== person.id),
                    )
                  }
                />
                {person.name}
              </label>
            )}
          </For>
        </fieldset>
        <div class="form-row">
          <div>
            <label for="hand-lesion">Open cases whose text names</label>
            <select
              id="hand-lesion"
              value={lesion()}
              onChange={event => setLesion(event.currentTarget.value as Lesion | '')}
            >
              <option value="">anything</option>
              <For each={LESIONS}>{each => <option value={each}>{LESION_NAMES[each]}</option>}</For>
            </select>
          </div>
          <Percent id="hand-share" words="Of these, %" value={share()} least={1} onChange={setShare} />
          <Percent
            id="hand-overlap"
            words="Read by several, %"
            value={overlap()}
            least={0}
            onChange={setOverlap}
          />
          <div>
            <label for="hand-readers">Readers each</label>
            <input
              id="hand-readers"
              type="number"
              min="2"
              max="10"
              value={readers()}
              onInput={event => setReaders(event.currentTarget.valueAsNumber || 2)}
            />
          </div>
        </div>
        <details class="more">
          <summary>One document, another draw, handing out again</summary>
          <div class="form-row">
            <div class="wide-field">
              <label for="hand-document">Only of this document</label>
              <select
                id="hand-document"
                value={document()}
                onChange={event => setDocument(event.currentTarget.value)}
              >
                <option value="">every document</option>
                <For each={documents.error ? [] : documents()?.rows}>
                  {row => <option value={row.id}>{row.title ?? row.doi ?? row.file}</option>}
                </For>
              </select>
            </div>
            <div>
              <label for="hand-seed">Seed of the draw</label>
              <input
                id="hand-seed"
                type="number"
                min="0"
                max="2147483647"
                value={seed()}
                onInput={event => setSeed(Math.max(0, event.currentTarget.valueAsNumber || 0))}
              />
            </div>
          </div>
          <label class="tick">
            <input
              type="checkbox"
              checked={again()}
              onChange={event => setAgain(event.currentTarget.checked)}
            />
            also cases that were handed out before and that nobody has read: they go to these readers instead
          </label>
          <p class="quiet">The same seed draws the same cases and gives them to the same readers.</p>
        </details>
        <p class="failure" role="alert">
          {failure()}
        </p>
        <div class="form-end">
          <button type="submit" class="primary" disabled={chosen().length === 0 || busy()}>
            Hand out
          </button>
        </div>
      </form>
    </section>
  )
}

/** How much is read blind, and how much comes again. */
export function ReadingRules(): JSX.Element {
  const [settings, { mutate }] = createResource(getSettings)
  const change = (asked: Parameters<typeof putSettings>[0]) =>
    putSettings(asked).then(
      now => {
        mutate(now)
        // The desk in this window goes by it at once.
        setSettings(now)
      },
      error => tell(wordsOf(error), { bad: true }),
    )
  return (
    <section class="card">
      <h2>How cases are read</h2>
      <Show when={!settings.error && settings()}>
        {now => (
          <div class="form form-row">
            <Percent
              id="blind-share"
              words="Read without text and model, %"
              value={Math.round(100 * now().blindShare)}
              least={0}
              onChange={value => void change({ blindShare: value / 100 })}
            />
            <Percent
              id="repeat-share"
              words="Come again to the same reader, %"
              value={Math.round(100 * now().repeatShare)}
              least={0}
              onChange={value => void change({ repeatShare: value / 100 })}
            />
            <div>
              <label for="repeat-after">after this many others</label>
              <input
                id="repeat-after"
                type="number"
                min="1"
                max="10000"
                value={now().repeatAfter}
                onChange={event => void change({ repeatAfter: event.currentTarget.valueAsNumber || null })}
              />
            </div>
          </div>
        )}
      </Show>
      <p class="quiet">
        Nobody sees another’s reading before their own decision. Cases read blind show whether the proposal
        pulls; cases that come again show how far a reader agrees with themselves. Both are on the page
        Dataset.
      </p>
    </section>
  )
}

function Percent(props: {
  id: string
  words: string
  value: number
  least: number
  onChange: (value: number) => void
}): JSX.Element {
  return (
    <div>
      <label for={props.id}>{props.words}</label>
      <input
        id={props.id}
        type="number"
        min={props.least}
        max="100"
        value={props.value}
        onChange={event => {
          const value = event.currentTarget.valueAsNumber
          props.onChange(Number.isFinite(value) ? Math.min(100, Math.max(props.least, value)) : props.least)
        }}
      />
    </div>
  )
}
