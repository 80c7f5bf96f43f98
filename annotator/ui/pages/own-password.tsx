import { createSignal, type JSX } from 'solid-js'
import { changePassword } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'

/** One's own password, first or new: it ends one's sessions in all other browsers. */
export function OwnPassword(): JSX.Element {
  const [current, setCurrent] = createSignal('')
  const [password, setPassword] = createSignal('')
  const [busy, setBusy] = createSignal(false)

  async function change(): Promise<void> {
    setBusy(true)
    try {
      await changePassword({ ...(current() ? { current: current() } : {}), password: password() })
      setCurrent('')
      setPassword('')
      tell('Your password is set; you are signed out everywhere else.')
    } catch (error) {
      tell(wordsOf(error), { bad: true })
    } finally {
      setBusy(false)
    }
  }

  return (
    <section class="card">
      <h2>Your password</h2>
      <p class="quiet">At least 10 characters. You are signed out in all other browsers.</p>
      <form
        class="form-row"
        onSubmit={event => {
          event.preventDefault()
          void change()
        }}
      >
        <div>
          <label for="current-password">Until now, if you have one</label>
          <input
            id="current-password"
            type="password"
            autocomplete="current-password"
            maxlength="200"
            value={current()}
            onInput={event => setCurrent(event.currentTarget.value)}
          />
        </div>
        <div>
          <label for="new-password">New</label>
          <input
            id="new-password"
            type="password"
            autocomplete="new-password"
            minlength="10"
            maxlength="200"
            required
            value={password()}
            onInput={event => setPassword(event.currentTarget.value)}
          />
        </div>
        <button type="submit" disabled={busy()}>
          Change it
        </button>
      </form>
    </section>
  )
}
