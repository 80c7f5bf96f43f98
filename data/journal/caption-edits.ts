import type { Act, ActPayload } from '../records/act.ts'
import type { Mention, Skipped } from '../records/mining.ts'

/** What a miner marks in a text. */
export interface Marked {
  text: string
  mentions: Mention[]
  skipped: Skipped[]
}

/** A caption and what is marked in it. */
export interface Caption extends Marked {
  /** The marks people made, where their words stand now: laid over what is mined of a new text. */
  byHand?: readonly HandMark[]
}

type HandMark = Extract<ActPayload, { kind: 're-pair' | 'mention' }>

/**
 * Lays one act over a caption; acts of other kinds, and spans outside the text, change nothing.
 * @param readingOf what was mined of a text that a person wrote, where it has been mined: it takes the place of the
 *   marks carried over from the old text, and people's own marks are laid over it again.
 */
export function editCaption(
  caption: Caption,
  { act }: Pick<Act, 'act'>,
  readingOf: (text: string) => Marked | undefined = () => undefined,
): Caption {
  const byHand = caption.byHand ?? []
  switch (act.kind) {
    case 'caption': {
      const moved = replaceText(caption, act.text)
      const place = mover(caption.text, act.text)
      const kept = byHand.flatMap(mark => {
        const to = place(mark)
        return to ? [{ ...mark, ...to }] : []
      })
      const reading = readingOf(act.text)
      if (!reading) return { ...moved, byHand: kept }
      const { text, mentions, skipped } = reading
      let anew: Caption = { text, mentions, skipped }
      for (const mark of kept) anew = editCaption(anew, { act: mark })
      return { ...anew, byHand: kept }
    }
    case 're-pair': {
      if (!inside(act, caption.text)) return caption
      const panels = normal(act.panels)
      return {
        ...caption,
        byHand: [...byHand, act],
        mentions: caption.mentions.map(mention =>
          overlaps(mention, act)
            ? { ...mention, panels, clause: { start: act.start, end: act.end } }
            : mention,
        ),
      }
    }
    case 'mention': {
      if (!inside(act, caption.text)) return caption
      const others = caption.mentions.filter(
        mention => mention.lesion !== act.lesion || !overlaps(mention, act),
      )
      if (act.denied) return { ...caption, byHand: [...byHand, act], mentions: others }
      const added: Mention = {
        lesion: act.lesion,
        start: act.start,
        end: act.end,
        text: caption.text.slice(act.start, act.end),
        assertion: act.assertion,
        panels: normal(act.panels),
        rule: 'expert',
      }
      const mentions = [...others, added].sort((a, b) => a.start - b.start || a.end - b.end)
      return { ...caption, byHand: [...byHand, act], mentions }
    }
    default:
      return caption
  }
}

/** Panels as mentions name them: upper case, once each. */
const normal = (panels: readonly string[]) => [...new Set(panels.map(panel => panel.toUpperCase()))]

type Stretch = { start: number; end: number }

export const inside = ({ start, end }: Stretch, text: string) => start < end && end <= text.length

const overlaps = (a: Stretch, b: Stretch) => a.start < b.end && b.start < a.end

/**
 * Puts a new text in the place of the old. What lies before the first or after the last changed character keeps its
 * mark; what lies across the change keeps it where the same words stand once in the changed part, else it is gone.
 */
function replaceText({ text: old, mentions, skipped }: Marked, text: string): Marked {
  const move = mover(old, text)
  return {
    text,
    mentions: mentions.flatMap(mention => {
      const place = move(mention)
      if (!place) return []
      const { cues, clause, ...rest } = mention
      const movedCues = cues?.flatMap(cue => {
        const moved = move(cue)
        return moved ? [{ ...cue, ...moved }] : []
      })
      const movedClause = clause && move(clause)
      return {
        ...rest,
        ...place,
        ...(movedCues?.length ? { cues: movedCues } : {}),
        ...(movedClause ? { clause: movedClause } : {}),
      }
    }),
    skipped: skipped.flatMap(one => {
      const place = move(one)
      return place ? [{ ...one, ...place }] : []
    }),
  }
}

/** Where a stretch of the old text stands in the new; undefined where it is gone. */
function mover(old: string, text: string): (stretch: Stretch) => Stretch | undefined {
  let head = 0
  const most = Math.min(old.length, text.length)
  while (head < most && old[head] === text[head]) head++
  let tail = 0
  while (tail < most - head && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail++
  const shift = text.length - old.length

  return ({ start, end }) => {
    if (end <= head) return { start, end }
    if (start >= old.length - tail) return { start: start + shift, end: end + shift }
    const words = old.slice(start, end)
    const from = Math.max(0, Math.min(head, start) - words.length)
    const to = Math.min(text.length, text.length - tail + words.length)
    const first = text.slice(from, to).indexOf(words)
    if (first < 0 || text.slice(from + first + 1, to).includes(words)) return undefined
    return { start: from + first, end: from + first + words.length }
  }
}
