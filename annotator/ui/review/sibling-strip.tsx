import { For, type JSX, Show } from 'solid-js'
import type { CaseReply } from '../../server/replies.ts'
import type { DoubleRow } from '../../server/routes/doubles.ts'
import { DoublesLine } from './doubles-line.tsx'
import { imageAddress } from './images.ts'
import { timePoint } from './time-point.ts'

/** The panels of this figure in reading order; the picture before is what resolution is judged by. */
export function SiblingStrip(props: {
  reply: CaseReply
  figureShown: boolean
  onShow: (id: string) => void
  onFigure: () => void
  onPage: () => void
  doubles: readonly DoubleRow[]
  onDoubles: () => void
}): JSX.Element {
  const where = () => {
    const { document, figure, page } = props.reply.case
    return [props.reply.document?.title ?? document, figure, page === null ? null : `page ${page}`]
      .filter(Boolean)
      .join(' · ')
  }
  const when = (panel: string | null) => timePoint(props.reply.case.caption, panel)
  return (
    <div class="strip">
      <ul class="siblings" aria-label="Panels of this figure">
        <For each={props.reply.siblings}>
          {sibling => (
            <li>
              <button
                type="button"
                class="sibling"
                classList={{ here: sibling.id === props.reply.case.id }}
                aria-current={sibling.id === props.reply.case.id ? 'true' : undefined}
                aria-label={[
                  `Panel ${sibling.panel ?? 'without a letter'}`,
                  when(sibling.panel),
                  sibling.mine ? 'decided' : null,
                ]
                  .filter(Boolean)
                  .join(', ')}
                onClick={() => props.onShow(sibling.id)}
              >
                <img src={imageAddress(sibling.imageFile)} alt="" width="56" height="56" loading="lazy" />
                <span class="sibling-letter">
                  {sibling.panel ?? '·'}
                  {when(sibling.panel) ? ` ${when(sibling.panel)}` : ''}
                  {sibling.mine ? ' ✓' : ''}
                </span>
              </button>
            </li>
          )}
        </For>
      </ul>
      <div class="strip-side">
        <p class="strip-where" title={where()}>
          {where()}
        </p>
        <div class="strip-buttons">
          <Show when={props.reply.case.figureImage}>
            <button
              type="button"
              class="small"
              aria-pressed={props.figureShown}
              onClick={() => props.onFigure()}
            >
              Figure <kbd>f</kbd>
            </button>
          </Show>
          <Show when={props.reply.document}>
            <button type="button" class="small" onClick={() => props.onPage()}>
              Page <kbd>p</kbd>
            </button>
          </Show>
          <DoublesLine rows={props.doubles} onOpen={props.onDoubles} />
        </div>
      </div>
    </div>
  )
}
