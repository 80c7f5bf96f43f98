import { type JSX, Show } from 'solid-js'
import type { DoubleRow } from '../../server/routes/doubles.ts'

/** Where a double stands, in words: "A title · Figure 2 · panel B". */
export const doubleWords = (row: DoubleRow): string =>
  [row.from, row.figure, row.panel === null ? null : `panel ${row.panel}`].filter(Boolean).join(' · ')

/** Says that the slice is in the dataset once more; nothing where it isn't. */
export function DoublesLine(props: { rows: readonly DoubleRow[]; onOpen: () => void }): JSX.Element {
  const linked = () => props.rows.filter(row => row.apart === null)
  return (
    <Show when={linked()[0] ?? props.rows[0]}>
      {first => (
        <button
          type="button"
          class="small doubles-line"
          title={doubleWords(first())}
          onClick={() => props.onOpen()}
        >
          {linked().length === 0
            ? 'Not the same as …'
            : `Same ${first().same} in ${linked().length === 1 ? '1 other case' : `${linked().length} other cases`}`}{' '}
          <kbd>s</kbd>
        </button>
      )}
    </Show>
  )
}
