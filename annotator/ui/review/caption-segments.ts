import type { Mention } from '../../../data/records/mining.ts'

/** A run of the caption that is drawn the same way throughout. */
export interface CaptionSegment {
  start: number
  end: number
  text: string
  /** Index of the mention it belongs to; -1 outside any. Where mentions overlap, the shorter one shows. */
  mention: number
  /** Indices of the mentions whose cue it belongs to. */
  cueOf: number[]
  /** Belongs to the panel looked at: lit; the rest is dimmed. */
  lit: boolean
}

interface Range {
  start: number
  end: number
}

const within = (range: Range, at: number) => range.start <= at && at < range.end

/** True where a mention speaks of this panel: of the whole figure, or of the panel by its letter. */
export function speaksOf(mention: Pick<Mention, 'panels'>, panel: string | null): boolean {
  return mention.panels.length === 0 || panel === null || mention.panels.includes(panel)
}

/**
 * Which parts of the caption are this panel's own: the clauses of mentions bound to it. Null where no clause
 * belongs to a panel of its own, so that nothing is dimmed.
 */
export function litRanges(mentions: readonly Mention[], panel: string | null): Range[] | null {
  if (panel === null || !mentions.some(mention => mention.panels.length > 0 && mention.clause)) return null
  return mentions
    .filter(mention => speaksOf(mention, panel))
    .map(mention => mention.clause ?? { start: mention.start, end: mention.end })
}

/** Cuts a caption into segments at every border of a mention, a cue and a lit clause. */
export function captionSegments(
  caption: string,
  mentions: readonly Mention[],
  panel: string | null,
): CaptionSegment[] {
  const lit = litRanges(mentions, panel)
  const cues = mentions.flatMap(mention => mention.cues ?? [])
  const borders = new Set([0, caption.length])
  for (const range of [...mentions, ...cues, ...(lit ?? [])])
    for (const at of [range.start, range.end]) if (at > 0 && at < caption.length) borders.add(at)
  const cuts = [...borders].sort((a, b) => a - b)
  const segments: CaptionSegment[] = []
  for (let i = 0; i + 1 < cuts.length; i++) {
    const start = cuts[i] as number
    const end = cuts[i + 1] as number
    segments.push({
      start,
      end,
      text: caption.slice(start, end),
      mention: shortestAt(mentions, start),
      cueOf: mentions.flatMap((mention, index) =>
        mention.cues?.some(cue => within(cue, start)) ? [index] : [],
      ),
      lit: lit === null || lit.some(range => within(range, start)),
    })
  }
  return segments
}

function shortestAt(mentions: readonly Mention[], at: number): number {
  let best = -1
  let length = Number.POSITIVE_INFINITY
  mentions.forEach((mention, index) => {
    if (within(mention, at) && mention.end - mention.start < length) {
      best = index
      length = mention.end - mention.start
    }
  })
  return best
}
