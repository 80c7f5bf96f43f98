import { createSignal, For, type JSX } from 'solid-js'
import { ASSERTIONS, LESION_NAMES, LESIONS } from '../../../data/records/vocabulary.ts'
import type { ListQuery } from '../api/desk-api.ts'
import { Dialog } from '../shell/dialog.tsx'

const TICKS = [
  { name: 'disagreement', words: 'text and model disagree' },
  { name: 'discuss', words: 'in discussion' },
  { name: 'uncertain', words: 'labelled uncertain' },
  { name: 'doubles', words: 'the same slice as another case (alone, without the other filters)' },
] as const

/** Search and filter of the list. */
export function ListFilter(props: {
  query: ListQuery
  onApply: (query: ListQuery) => void
  onClose: () => void
}): JSX.Element {
  const [query, setQuery] = createSignal<ListQuery>({ ...props.query })
  const set = <K extends keyof ListQuery>(key: K, value: ListQuery[K] | '' | undefined) => {
    const next = { ...query() }
    if (value === '' || value === undefined || value === false) delete next[key]
    else next[key] = value as NonNullable<ListQuery[K]>
    setQuery(next)
  }
  return (
    <Dialog title="Search and filter" onClose={props.onClose}>
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault()
          props.onApply(query())
          props.onClose()
        }}
      >
        <label for="filter-search">Words of the caption, document or file</label>
        <input
          id="filter-search"
          type="search"
          autofocus
          value={query().search ?? ''}
          onInput={event => set('search', event.currentTarget.value)}
        />
        <div class="form-pair">
          <div>
            <label for="filter-lesion">Lesion</label>
            <select
              id="filter-lesion"
              value={query().lesion ?? ''}
              onChange={event => set('lesion', event.currentTarget.value as ListQuery['lesion'] | '')}
            >
              <option value="">any</option>
              <For each={LESIONS}>{lesion => <option value={lesion}>{LESION_NAMES[lesion]}</option>}</For>
            </select>
          </div>
          <div>
            <label for="filter-finding">as the text says it</label>
            <select
              id="filter-finding"
              disabled={!query().lesion}
              value={query().finding ?? ''}
              onChange={event => set('finding', event.currentTarget.value as ListQuery['finding'] | '')}
            >
              <option value="">however</option>
              <For each={[...ASSERTIONS, 'none']}>
                {finding => <option value={finding}>{finding}</option>}
              </For>
            </select>
          </div>
        </div>
        <div class="form-pair">
          <div>
            <label for="filter-state">State</label>
            <select
              id="filter-state"
              value={query().assignedTo ? 'to-me' : query().by ? 'mine' : (query().state ?? '')}
              onChange={event => {
                const value = event.currentTarget.value
                set('by', value === 'mine' || value === 'to-me' ? 'me' : '')
                set('assignedTo', value === 'to-me' ? 'me' : '')
                set(
                  'state',
                  value === 'mine'
                    ? 'labelled'
                    : value === 'to-me'
                      ? 'open'
                      : (value as ListQuery['state'] | ''),
                )
              }}
            >
              <option value="">all</option>
              <option value="open">open</option>
              <option value="labelled">labelled</option>
              <option value="to-me">for me to read</option>
              <option value="mine">labelled by me</option>
            </select>
          </div>
          <div>
            <label for="filter-sort">Order</label>
            <select
              id="filter-sort"
              value={query().sort ?? 'queue'}
              onChange={event => set('sort', event.currentTarget.value as 'queue' | 'document')}
            >
              <option value="queue">the cycle’s queue</option>
              <option value="document">by document</option>
            </select>
          </div>
        </div>
        <For each={TICKS}>
          {tick => (
            <label class="tick">
              <input
                type="checkbox"
                checked={query()[tick.name] ?? false}
                onChange={event => set(tick.name, event.currentTarget.checked)}
              />
              {tick.words}
            </label>
          )}
        </For>
        <div class="form-end">
          <button type="button" onClick={() => setQuery({})}>
            Clear
          </button>
          <button type="submit" class="primary">
            Show
          </button>
        </div>
      </form>
    </Dialog>
  )
}
