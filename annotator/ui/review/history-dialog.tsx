import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import type { ActPayload } from '../../../data/records/act.ts'
import { LESIONS } from '../../../data/records/vocabulary.ts'
import { getHistory } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { Dialog } from '../shell/dialog.tsx'

/** An act in one readable line. */
export function actWords(act: ActPayload): string {
  switch (act.kind) {
    case 'label':
    case 'adjudicate': {
      const values = LESIONS.filter(lesion => act.lesions[lesion] !== 'absent').map(
        lesion => `${lesion} ${act.lesions[lesion].replace('-', ' ')}`,
      )
      const what = act.notAssessable
        ? `not assessable: ${act.notAssessable}`
        : [`COVID ${act.flag.replace('-', ' ')}`, ...values].join(', ')
      return `${act.kind === 'label' ? 'labelled' : 'adjudicated'}: ${what}`
    }
    case 'reason':
      return `cause of ${act.head === 'flag' ? 'COVID' : act.head}: ${act.cause.replaceAll('-', ' ')}`
    case 'note':
      return `note: ${act.text}`
    case 'discuss':
      return act.closed ? 'closed the discussion' : `asked: ${act.text}`
    case 're-pair':
      return `gave characters ${act.start}–${act.end} to ${act.panels.length > 0 ? `panel ${act.panels.join(', ')}` : 'all panels'}`
    case 'mention':
      return `${act.denied ? 'denied' : 'added'} a mention of ${act.lesion} at ${act.start}–${act.end}`
    case 'caption':
      return 'changed the caption'
    case 'split-panels':
      return `split the figure into ${act.panels.length} panels`
    case 'kind':
      return `said the picture is: ${act.image}`
    case 'box':
      return `${act.removed ? 'removed' : 'drew'} a box for ${act.lesion}`
    case 'assign':
      return 'assigned it'
    case 'undo':
      return `took back act ${act.seq}`
    case 'restore':
      return act.seq === 0 ? 'went back to the beginning' : `went back to act ${act.seq}`
  }
}

/** Who did what to this case, and when; the newest first. */
export function HistoryDialog(props: {
  id: string
  name: (account: string) => string
  /** Goes back to how the case stood after an act; 0: before the first. */
  onRestore: (seq: number, everyone: boolean) => void
  /** Whether the person may take back what others did. */
  mayForEveryone: boolean
  onClose: () => void
}): JSX.Element {
  const [everyone, setEveryone] = createSignal(false)
  const [history] = createResource(() => props.id, getHistory)
  return (
    <Dialog title="History of this case" wide onClose={props.onClose}>
      <Show when={!history.error} fallback={<p role="alert">{wordsOf(history.error)}</p>}>
        <ol class="history">
          <For
            each={[...(history()?.history ?? [])].reverse()}
            fallback={<li class="quiet">{history.loading ? 'loading…' : 'Nobody has touched it yet.'}</li>}
          >
            {entry => (
              <li classList={{ undone: entry.undone }}>
                <time dateTime={entry.at}>{new Date(entry.at).toLocaleString()}</time>
                <span class="quiet">{entry.name}</span>
                <span>
                  {actWords(entry.act)}
                  {entry.undone ? ' (taken back)' : ''}
                </span>
                <Show when={entry.seq !== history()?.history.at(-1)?.seq && !entry.undone}>
                  <button
                    type="button"
                    class="small"
                    aria-label={`Go back to act ${entry.seq}: ${actWords(entry.act)}`}
                    onClick={() => {
                      props.onRestore(entry.seq, everyone())
                      props.onClose()
                    }}
                  >
                    Go back to here
                  </button>
                </Show>
              </li>
            )}
          </For>
        </ol>
        <Show when={props.mayForEveryone}>
          <label class="tick">
            <input
              type="checkbox"
              checked={everyone()}
              onChange={event => setEveryone(event.currentTarget.checked)}
            />
            go back for everyone: take back what others did on this case too
          </label>
        </Show>
        <p class="quiet">
          Going back takes back what {everyone() ? 'everybody' : 'you'} did on this case since; it is an act
          of its own, and can be undone. The figure’s caption and panels stay as they are.
        </p>
      </Show>
    </Dialog>
  )
}
