import { type JSX, onCleanup, onMount } from 'solid-js'

/** A window over the page: focus stays inside, Escape closes it, and focus goes back to where it was. */
export function Dialog(props: {
  title: string
  wide?: boolean
  onClose: () => void
  children: JSX.Element
}): JSX.Element {
  let dialog!: HTMLDialogElement
  let open = true
  const before = document.activeElement
  /** At once, and once: the browser's own close event comes a moment later, when the next window may be open. */
  const close = () => {
    if (open) props.onClose()
    open = false
  }
  onMount(() => {
    dialog.showModal()
    dialog.querySelector<HTMLElement>('[autofocus]')?.focus()
  })
  onCleanup(() => {
    open = false
    // While it is open nothing behind it takes the focus.
    dialog.close()
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
  })
  return (
    <dialog
      ref={dialog}
      class="dialog"
      classList={{ wide: props.wide ?? false }}
      aria-label={props.title}
      onClose={close}
      onKeyDown={event => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        close()
      }}
      onMouseDown={event => {
        if (event.target === dialog) close()
      }}
    >
      <header class="dialog-head">
        <h2>{props.title}</h2>
        <button type="button" class="plain" aria-label={`Close: ${props.title}`} onClick={close}>
          ✕
        </button>
      </header>
      <div class="dialog-body">{props.children}</div>
    </dialog>
  )
}
