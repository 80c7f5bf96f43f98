import { A, useNavigate } from '@solidjs/router'
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
import { HEADS } from '../../../data/records/vocabulary.ts'
import type { DoubtedLabel } from '../../server/replies.ts'
import { getLabelAudit, postAct } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { belongsToControl, keepFocusOnClick } from '../review/bind-keys.ts'
import { tell } from '../shell/notices.tsx'
import { cycleWords, headWords } from './compare-words.ts'
import { PageFrame } from './page-frame.tsx'
import '../styles/cycles.css'

const SOURCES: Record<string, string> = {
  adjudicated: 'adjudicated',
  agreed: 'agreed by experts',
  expert: "one expert's",
  published: "the dataset's",
  mined: 'mined from the text',
}

/** Labels that are likely wrong, with the evidence: a key opens the case, a key says that the label is right. */
export default function LabelAuditPage(): JSX.Element {
  const [reply, { refetch }] = createResource(getLabelAudit)
  const [head, setHead] = createSignal('')
  const [at, setAt] = createSignal(0)
  const [settled, setSettled] = createSignal<ReadonlySet<string>>(new Set())
  const navigate = useNavigate()
  const open = () =>
    (reply.error ? [] : (reply.latest?.rows ?? [])).filter(row => !row.settled && !settled().has(row.case))
  const rows = () => open().filter(row => !head() || row.head === head())
  const inHand = (): DoubtedLabel | undefined => rows()[Math.min(at(), rows().length - 1)]
  createEffect(on(head, () => setAt(0)))

  const look = (row: DoubtedLabel) => navigate(`/?queue=labels&case=${encodeURIComponent(row.case)}`)

  /** The label stands: said once more, so that it leaves the list and the next cycle knows when it was looked at. */
  async function confirm(row: DoubtedLabel): Promise<void> {
    if (!row.confirm)
      return tell('Nobody has read this case yet: open it, and its rows are decided there.', {
        action: { words: 'Open it', run: () => look(row) },
      })
    try {
      await postAct({ op: crypto.randomUUID(), case: row.case, base: row.version, act: row.confirm })
      setSettled(now => new Set([...now, row.case]))
      tell(`${headWords(row.head)} stays ${row.given ?? 'as it is'}.`)
    } catch (error) {
      tell(wordsOf(error), { bad: true })
      void refetch()
    }
  }

  onMount(() => {
    const listen = (event: KeyboardEvent) => {
      if (belongsToControl(event) || event.ctrlKey || event.metaKey || event.altKey) return
      const row = inHand()
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
      if (step)
        setAt(now => Math.max(0, Math.min(rows().length - 1, Math.min(now, rows().length - 1) + step)))
      else if (row && event.key === 'Enter') look(row)
      else if (row && event.key === 'r') void confirm(row)
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    onCleanup(keepFocusOnClick())
    onCleanup(() => document.removeEventListener('keydown', listen))
  })

  return (
    <PageFrame
      title="Label audit"
      failure={reply.error}
      onRetry={() => void refetch()}
      beside={
        <p class="actions">
          <A class="button" href="/?queue=labels">
            Go through them one by one
          </A>
        </p>
      }
    >
      <p class="quiet">
        Labels that are likely wrong: by models that had not seen the case, the picture looks like those with
        the other answer. A doubt is no proof; most doubted labels of a weak model are right. <kbd>↑</kbd>{' '}
        <kbd>↓</kbd> move, <kbd>Enter</kbd> opens the case to correct it, <kbd>r</kbd> says that the label is
        right.
      </p>
      <Show when={!reply.error && reply()}>
        {known => (
          <Show
            when={known().cycle}
            fallback={
              <p>
                No cycle yet. <A href="/cycles">Start one</A>: it looks at every label it learned from.
              </p>
            }
          >
            {cycle => (
              <section class="card">
                <header class="card-head">
                  <h2>
                    {rows().length === 1 ? 'One doubted label' : `${rows().length} doubted labels`} of{' '}
                    {cycleWords(cycle())}
                  </h2>
                  <label for="doubt-head">of</label>
                  <select
                    id="doubt-head"
                    class="short"
                    value={head()}
                    onChange={event => setHead(event.currentTarget.value)}
                  >
                    <option value="">every head ({open().length})</option>
                    <For each={HEADS}>
                      {each => (
                        <option value={each}>
                          {headWords(each)} ({open().filter(row => row.head === each).length})
                        </option>
                      )}
                    </For>
                  </select>
                </header>
                <Show when={known().hidden > 0}>
                  <p class="quiet">
                    {known().hidden} more are about cases that you have not read: what others said there is
                    told after your own reading.
                  </p>
                </Show>
                <Show when={rows().length > 0} fallback={<p>No label is in doubt here.</p>}>
                  <table class="table doubts">
                    <thead>
                      <tr>
                        <th scope="col">case</th>
                        <th scope="col">label</th>
                        <th scope="col" class="number">
                          picture
                        </th>
                        <th scope="col" class="number">
                          threshold
                        </th>
                        <th scope="col">why</th>
                        <th scope="col">
                          <span class="hidden">decide</span>
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      <For each={rows()}>
                        {row => (
                          <DoubtLine
                            row={row}
                            here={inHand() === row}
                            onHere={() => setAt(rows().indexOf(row))}
                            onLook={() => look(row)}
                            onConfirm={() => void confirm(row)}
                          />
                        )}
                      </For>
                    </tbody>
                  </table>
                </Show>
              </section>
            )}
          </Show>
        )}
      </Show>
    </PageFrame>
  )
}

function DoubtLine(props: {
  row: DoubtedLabel
  here: boolean
  onHere: () => void
  onLook: () => void
  onConfirm: () => void
}): JSX.Element {
  let line!: HTMLTableRowElement
  createEffect(() => {
    if (props.here) line.scrollIntoView({ block: 'nearest' })
  })
  return (
    <tr ref={line} classList={{ here: props.here }} aria-current={props.here ? 'true' : undefined}>
      <th scope="row">
        <A
          href={`/?queue=labels&case=${encodeURIComponent(props.row.case)}`}
          title={props.row.case}
          onFocus={() => props.onHere()}
        >
          <img
            src={`/images/${props.row.imageFile}`}
            alt={`case ${props.row.case}`}
            width="72"
            height="72"
            loading="lazy"
          />
        </A>
      </th>
      <td>
        <span data-head={props.row.head} class="flip-head">
          {headWords(props.row.head)} {props.row.given ?? 'masked'}
        </span>
        <span class="quiet under">{SOURCES[props.row.source ?? ''] ?? 'unsettled'}</span>
      </td>
      <td class="number">{props.row.probability?.toFixed(2) ?? 'n/a'}</td>
      <td class="number">{props.row.threshold?.toFixed(2) ?? 'n/a'}</td>
      <td>
        {props.row.rank}. {props.row.why}
      </td>
      <td>
        <span class="actions-cell">
          <button type="button" class="small" onClick={() => props.onLook()}>
            Open
          </button>
          <Show when={props.row.confirm}>
            <button type="button" class="small" onClick={() => props.onConfirm()}>
              Label is right
            </button>
          </Show>
        </span>
      </td>
    </tr>
  )
}
