import { createSignal, For, type JSX, Show } from 'solid-js'
import { Dialog } from '../shell/dialog.tsx'
import { preferences, setPreferences } from '../shell/preferences.ts'
import { CAUSE_KEYS } from './causes.ts'
import { keySign, patternOf } from './key-patterns.ts'
import { KEYMAP, type KeyLine, keysOf, takenBy } from './keymap.ts'

const GROUPS: Record<KeyLine['group'], string> = {
  decide: 'Decide',
  move: 'Move',
  picture: 'Picture',
  caption: 'Caption',
  page: 'Page',
  verdict: 'Adjudicate',
}

/** All keys, in groups; each can be given another one, and single keys can be switched off. */
export function KeyList(props: { onClose: () => void }): JSX.Element {
  const [changing, setChanging] = createSignal<KeyLine | null>(null)
  const [problem, setProblem] = createSignal('')

  function take(event: KeyboardEvent): void {
    const line = changing()
    if (!line) return
    event.stopPropagation()
    if (event.key === 'Escape') {
      event.preventDefault()
      setChanging(null)
      return
    }
    const pattern = patternOf(event)
    if (!pattern) return
    event.preventDefault()
    const other = takenBy(pattern, line.action, preferences.keys)
    if (other) {
      setProblem(`key: ${keySign(pattern)}: already does “${other.words}”; press another one`)
      return
    }
    setPreferences('keys', line.action, [pattern])
    setProblem('')
    setChanging(null)
  }

  return (
    <Dialog title="Keys" wide onClose={props.onClose}>
      <div class="key-groups">
        <For each={Object.entries(GROUPS)}>
          {([group, title]) => (
            <section>
              <h3>{title}</h3>
              <ul>
                <For each={KEYMAP.filter(line => line.group === group)}>
                  {line => (
                    <li>
                      <span class="key-signs">
                        <For each={shown(line)}>{sign => <kbd>{sign}</kbd>}</For>
                      </span>
                      <span>{line.words}</span>
                      <Show when={!line.fixed}>
                        <button
                          type="button"
                          class="plain key-change"
                          aria-label={`${changing()?.action === line.action ? 'press…' : 'change'} the key for: ${line.words}`}
                          onKeyDown={take}
                          onClick={() => {
                            setProblem('')
                            setChanging(line)
                          }}
                        >
                          {changing()?.action === line.action ? 'press…' : 'change'}
                        </button>
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </section>
          )}
        </For>
        <section>
          <h3>After a correction, its cause</h3>
          <ul>
            <For each={CAUSE_KEYS}>
              {entry => (
                <li>
                  <span class="key-signs">
                    <kbd>{entry.key}</kbd>
                  </span>
                  <span>{entry.words}</span>
                </li>
              )}
            </For>
          </ul>
        </section>
      </div>
      <p class="key-problem" role="status">
        {problem()}
      </p>
      <div class="form-end">
        <label class="tick">
          <input
            type="checkbox"
            checked={preferences.singleKeys}
            onChange={event => setPreferences('singleKeys', event.currentTarget.checked)}
          />
          single keys act (off: only those with Ctrl)
        </label>
        <label class="tick">
          <input
            type="checkbox"
            checked={preferences.silent === 'model'}
            onChange={event => setPreferences('silent', event.currentTarget.checked ? 'model' : 'absent')}
          />
          where the text is silent, propose what the model says
        </label>
        <button type="button" onClick={() => setPreferences('keys', {})}>
          All keys as they were
        </button>
      </div>
    </Dialog>
  )
}

/** The same key on other layouts, not worth a line. */
const ALSO = new Set(['=', 'Shift+?', '$mod+Shift+z'])

function shown(line: KeyLine): string[] {
  if (line.action === 'lesion') return ['1', '…', '5']
  if (line.action === 'doubt') return ['⇧ 1', '…', '⇧ 5']
  return [
    ...new Set(
      keysOf(line, preferences.keys)
        .filter(key => !ALSO.has(key))
        .map(keySign),
    ),
  ]
}
