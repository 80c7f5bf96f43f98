import { For, type JSX, Show } from 'solid-js'
import type { Mention } from '../../../data/records/mining.ts'
import { LESION_NAMES } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { type CaptionDesk, panelsOf } from './caption-desk.ts'

/** Rule and cue of the mention in hand, or the words selected, and what can be done with them. */
export function MentionLine(props: { reply: CaseReply; desk: CaptionDesk }): JSX.Element {
  const mention = () => props.reply.case.mentions[props.desk.inHand()]
  const words = () => {
    const span = props.desk.selected()
    return span ? props.reply.case.caption.slice(span.start, span.end) : ''
  }
  return (
    <Show
      when={words() === ''}
      fallback={
        <>
          <p>
            “{words().slice(0, 60)}
            {words().length > 60 ? '…' : ''}”
          </p>
          <p class="quiet">
            <kbd>1</kbd>–<kbd>5</kbd> makes it a mention; a panel’s letter pairs it
          </p>
        </>
      }
    >
      <Show when={mention()}>
        {known => (
          <>
            <p class="prompt-line">{mentionWords(known())}</p>
            <p class="mention-acts">
              <button type="button" class="small" onClick={() => props.desk.deny()}>
                deny <kbd>x</kbd>
              </button>
              <For each={panelsOf(props.reply)}>
                {panel => (
                  <button
                    type="button"
                    class="small"
                    aria-label={`belongs to panel ${panel}`}
                    aria-pressed={known().panels.includes(panel)}
                    onClick={() => props.desk.rePair([panel])}
                  >
                    {panel}
                  </button>
                )}
              </For>
              <button
                type="button"
                class="small"
                aria-label="belongs to all panels"
                aria-pressed={known().panels.length === 0}
                onClick={() => props.desk.rePair([])}
              >
                all
              </button>
            </p>
          </>
        )}
      </Show>
    </Show>
  )
}

/** "consolidation, absent · rule csld-1 · cue “no” (neg-no)" */
export function mentionWords(mention: Mention): string {
  const cues = (mention.cues ?? []).map(cue => `“${cue.text}” (${cue.rule})`).join(', ')
  return [
    `${LESION_NAMES[mention.lesion]}, ${mention.assertion}`,
    `rule ${mention.rule}`,
    cues ? `cue ${cues}` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
