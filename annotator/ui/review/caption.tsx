import { createEffect, createMemo, For, type JSX, on, onCleanup, Show } from 'solid-js'
import type { CaseReply } from '../../server/replies.ts'
import type { CaptionDesk } from './caption-desk.ts'
import { captionSegments } from './caption-segments.ts'
import { mentionWords } from './mention-line.tsx'

/** The caption's own characters in a range: the codes written above mentions are not its words. */
function captionText(range: Range): string {
  const part = range.cloneContents()
  for (const code of part.querySelectorAll('sup')) code.remove()
  return part.textContent ?? ''
}

/** The caption with its mentions: colour is the lesion, the underline is the assertion, this panel's clause is lit. */
export function Caption(props: {
  reply: CaseReply
  desk: CaptionDesk
  onHistory: () => void
  /** Absent for who may not correct captions. */
  onEdit?: (() => void) | undefined
}): JSX.Element {
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
    const start = captionText(before).length
    const chosen = captionText(range)
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
      <section class="caption-scroll" tabindex="0" aria-label="Caption text">
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
