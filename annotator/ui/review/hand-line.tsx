import { type JSX, Match, Show, Switch } from 'solid-js'
import { HEADS, LESION_NAMES, type Lesion } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import type { CaptionDesk } from './caption-desk.ts'
import { CausePrompt } from './cause-prompt.tsx'
import { type Draft, isDecided, labelOf } from './draft.ts'
import type { DraftDesk } from './draft-desk.ts'
import { lesionWarnings } from './lesion-logic.ts'
import { MentionLine } from './mention-line.tsx'

/**
 * The place under the rows for what is in hand: a correction that may name its cause, a mention or selected words,
 * else warnings and hints. Its height never changes, so that nothing moves.
 */
export function HandLine(props: {
  reply: CaseReply
  draft: Draft
  desk: DraftDesk
  caption: CaptionDesk
  drawing: Lesion | null
  /** Why the person said that this case can't be assessed, where that still stands. */
  notAssessable: string | null
}): JSX.Element {
  const causes = () =>
    Object.entries(props.desk.causes()).map(
      ([head, cause]) => `${head === 'flag' ? 'COVID' : head}: ${cause.replaceAll('-', ' ')}`,
    )
  const warnings = () =>
    lesionWarnings(labelOf(props.draft), props.reply.case.caption, props.reply.case.panel)
  const untouched = () => HEADS.every(head => !isDecided(props.draft, head))
  return (
    <div class="prompt" role="status" aria-live="polite">
      <Switch
        fallback={
          <>
            <Show when={props.notAssessable}>
              {reason => (
                <p class="prompt-line">
                  <b>Not assessable: {reason()}.</b> Change a row to assess it after all.
                </p>
              )}
            </Show>
            <Show when={warnings().length > 0}>
              <p class="warning prompt-line">
                <span aria-hidden="true">△ </span>
                {warnings().join('; ')}
              </p>
            </Show>
            <Show when={causes().length > 0}>
              <p class="quiet prompt-line">cause of {causes().join('; ')}</p>
            </Show>
            <Show when={untouched() && warnings().length === 0 && !props.notAssessable}>
              <p class="quiet prompt-line">
                <Show when={props.reply.hidden.text} fallback="Hollow: proposed. Filled: decided by you.">
                  Nothing is proposed: mark what you see. <kbd>Space</kbd> sets the rest absent, and once more
                  saves.
                </Show>
              </p>
              <p class="quiet prompt-line">
                <Show when={props.reply.case.mentions.length > 0}>
                  <kbd>m</kbd> walks the mentions; select words to add one.
                </Show>
                <Show when={props.reply.case.published}>
                  {published => <> * as labelled in {published().dataset}</>}
                </Show>
              </p>
            </Show>
          </>
        }
      >
        <Match when={props.drawing}>
          {lesion => (
            <>
              <p class="prompt-line">
                Draw a box around {LESION_NAMES[lesion()]}: drag, or click two corners.
              </p>
              <p class="quiet prompt-line">
                <kbd>1</kbd>–<kbd>5</kbd> another lesion · <kbd>Esc</kbd> ends · <kbd>⇧ b</kbd> takes the last
                box away
              </p>
            </>
          )}
        </Match>
        <Match when={props.desk.asking()}>
          {head => <CausePrompt head={head()} onCause={cause => props.desk.giveCause(head(), cause)} />}
        </Match>
        <Match when={props.caption.selected() || props.reply.case.mentions[props.caption.inHand()]}>
          <MentionLine reply={props.reply} desk={props.caption} />
        </Match>
      </Switch>
    </div>
  )
}
