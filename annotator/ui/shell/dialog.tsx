import { type JSX, onCleanup, onMount } from 'solid-js'

/** A window over the page: focus stays inside, Escape closes it, and focus goes back to where it was. */
export function Dialog(props: {
  title: string
  wide?: boolean
  onClose: () => void
  children: JSX.Element
}): JSX.Element {
  let dialog!: HTMLDialogElement
  const before = document.activeElement
  onMount(() => {
    dialog.showModal()
    dialog.querySelector<HTMLElement>('[autofocus]')?.focus()
  })
  onCleanup(() => {
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
  })
  return (
    <dialog
      ref={dialog}
      class="dialog"
      classList={{ wide: props.wide ?? false }}
      aria-label={props.title}
      onClose={() => props.onClose()}
      onMouseDown={event => {
        if (event.target === dialog) props.onClose()
      }}
    >
      <header class="dialog-head">
        <h2>{props.title}</h2>
        <button
          type="button"
          class="plain"
          aria-label={`Close: ${props.title}`}
          onClick={() => props.onClose()}
        >
          ✕
        </button>
      </header>
      <div class="dialog-body">{props.children}</div>
    </dialog>
  )
}
