import { createSignal, type JSX } from 'solid-js'

/** Name and password. */
export function PasswordForm(props: {
  busy: boolean
  onEnter: (given: { name: string; password: string }) => void
}): JSX.Element {
  const [name, setName] = createSignal('')
  const [password, setPassword] = createSignal('')
  return (
    <>
      <h1>Sign in</h1>
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          if (name().trim() && password()) props.onEnter({ name: name().trim(), password: password() })
        }}
      >
        <label for="name">Name</label>
        <input
          id="name"
          autocomplete="username"
          maxlength="100"
          autofocus
          required
          value={name()}
          onInput={event => setName(event.currentTarget.value)}
        />
        <label for="password">Password</label>
        <input
          id="password"
          type="password"
          autocomplete="current-password"
          maxlength="200"
          required
          value={password()}
          onInput={event => setPassword(event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={props.busy}>
          Sign in
        </button>
      </form>
      <p class="quiet">A one-time link from a curator opens the desk as well.</p>
    </>
  )
}
