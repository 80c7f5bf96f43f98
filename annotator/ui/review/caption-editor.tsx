import { createSignal, type JSX, Show } from 'solid-js'
import { Dialog } from '../shell/dialog.tsx'

/** Corrects a caption's text. What was mined is kept and can be put back; the new words are mined by the server. */
export default function CaptionEditor(props: {
  figure: string
  caption: string
  /** As it was mined, where it was changed before. */
  minedCaption: string | null
  onSave: (text: string) => void
  onClose: () => void
}): JSX.Element {
  const [text, setText] = createSignal(props.caption)
  const original = () => props.minedCaption ?? props.caption
  const isSame = () => text() === props.caption
  return (
    <Dialog title={`Caption of ${props.figure}`} wide onClose={props.onClose}>
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          if (isSame()) return
          props.onSave(text())
          props.onClose()
        }}
      >
        <label for="caption-text">The text as it should read, for all panels of the figure</label>
        <textarea
          id="caption-text"
          class="caption-text"
          rows="9"
          autofocus
          value={text()}
          onInput={event => setText(event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
              event.currentTarget.form?.requestSubmit()
          }}
        />
        <p class="quiet">
          Its words are mined anew. Mentions that you added, denied or gave to a panel stay where their words
          stay.
        </p>
        <Show when={text() !== original()}>
          <details open={props.minedCaption !== null}>
            <summary>As it was mined</summary>
            <p class="mined-caption">{original()}</p>
          </details>
        </Show>
        <div class="form-end">
          <Show when={text() !== original()}>
            <button type="button" onClick={() => setText(original())}>
              Put the mined text back
            </button>
          </Show>
          <button type="button" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isSame()}>
            Save <kbd>Ctrl ⏎</kbd>
          </button>
        </div>
      </form>
    </Dialog>
  )
}
