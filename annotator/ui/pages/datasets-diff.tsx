import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import { getDifference } from '../api/datasets-api.ts'
import { wordsOf } from '../api/refusal.ts'

/** Cases shown of each kind; the command line lists them all. */
const SHOWN = 20

/** What tells two frozen versions apart. */
export function DatasetDifference(props: { names: string[] }): JSX.Element {
  const [before, setBefore] = createSignal(props.names.at(-2) ?? '')
  const [after, setAfter] = createSignal(props.names.at(-1) ?? '')
  const [diff] = createResource(() => ({ before: before(), after: after() }), getDifference)
  const kinds = () => {
    const found = diff.latest
    if (!found) return []
    return [
      { words: 'added', lines: found.added },
      { words: 'removed', lines: found.removed },
      {
        words: 'relabelled',
        lines: found.relabelled.map(
          each =>
            `${each.case}: ${each.changes.map(({ head, from, to }) => `${head} ${from ?? 'masked'} → ${to ?? 'masked'}`).join(', ')}`,
        ),
      },
      {
        words: 'by a newer version of their preprint',
        lines: found.superseded.map(each => `${each.case}: took the place of ${each.before}`),
      },
      {
        words: 'moved between sides',
        lines: found.moved.map(each => `${each.case}: ${each.from ?? 'no side'} → ${each.to ?? 'no side'}`),
      },
    ]
  }
  const select = (id: string, words: string, value: () => string, set: (name: string) => void) => (
    <div>
      <label for={id}>{words}</label>
      <select id={id} value={value()} onChange={event => set(event.currentTarget.value)}>
        <For each={props.names}>
          {name => (
            <option value={name} selected={name === value()}>
              {name}
            </option>
          )}
        </For>
      </select>
    </div>
  )
  return (
    <section class="card">
      <h2>What changed</h2>
      <form class="form form-row" onSubmit={event => event.preventDefault()}>
        {select('diff-before', 'Earlier version', before, setBefore)}
        {select('diff-after', 'Later version', after, setAfter)}
      </form>
      <Show when={!diff.error} fallback={<p class="failure">{wordsOf(diff.error)}</p>}>
        <For each={kinds()}>
          {kind => (
            <details>
              <summary>
                {kind.lines.length} {kind.words}
              </summary>
              <ul>
                <For each={kind.lines.slice(0, SHOWN)}>{line => <li>{line}</li>}</For>
              </ul>
              <Show when={kind.lines.length > SHOWN}>
                <p class="quiet">
                  and {kind.lines.length - SHOWN} more: <code>lesionloop dataset diff</code> lists them
                </p>
              </Show>
            </details>
          )}
        </For>
        <p class="quiet">{diff.latest?.unchanged ?? 0} unchanged</p>
      </Show>
    </section>
  )
}
