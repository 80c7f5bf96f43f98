import { createVirtualizer } from '@tanstack/solid-virtual'
import { createEffect, For, type JSX, on, Show } from 'solid-js'
import { type Head, LESIONS } from '../../../data/records/vocabulary.ts'
import type { CaseRow } from '../../server/replies.ts'
import type { Review } from './review-state.ts'

const ROW_HEIGHT = 32

/** The head a row is here for: by the queue, by a disagreement, else the first lesion that the text names. */
function headOf(row: CaseRow): Head | undefined {
  // Its place in the queue is known, what it is there for is not.
  if (row.blind) return undefined
  return row.queue?.head ?? row.disagreements[0] ?? LESIONS.find(lesion => row.findings[lesion] === 'present')
}

const disputed = (row: CaseRow) => row.disagreements.length > 0

/** What a row says at a glance. */
function subject(row: CaseRow): string {
  const head = headOf(row)
  return head === 'flag' ? 'COVID' : (head ?? row.panel ?? '')
}

/** What the signs of a row say, for who hears them. */
function inWords(row: CaseRow, unsaved: boolean): string {
  const parts = [row.panel ? `panel ${row.panel}` : '']
  if (disputed(row)) parts.push('text and model disagree')
  if (row.discuss) parts.push('in discussion')
  if (row.withdrawn) parts.push('document taken back')
  if (unsaved) parts.push('not yet saved')
  else if (row.mine) parts.push('decided')
  return parts.filter(Boolean).join(', ')
}

/** The cases in order, as many as there are: only those in sight are drawn. */
export function QueueList(props: { review: Review }): JSX.Element {
  let box!: HTMLDivElement
  const virtual = createVirtualizer({
    get count() {
      return props.review.total()
    },
    getScrollElement: () => box,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  })
  /** Scrolls just so far that the row has some before and some after it. */
  function keepInSight(at: number): void {
    const top = at * ROW_HEIGHT
    const lowest = top - 2 * ROW_HEIGHT
    const highest = top + 5 * ROW_HEIGHT - box.clientHeight
    if (box.scrollTop > lowest) box.scrollTop = lowest
    else if (box.scrollTop < highest) box.scrollTop = highest
  }
  createEffect(() => {
    const rows = virtual.getVirtualItems()
    for (const at of [rows[0]?.index, rows.at(-1)?.index])
      if (at !== undefined)
        props.review.need(at).catch(() => {
          // The row stays empty and is asked for again when it next comes into sight.
        })
  })
  createEffect(
    on(props.review.index, at => {
      if (at >= 0) keepInSight(at)
    }),
  )
  return (
    <div class="queue-rows" ref={box} tabindex="-1">
      <ul class="queue-space" aria-label="Cases" style={{ height: `${virtual.getTotalSize()}px` }}>
        <For each={virtual.getVirtualItems()}>
          {item => {
            const row = () => props.review.row(item.index)
            const here = () => props.review.index() === item.index
            return (
              <li
                class="queue-row"
                classList={{ here: here() }}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Show when={row()} fallback={<span class="quiet">{item.index + 1}</span>}>
                  {known => (
                    <button
                      type="button"
                      tabindex={here() ? 0 : -1}
                      aria-current={here() ? 'true' : undefined}
                      title={known().caption}
                      onClick={() => void props.review.goTo(item.index)}
                    >
                      <span class="queue-number">{item.index + 1}</span>
                      <span
                        class="queue-sign"
                        aria-hidden="true"
                        classList={{ done: known().mine, waits: props.review.unsaved().has(known().id) }}
                      >
                        {props.review.unsaved().has(known().id)
                          ? '◌'
                          : known().mine
                            ? '✓'
                            : here()
                              ? '▸'
                              : ''}
                      </span>
                      <span class="queue-subject" data-head={headOf(known())}>
                        {subject(known())}
                      </span>
                      <span class="queue-marks" aria-hidden="true">
                        {disputed(known()) ? '≠' : ''}
                        {known().discuss ? '…' : ''}
                        {known().withdrawn ? '⊘' : ''}
                      </span>
                      <span class="hidden">{inWords(known(), props.review.unsaved().has(known().id))}</span>
                    </button>
                  )}
                </Show>
              </li>
            )
          }}
        </For>
      </ul>
    </div>
  )
}
