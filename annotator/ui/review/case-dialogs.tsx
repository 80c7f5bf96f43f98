import { createSignal, For, type JSX } from 'solid-js'
import { Dialog } from '../shell/dialog.tsx'
import { people } from '../shell/session.ts'

/** A note on the case, kept with it. */
export function NoteDialog(props: { onSave: (text: string) => void; onClose: () => void }): JSX.Element {
  const [text, setText] = createSignal('')
  return (
    <Dialog title="Note on this case" onClose={props.onClose}>
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          if (text().trim()) props.onSave(text().trim())
          props.onClose()
        }}
      >
        <label for="note-text">What should be remembered of it?</label>
        <TextArea id="note-text" value={text()} onInput={setText} />
        <FormEnd words="Save note" disabled={!text().trim()} onClose={props.onClose} />
      </form>
    </Dialog>
  )
}

/** Sends a case to discussion, with who should look. */
export function DiscussDialog(props: {
  onSave: (text: string, person: string | undefined) => void
  onClose: () => void
}): JSX.Element {
  const [text, setText] = createSignal('')
  const [person, setPerson] = createSignal('')
  return (
    <Dialog title="Discuss this case" onClose={props.onClose}>
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          if (text().trim()) props.onSave(text().trim(), person() || undefined)
          props.onClose()
        }}
      >
        <label for="discuss-text">What is the question?</label>
        <TextArea id="discuss-text" value={text()} onInput={setText} />
        <label for="discuss-person">Who should look?</label>
        <select id="discuss-person" value={person()} onChange={event => setPerson(event.currentTarget.value)}>
          <option value="">anybody</option>
          <For each={people().filter(each => !each.disabledAt)}>
            {each => <option value={each.id}>{each.name}</option>}
          </For>
        </select>
        <FormEnd words="Send to discussion" disabled={!text().trim()} onClose={props.onClose} />
      </form>
    </Dialog>
  )
}

const REASONS = ['motion', 'not a CT', 'too small', 'wrong window']

/** Why a case can't be assessed; a digit chooses and saves. */
export function NotAssessableDialog(props: {
  onSave: (reason: string) => void
  onClose: () => void
}): JSX.Element {
  const [other, setOther] = createSignal('')
  const choose = (reason: string) => {
    props.onSave(reason)
    props.onClose()
  }
  return (
    <Dialog title="Not assessable, because of" onClose={props.onClose}>
      <form
        class="form"
        onKeyDown={event => {
          const reason = REASONS[Number(event.key) - 1]
          if (reason && !(event.target instanceof HTMLInputElement)) {
            event.preventDefault()
            choose(reason)
          }
        }}
        onSubmit={event => {
          event.preventDefault()
          if (other().trim()) choose(other().trim())
        }}
      >
        <For each={REASONS}>
          {(reason, at) => (
            <button type="button" class="reason" autofocus={at() === 0} onClick={() => choose(reason)}>
              <kbd>{at() + 1}</kbd> {reason}
            </button>
          )}
        </For>
        <label for="other-reason">Another reason</label>
        <input
          id="other-reason"
          maxlength="200"
          value={other()}
          onInput={event => setOther(event.currentTarget.value)}
        />
        <FormEnd words="Save" disabled={!other().trim()} onClose={props.onClose} />
      </form>
    </Dialog>
  )
}

function TextArea(props: { id: string; value: string; onInput: (text: string) => void }): JSX.Element {
  return (
    <textarea
      id={props.id}
      rows="4"
      maxlength="10000"
      autofocus
      value={props.value}
      onInput={event => props.onInput(event.currentTarget.value)}
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
          event.currentTarget.form?.requestSubmit()
      }}
    />
  )
}

function FormEnd(props: { words: string; disabled: boolean; onClose: () => void }): JSX.Element {
  return (
    <div class="form-end">
      <button type="button" onClick={() => props.onClose()}>
        Cancel
      </button>
      <button type="submit" class="primary" disabled={props.disabled}>
        {props.words}
      </button>
    </div>
  )
}
