import { A, type RouteSectionProps, useLocation } from '@solidjs/router'
import { createEffect, createSignal, type JSX, Match, onMount, Show, Suspense, Switch } from 'solid-js'
import { signOut } from '../api/desk-api.ts'
import { Refusal, wordsOf } from '../api/refusal.ts'
import { LoginPage } from '../pages/login-page.tsx'
import { KeyList } from '../review/key-list.tsx'
import { Notices } from './notices.tsx'
import { preferences, setPreferences } from './preferences.ts'
import { SavingSign } from './saving-sign.tsx'
import { loadSession, may, me } from './session.ts'
import { keyListOpen, setKeyListOpen, whereabouts } from './whereabouts.ts'

const PAGES = [
  { path: '/', words: 'Review', end: true },
  { path: '/document', words: 'Documents', href: '/documents' },
  { path: '/cycles', words: 'Cycles' },
  { path: '/dataset', words: 'Dataset', end: true },
  { path: '/datasets', words: 'Export', needs: 'export' as const },
  { path: '/diagnose', words: 'Diagnose' },
  { path: '/people', words: 'People' },
  { path: '/adjudicate', words: 'Adjudicate', needs: 'adjudicate' as const },
]

/** What every page stands in: who is signed in, where one is, and whether everything is saved. */
export function Shell(props: RouteSectionProps): JSX.Element {
  const [failure, setFailure] = createSignal<string | null>(null)
  const start = () => {
    setFailure(null)
    loadSession().catch((error: unknown) => setFailure(wordsOf(error)))
  }
  onMount(start)
  const location = useLocation()
  createEffect(() => {
    const page = PAGES.find(each =>
      each.end ? location.pathname === each.path : location.pathname.startsWith(each.path),
    )
    document.title = [page?.words, 'lesionloop'].filter(Boolean).join(' · ')
  })
  return (
    <Switch
      fallback={
        <main class="alone" aria-busy="true">
          <p class="quiet">opening the desk…</p>
        </main>
      }
    >
      <Match when={failure()}>
        <main class="alone">
          <h1>The desk did not open</h1>
          <p>{failure()}</p>
          <button type="button" class="primary" onClick={start}>
            Try again
          </button>
        </main>
      </Match>
      <Match when={me() && !me()?.account}>
        <LoginPage onDone={start} />
      </Match>
      <Match when={me()?.account}>
        {account => (
          <div class="desk">
            {/* With a target the router leaves it to the browser, which leads the focus there. */}
            <a class="skip" href="#main" target="_self">
              Skip to the page
            </a>
            <header class="bar">
              <span class="brand">lesionloop</span>
              <nav aria-label="Pages">
                {PAGES.filter(page => !page.needs || may(page.needs)).map(page => (
                  <A
                    href={page.href ?? page.path}
                    end={page.end ?? false}
                    activeClass="here"
                    class="page-link"
                  >
                    {page.words}
                  </A>
                ))}
              </nav>
              <span class="where">{whereabouts()}</span>
              <SavingSign />
              <button
                type="button"
                class="plain theme"
                title={preferences.theme === 'dark' ? 'Light theme' : 'Dark theme'}
                aria-label={
                  preferences.theme === 'dark' ? 'Change to the light theme' : 'Change to the dark theme'
                }
                onClick={() => setPreferences('theme', preferences.theme === 'dark' ? 'light' : 'dark')}
              >
                {preferences.theme === 'dark' ? '☀' : '☾'}
              </button>
              <details class="person">
                <summary>{account().name}</summary>
                <div class="person-menu">
                  <p class="quiet">{account().role}</p>
                  <button
                    type="button"
                    onClick={() => {
                      signOut().then(
                        () => window.location.assign('/'),
                        error => setFailure(error instanceof Refusal ? error.message : String(error)),
                      )
                    }}
                  >
                    Sign out
                  </button>
                </div>
              </details>
              <button
                type="button"
                class="plain"
                title="All keys (?)"
                aria-label="All keys"
                onClick={() => setKeyListOpen(true)}
              >
                ?
              </button>
            </header>
            <main id="main" tabindex="0">
              <Suspense fallback={<p class="loading quiet">loading…</p>}>{props.children}</Suspense>
            </main>
            <Show when={keyListOpen()}>
              <KeyList onClose={() => setKeyListOpen(false)} />
            </Show>
            <Notices />
          </div>
        )}
      </Match>
    </Switch>
  )
}
