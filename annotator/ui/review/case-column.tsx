import { For, type JSX, Show } from 'solid-js'
import type { Lesion } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { may, myself, nameOf } from '../shell/session.ts'
import { Caption } from './caption.tsx'
import type { CaptionDesk } from './caption-desk.ts'
import { DecisionRows } from './decision-rows.tsx'
import { HandLine } from './hand-line.tsx'
import type { OpenDialog } from './key-handlers.ts'
import { disagreementLine } from './proposal.ts'
import type { Review } from './review-state.ts'

/** What is left out before the decision. */
function blindLine({ text, model }: CaseReply['hidden']): string | undefined {
  if (!text && !model) return undefined
  const what = text && model ? 'text and model are' : text ? 'the text is' : 'the model’s opinion is'
  return `Read blind: ${what} shown after your decision.`
}

/** Why this case, the six rows, what to do with it, and its caption. */
export function CaseColumn(props: {
  review: Review
  reply: CaseReply
  caption: CaptionDesk
  /** The lesion a box is being drawn for. */
  drawing: Lesion | null
  open: (dialog: OpenDialog) => void
}): JSX.Element {
  const disagreement = () => disagreementLine(props.reply.case, props.reply.opinion)
  const why = () =>
    blindLine(props.reply.hidden) ??
    props.reply.queue?.why ??
    disagreement() ??
    (props.reply.opinion ? 'Not in the queue: text and model agree.' : 'No model yet: decide by the picture.')
  return (
    <section class="column" aria-label="Decision">
      <p class="why">
        {why()}
        <Show when={disagreement() && disagreement() !== why()}>
          <span class="quiet">; {disagreement()}</span>
        </Show>
      </p>
      <Show when={props.review.drafts.draft()}>
        {draft => (
          <>
            <DecisionRows reply={props.reply} draft={draft()} desk={props.review.drafts} />
            <HandLine
              reply={props.reply}
              draft={draft()}
              desk={props.review.drafts}
              caption={props.caption}
              drawing={props.drawing}
              notAssessable={props.review.notAssessable()}
            />
          </>
        )}
      </Show>
      <div class="decide">
        <button type="button" class="primary accept" onClick={() => props.review.accept()}>
          Accept and next <kbd>Space</kbd>
        </button>
        <button
          type="button"
          title="Undo (Backspace)"
          aria-label="Undo"
          onClick={() => void props.review.undo()}
        >
          ↶
        </button>
        <button
          type="button"
          title="Redo (Ctrl Y)"
          aria-label="Redo"
          onClick={() => void props.review.redo()}
        >
          ↷
        </button>
      </div>
      <div class="decide-more">
        <button type="button" class="small" onClick={() => props.open('note')}>
          Note <kbd>n</kbd>
        </button>
        <button type="button" class="small" onClick={() => props.open('discuss')}>
          Discuss <kbd>d</kbd>
        </button>
        <button type="button" class="small" onClick={() => props.open('not-assessable')}>
          Not assessable <kbd>x</kbd>
        </button>
      </div>
      <Caption
        reply={props.reply}
        desk={props.caption}
        onHistory={() => props.open('history')}
        onEdit={may('curate') && !props.reply.hidden.text ? () => props.open('caption') : undefined}
      />
      <Show
        when={props.reply.case.withdrawn || props.reply.case.discuss || props.reply.case.notes.length > 0}
      >
        <ul class="notes" aria-label="Notes">
          <Show when={props.reply.case.withdrawn}>
            {taken => (
              <li>
                <b>⊘ {taken().kind}</b>
                {taken().date ? ` on ${taken().date}` : ''}: {taken().reason}. Exports leave it out.
              </li>
            )}
          </Show>
          <Show when={props.reply.case.discuss}>
            {discuss => (
              <li>
                <b>{nameOf(discuss().who)}</b> asks
                <Show when={discuss().with}>
                  {asked => (
                    <>
                      {' '}
                      <b>{asked() === myself().id ? 'you' : nameOf(asked())}</b>
                    </>
                  )}
                </Show>
                : {discuss().text}
              </li>
            )}
          </Show>
          <For each={props.reply.case.notes}>
            {note => (
              <li>
                <b>{nameOf(note.who)}</b>: {note.text}
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  )
}
