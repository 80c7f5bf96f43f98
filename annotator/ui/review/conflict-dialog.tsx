import { For, type JSX, Show } from 'solid-js'
import { HEADS, LESION_NAMES } from '../../../data/records/vocabulary.ts'
import type { Held } from '../saving/outbox.ts'
import { Dialog } from '../shell/dialog.tsx'
import { nameOf } from '../shell/session.ts'
import type { LabelValues } from './draft.ts'
import { actWords } from './history-dialog.tsx'

/** Somebody else decided meanwhile, or the server refused: both are shown, and the person chooses. */
export function ConflictDialog(props: {
  held: Held
  onChoose: (choice: 'mine' | 'theirs') => void
  onLater: () => void
}): JSX.Element {
  const mine = () =>
    props.held.drafts.findLast(draft => draft.act.kind === 'label')?.act as LabelValues | undefined
  const others = () => props.held.conflict?.acts ?? []
  const theirs = () => others().findLast(act => act.act.kind === 'label' || act.act.kind === 'adjudicate')
  const theirLabel = () => theirs()?.act as LabelValues | undefined
  const value = (label: LabelValues | undefined, head: (typeof HEADS)[number]) =>
    label ? (head === 'flag' ? label.flag : label.lesions[head]).replace('-', ' ') : '–'
  return (
    <Dialog
      title={props.held.conflict ? 'Somebody else decided meanwhile' : 'This decision was not taken'}
      wide
      onClose={props.onLater}
    >
      <Show when={props.held.conflict} fallback={<p role="alert">{props.held.message}</p>}>
        <p>
          Case {props.held.case}. Nothing of yours is lost: choose which stands. Both stay in the case’s
          history.
        </p>
        <Show
          when={mine() && theirLabel()}
          fallback={
            <ul class="history">
              <For each={others()}>
                {act => (
                  <li>
                    <time dateTime={act.at}>{new Date(act.at).toLocaleString()}</time>
                    <span class="quiet">{nameOf(act.who)}</span>
                    <span>{actWords(act.act)}</span>
                  </li>
                )}
              </For>
            </ul>
          }
        >
          <table class="table">
            <thead>
              <tr>
                <th scope="col">finding</th>
                <th scope="col">you</th>
                <th scope="col">{nameOf(theirs()?.who ?? '')}</th>
              </tr>
            </thead>
            <tbody>
              <For each={HEADS}>
                {head => (
                  <tr>
                    <th scope="row">{head === 'flag' ? 'COVID-19 flag' : LESION_NAMES[head]}</th>
                    <td>{value(mine(), head)}</td>
                    <td>
                      {value(theirLabel(), head)}
                      {value(mine(), head) === value(theirLabel(), head) ? '' : ' ≠'}
                    </td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </Show>
      </Show>
      <div class="form-end">
        <button type="button" onClick={() => props.onChoose('theirs')}>
          {props.held.conflict ? 'Leave it as it stands' : 'Drop my decision'}
        </button>
        <button type="button" class="primary" onClick={() => props.onChoose('mine')}>
          {props.held.conflict ? 'Save mine too' : 'Try again'}
        </button>
      </div>
    </Dialog>
  )
}
