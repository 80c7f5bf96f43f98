import { createEffect, createMemo, For, type JSX, on, onCleanup, Show } from 'solid-js'
import type { Mention } from '../../../data/records/mining.ts'
import { LESION_NAMES } from '../../../data/records/vocabulary.ts'
import type { CaseReply } from '../../server/replies.ts'
import { type CaptionDesk, panelsOf } from './caption-desk.ts'
import { captionSegments } from './caption-segments.ts'

/** The caption with its mentions: colour is the lesion, the underline is the assertion, this panel's clause is lit. */
export function Caption(props: { reply: CaseReply; desk: CaptionDesk; onHistory: () => void }): JSX.Element {
  let text!: HTMLParagraphElement
  const segments = createMemo(() =>
    captionSegments(props.reply.case.caption, props.reply.case.mentions, props.reply.case.panel),
  )
  const first = (index: number) => segments().find(segment => segment.mention === index)?.start

  function readSelection(): void {
    const selection = document.getSelection()
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) {
      if (props.desk.selected()) props.desk.setSelected(null)
      return
    }
    const range = selection.getRangeAt(0)
    if (!text.contains(range.commonAncestorContainer)) return
    const before = document.createRange()
    before.selectNodeContents(text)
    before.setEnd(range.startContainer, range.startOffset)
    const start = before.toString().length
    const chosen = range.toString()
    const end = start + chosen.trimEnd().length
    const from = start + (chosen.length - chosen.trimStart().length)
    if (end > from) props.desk.setSelected({ start: from, end })
  }
  document.addEventListener('selectionchange', readSelection)
  onCleanup(() => document.removeEventListener('selectionchange', readSelection))

  createEffect(
    on(props.desk.focused, at => {
      if (at >= 0) text.querySelector(`[data-mention="${at}"]`)?.scrollIntoView({ block: 'nearest' })
    }),
  )

  return (
    <section class="caption" aria-label="Caption">
      <header class="caption-head">
        <h2>
          {props.reply.case.figure ?? 'Caption'}
          <Show when={props.reply.case.panel}> · panel {props.reply.case.panel}</Show>
        </h2>
        <Show when={props.reply.case.edited}>
          <span class="quiet">edited</span>
        </Show>
        <button type="button" class="small" onClick={() => props.onHistory()}>
          History <kbd>y</kbd>
        </button>
      </header>
      <section class="caption-scroll" tabindex="0" aria-label="Caption text">
        <p ref={text}>
          <For each={segments()} fallback={<span class="quiet">This case came without a caption.</span>}>
            {segment => {
              const mention = () => props.reply.case.mentions[segment.mention]
              return (
                <Show
                  when={mention()}
                  fallback={
                    <span classList={{ dim: !segment.lit, cue: segment.cueOf.includes(props.desk.inHand()) }}>
                      {segment.text}
                    </span>
                  }
                >
                  {known => (
                    // biome-ignore lint/a11y/useSemanticElements: a button can't break across lines as words must
                    <span
                      class="mention"
                      role="button"
                      tabIndex={0}
                      classList={{
                        dim: !segment.lit,
                        cue: segment.cueOf.includes(props.desk.inHand()),
                        focused: props.desk.focused() === segment.mention,
                      }}
                      data-head={known().lesion}
                      data-said={known().assertion}
                      data-mention={segment.mention}
                      title={mentionWords(known())}
                      onClick={() => props.desk.setFocused(segment.mention)}
                      onFocus={() => props.desk.setFocused(segment.mention)}
                      onPointerEnter={() => props.desk.setHovered(segment.mention)}
                      onPointerLeave={() => props.desk.setHovered(-1)}
                      onKeyDown={event => {
                        if (event.key === 'Enter') props.desk.setFocused(segment.mention)
                      }}
                    >
                      {segment.text}
                      <Show when={first(segment.mention) === segment.start}>
                        <sup>{known().lesion}</sup>
                      </Show>
                    </span>
                  )}
                </Show>
              )
            }}
          </For>
        </p>
      </section>
      <MentionLine reply={props.reply} desk={props.desk} />
    </section>
  )
}

/** Rule and cue of the mention in hand, and what can be done with it. Always there, so that nothing moves. */
function MentionLine(props: { reply: CaseReply; desk: CaptionDesk }): JSX.Element {
  const mention = () => props.reply.case.mentions[props.desk.inHand()]
  const words = () => {
    const span = props.desk.selected()
    return span ? props.reply.case.caption.slice(span.start, span.end) : ''
  }
  return (
    <div class="mention-line" role="status" aria-live="polite">
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
        <Show
          when={mention()}
          fallback={
            <p class="quiet">
              {props.reply.case.mentions.length === 0
                ? 'No lesion is named. Select words to add a mention.'
                : `${props.reply.case.mentions.length} mentions. `}
              <Show when={props.reply.case.mentions.length > 0}>
                <kbd>m</kbd> walks them; select words to add one.
              </Show>
            </p>
          }
        >
          {known => (
            <>
              <p title={mentionWords(known())}>{mentionWords(known())}</p>
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
    </div>
  )
}

/** "consolidation, absent · rule csld-1 · cue “no” (neg-no)" */
function mentionWords(mention: Mention): string {
  const cues = (mention.cues ?? []).map(cue => `“${cue.text}” (${cue.rule})`).join(', ')
  return [
    `${LESION_NAMES[mention.lesion]}, ${mention.assertion}`,
    `rule ${mention.rule}`,
    cues ? `cue ${cues}` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
