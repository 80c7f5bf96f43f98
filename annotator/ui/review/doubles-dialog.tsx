import { createSignal, For, type JSX, Show } from 'solid-js'
import type { CaseState } from '../../../data/records/case.ts'
import type { DoubleRow } from '../../server/routes/doubles.ts'
import { decideDouble } from '../api/doubles-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { Dialog } from '../shell/dialog.tsx'
import { tell } from '../shell/notices.tsx'
import { may } from '../shell/session.ts'
import { doubleWords } from './doubles-line.tsx'
import { imageAddress } from './images.ts'
import '../styles/doubles.css'

/** The case beside each picture that shows its slice; a curator says where that is wrong. */
export default function DoublesDialog(props: {
  shown: CaseState
  rows: readonly DoubleRow[]
  onShow: (id: string) => void
  onChanged: () => void
  onClose: () => void
}): JSX.Element {
  return (
    <Dialog title="The same slice elsewhere" wide onClose={props.onClose}>
      <p class="quiet">
        They stand on one side of the split, so that nothing is measured on what was learned from.
      </p>
      <ul class="doubles">
        <For each={props.rows}>
          {(row, at) => (
            <li class="double">
              <img src={imageAddress(props.shown.imageFile)} alt="this case" />
              <img src={imageAddress(row.imageFile)} alt={doubleWords(row)} />
              <div>
                <p>{doubleWords(row)}</p>
                <p class="quiet">
                  {row.apart
                    ? `Not the same, ${row.apart.by ?? 'somebody'} said: ${row.apart.why}`
                    : row.same === 'picture'
                      ? 'The same picture, pixel by pixel.'
                      : 'The same slice, cropped, rescaled, encoded again or drawn on.'}
                </p>
                <p class="actions">
                  <button
                    type="button"
                    autofocus={at() === 0}
                    onClick={() => {
                      props.onClose()
                      props.onShow(row.case)
                    }}
                  >
                    Open that case
                  </button>
                </p>
                <Show when={may('curate') && row.same === 'slice'}>
                  <Verdict
                    shown={props.shown.id}
                    row={row}
                    id={`double-why-${at()}`}
                    onChanged={props.onChanged}
                  />
                </Show>
              </div>
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  )
}

function Verdict(props: { shown: string; row: DoubleRow; id: string; onChanged: () => void }): JSX.Element {
  const [why, setWhy] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const is = () => (props.row.apart ? 'linked' : 'apart')
  async function save(): Promise<void> {
    setBusy(true)
    try {
      await decideDouble({ one: props.shown, other: props.row.case, is: is(), why: why().trim() })
      props.onChanged()
    } catch (error) {
      tell(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      class="double-verdict"
      onSubmit={event => {
        event.preventDefault()
        if (why().trim()) void save()
      }}
    >
      <label for={props.id}>
        {is() === 'apart' ? 'Not the same, because' : 'The same after all, because'}
      </label>
      <input
        id={props.id}
        maxlength="1000"
        value={why()}
        onInput={event => setWhy(event.currentTarget.value)}
      />
      <button type="submit" disabled={busy() || !why().trim()}>
        {is() === 'apart' ? 'Not the same' : 'The same'}
      </button>
    </form>
  )
}
