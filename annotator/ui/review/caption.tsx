import { createEffect, createMemo, For, type JSX, on, onCleanup, Show } from 'solid-js'
import type { CaseReply } from '../../server/replies.ts'
import type { CaptionDesk } from './caption-desk.ts'
import { selectedSpan, selectSpan, wordOnLine } from './caption-range.ts'
import { captionSegments } from './caption-segments.ts'
import {
  captionWords,
  choiceOf,
  spanOf,
  stepChoice,
  type WordChoice,
  type WordSpan,
} from './caption-words.ts'
import { mentionWords } from './mention-line.tsx'

/** The caption with its mentions: colour is the lesion, the underline is the assertion, this panel's clause is lit. */
export function Caption(props: {
  reply: CaseReply
  desk: CaptionDesk
  onHistory: () => void
  /** Absent for who may not correct captions. */
  onEdit?: (() => void) | undefined
}): JSX.Element {
  let text!: HTMLParagraphElement
  let box!: HTMLElement
  const segments = createMemo(() =>
    captionSegments(props.reply.case.caption, props.reply.case.mentions, props.reply.case.panel),
  )
  const first = (index: number) => segments().find(segment => segment.mention === index)?.start

  function readSelection(): void {
    const span = selectedSpan(text)
    // A selection elsewhere on the page is none of the caption's, and ends nothing here.
    if (span) props.desk.setSelected(span)
    else if (props.desk.selected() && document.getSelection()?.isCollapsed !== false)
      props.desk.setSelected(null)
  }
  document.addEventListener('selectionchange', readSelection)
  onCleanup(() => document.removeEventListener('selectionchange', readSelection))

  /** Arrows go from word to word, with Shift they take in more: what is selected is the caret. */
  let chosen: WordChoice | null = null
  function choose(words: WordSpan[], next: WordChoice): void {
    chosen = next
    props.desk.setFocused(-1)
    const span = spanOf(words, next)
    props.desk.setSelected(span)
    selectSpan(text, span)
  }
  props.desk.whenEntered(() => {
    const words = captionWords(props.reply.case.caption)
    const first = choiceOf(words, props.reply.case.mentions[props.desk.focused()] ?? words[0] ?? null)
    box.focus()
    if (first) choose(words, first)
  })
  function walkWords(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const words = captionWords(props.reply.case.caption)
    const mention = props.reply.case.mentions[props.desk.focused()]
    // Asked of the page itself: it tells of a selection only a moment later.
    const from = choiceOf(words, selectedSpan(text) ?? mention ?? null)
    // A choice made backwards goes on backwards.
    const isKept = chosen && from && spanOf(words, chosen).start === words[from.anchor]?.start
    const now = isKept && chosen ? chosen : from
    const move = (step: number) => stepChoice(words.length, now, step, event.shiftKey)
    const byLine = (step: 1 | -1) => {
      const at = now ? wordOnLine(text, words, now.head, step) : -1
      return now && at >= 0 ? { anchor: event.shiftKey ? now.anchor : at, head: at } : move(step)
    }
    const next =
      event.key === 'ArrowRight'
        ? move(1)
        : event.key === 'ArrowLeft'
          ? move(-1)
          : event.key === 'ArrowDown'
            ? byLine(1)
            : event.key === 'ArrowUp'
              ? byLine(-1)
              : event.key === 'Home'
                ? move(-words.length)
                : event.key === 'End'
                  ? move(words.length)
                  : null
    if (!next) return
    event.preventDefault()
    choose(words, next)
  }

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
          <span class="quiet">{props.reply.case.amending ? 'edited, being mined…' : 'edited'}</span>
        </Show>
        <Show when={props.onEdit}>
          {edit => (
            <button type="button" class="small" aria-label="Edit the caption" onClick={() => edit()()}>
              Edit
            </button>
          )}
        </Show>
        <button type="button" class="small" onClick={() => props.onHistory()}>
          History <kbd>y</kbd>
        </button>
      </header>
      <section
        class="caption-scroll"
        ref={box}
        tabindex="0"
        aria-label="Caption text: arrow keys choose words"
        onKeyDown={walkWords}
      >
        <p ref={text}>
          <For
            each={segments()}
            fallback={
              <span class="quiet">
                {props.reply.hidden.text
                  ? 'The caption is shown after your decision.'
                  : 'This case came without a caption.'}
              </span>
            }
          >
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
    </section>
  )
}
