import { useNavigate } from '@solidjs/router'
import { createSignal, For, type JSX, onMount, Show } from 'solid-js'
import type { LinkReply } from '../../server/replies.ts'
import { lookAtLink, signIn, signInByPassword } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { me } from '../shell/session.ts'
import { PasswordForm } from './password-form.tsx'

/** The one-time link's token stands after the #, so that no server log ever holds it. */
export function tokenOf(hash: string): string {
  return hash.replace(/^#/, '').trim()
}

/** Signing in, with a one-time link (who is it?) or with name and password. */
export function LoginPage(props: { onDone: () => void }): JSX.Element {
  const navigate = useNavigate()
  const token = tokenOf(location.hash)
  const [link, setLink] = createSignal<LinkReply | null>(null)
  const [failure, setFailure] = createSignal('')
  const [name, setName] = createSignal('')
  const [busy, setBusy] = createSignal(false)

  const enterAs = (who: { account?: string; name?: string }) => enter(() => signIn({ token, ...who }))

  async function enter(signingIn: () => Promise<unknown>): Promise<void> {
    setBusy(true)
    setFailure('')
    try {
      await signingIn()
      navigate('/', { replace: true })
      props.onDone()
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }

  onMount(() => {
    if (!token) return
    lookAtLink(token).then(setLink, error => setFailure(wordsOf(error)))
  })

  return (
    <main class="alone login">
      <p class="brand">lesionloop</p>
      <Show
        when={token}
        fallback={
          <Show
            when={me()?.passwords}
            fallback={
              <>
                <h1>Open your sign-in link</h1>
                <p>
                  This desk opens with a one-time link. <code>npm start</code> and{' '}
                  <code>npx lesionloop serve</code> print one; a curator makes one for you on the page People.
                </p>
              </>
            }
          >
            <PasswordForm busy={busy()} onEnter={given => void enter(() => signInByPassword(given))} />
          </Show>
        }
      >
        <Show
          when={link()}
          fallback={<h1>{failure() ? 'This link does not open the desk' : 'Looking at the link…'}</h1>}
        >
          {known => (
            <Show
              when={known().for}
              fallback={
                <>
                  <h1>Who is reading?</h1>
                  <p class="quiet">Every decision is kept with the name of who made it.</p>
                  <For each={known().people}>
                    {person => (
                      <button
                        type="button"
                        disabled={busy()}
                        onClick={() => void enterAs({ account: person.id })}
                      >
                        {person.name} <span class="quiet">{person.role}</span>
                      </button>
                    )}
                  </For>
                  <form
                    class="form"
                    onSubmit={event => {
                      event.preventDefault()
                      if (name().trim()) void enterAs({ name: name().trim() })
                    }}
                  >
                    <label for="new-name">{known().people.length > 0 ? 'Somebody else' : 'Your name'}</label>
                    <input
                      id="new-name"
                      autocomplete="name"
                      maxlength="100"
                      autofocus
                      value={name()}
                      onInput={event => setName(event.currentTarget.value)}
                    />
                    <button type="submit" class="primary" disabled={busy() || !name().trim()}>
                      Open the desk
                    </button>
                  </form>
                </>
              }
            >
              {person => (
                <>
                  <h1>Welcome, {person().name}</h1>
                  <button type="button" class="primary" disabled={busy()} onClick={() => void enterAs({})}>
                    Open the desk
                  </button>
                </>
              )}
            </Show>
          )}
        </Show>
      </Show>
      <p class="failure" role="alert">
        {failure()}
      </p>
    </main>
  )
}
