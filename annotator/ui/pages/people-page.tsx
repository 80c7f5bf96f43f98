import { createResource, createSignal, For, type JSX, Show } from 'solid-js'
import { ROLES, type Role } from '../../../data/records/vocabulary.ts'
import { addPerson, changePerson, getAssignments, getPeople, getStats, invite } from '../api/desk-api.ts'
import { wordsOf } from '../api/refusal.ts'
import { tell } from '../shell/notices.tsx'
import { may, setPeople } from '../shell/session.ts'
import { HandOut, ReadingRules } from './hand-out.tsx'
import { OwnPassword } from './own-password.tsx'
import { PageFrame } from './page-frame.tsx'
import '../styles/people.css'

const ROLE_WORDS: Record<Role, string> = {
  annotator: 'reads cases',
  adjudicator: 'reads, and settles disagreements',
  trainer: 'reads, and runs cycles',
  curator: 'adds documents and people, and all of that',
}

/** Who reads here, as what, and how much; a curator adds people and makes their sign-in links. */
export default function PeoplePage(): JSX.Element {
  const [people, { refetch }] = createResource(getPeople)
  const [stats] = createResource(getStats)
  const [handed, { refetch: recount }] = createResource(getAssignments)
  const toRead = (id: string) => {
    const row = handed.error ? undefined : handed()?.rows.find(each => each.who === id)
    return row && row.assigned > 0 ? `${row.read} of ${row.assigned}` : '–'
  }
  const [link, setLink] = createSignal<{ name: string; link: string } | null>(null)
  const labelled = (id: string) => stats()?.byPerson.find(each => each.who === id)?.labelled ?? 0
  const again = async () => {
    const known = await refetch()
    if (known) setPeople(known.people)
  }
  const change = (asked: Promise<unknown>) => asked.then(again, error => tell(wordsOf(error), { bad: true }))

  return (
    <PageFrame title="People" failure={people.error} onRetry={() => void refetch()}>
      <section class="card">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">name</th>
              <th scope="col">role</th>
              <th scope="col" class="number">
                cases labelled
              </th>
              <th scope="col" class="number">
                handed out, read
              </th>
              <th scope="col">
                <span class="hidden">actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={people()?.people}>
              {person => (
                <tr>
                  <th scope="row">
                    {person.name}
                    {person.disabledAt ? <span class="quiet"> (may not sign in)</span> : ''}
                  </th>
                  <td>
                    <Show when={may('curate')} fallback={person.role}>
                      <select
                        aria-label={`Role of ${person.name}`}
                        value={person.role}
                        onChange={event =>
                          void change(
                            changePerson({ account: person.id, role: event.currentTarget.value as Role }),
                          )
                        }
                      >
                        <For each={ROLES}>{role => <option value={role}>{role}</option>}</For>
                      </select>
                    </Show>
                  </td>
                  <td class="number">{stats.error ? '–' : labelled(person.id)}</td>
                  <td class="number">{toRead(person.id)}</td>
                  <td class="actions-cell">
                    <Show when={may('curate')}>
                      <button
                        type="button"
                        class="small"
                        onClick={() =>
                          invite(person.id).then(
                            made => setLink({ name: person.name, link: made.link }),
                            error => tell(wordsOf(error), { bad: true }),
                          )
                        }
                      >
                        Sign-in link
                      </button>
                      <button
                        type="button"
                        class="small"
                        onClick={() =>
                          void change(changePerson({ account: person.id, disabled: !person.disabledAt }))
                        }
                      >
                        {person.disabledAt ? 'Let in again' : 'Shut out'}
                      </button>
                    </Show>
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
        <Show when={link()}>
          {made => (
            <div class="made-link" role="status">
              <p>
                Give this link to {made().name}. It opens the desk once, in one browser; make another for
                another one.
              </p>
              <p class="link-line">
                <code class="command">{made().link}</code>
                <button
                  type="button"
                  onClick={() =>
                    navigator.clipboard.writeText(made().link).then(
                      () => tell('The link is on the clipboard.'),
                      () =>
                        tell('The browser refuses the clipboard; select the link and copy it.', {
                          bad: true,
                        }),
                    )
                  }
                >
                  Copy
                </button>
              </p>
            </div>
          )}
        </Show>
      </section>
      <Show when={may('adjudicate')}>
        <HandOut
          people={(people()?.people ?? []).filter(each => !each.disabledAt)}
          onDone={() => void recount()}
        />
      </Show>
      <Show when={may('curate')}>
        <ReadingRules />
        <AddPerson onAdded={() => void again()} />
      </Show>
      <OwnPassword />
    </PageFrame>
  )
}

function AddPerson(props: { onAdded: () => void }): JSX.Element {
  const [name, setName] = createSignal('')
  const [role, setRole] = createSignal<Role>('annotator')
  const [failure, setFailure] = createSignal('')
  return (
    <section class="card narrow">
      <h2>Add a person</h2>
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          setFailure('')
          addPerson(name().trim(), role()).then(
            () => {
              setName('')
              props.onAdded()
            },
            error => setFailure(wordsOf(error)),
          )
        }}
      >
        <label for="person-name">Name</label>
        <input
          id="person-name"
          maxlength="100"
          value={name()}
          onInput={event => setName(event.currentTarget.value)}
        />
        <label for="person-role">Role</label>
        <select
          id="person-role"
          value={role()}
          onChange={event => setRole(event.currentTarget.value as Role)}
        >
          <For each={ROLES}>
            {each => (
              <option value={each}>
                {each}: {ROLE_WORDS[each]}
              </option>
            )}
          </For>
        </select>
        <p class="failure" role="alert">
          {failure()}
        </p>
        <div class="form-end">
          <button type="submit" class="primary" disabled={!name().trim()}>
            Add
          </button>
        </div>
      </form>
    </section>
  )
}
