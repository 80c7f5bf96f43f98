import type { MinedLabel } from './case.ts'
import type { Mention, TextFindings } from './mining.ts'
import { type Finding, findingOf, type Lesion, type PerLesion, perLesion } from './vocabulary.ts'

/** The panel a case shows. */
export interface ShownPanel {
  /** Its letter; null where it carries none. */
  label: string | null
  /** Whether the picture is the whole figure: then all that is said of any panel is said of it. */
  wholeFigure: boolean
}

/**
 * Whether a mention speaks of a panel: it is bound to no panel (so to all), or to this one. "A" speaks of its parts
 * A1 and A2 too, and what is said of A1 is said of the picture A that holds it. Of an unlettered part of a figure only
 * what is said of the whole is known.
 */
export function speaksOf(mention: Pick<Mention, 'panels'>, panel: ShownPanel): boolean {
  if (mention.panels.length === 0 || (panel.wholeFigure && panel.label === null)) return true
  const label = panel.label
  return label !== null && mention.panels.some(named => isPartOf(label, named) || isPartOf(named, label))
}

const isPartOf = (part: string, whole: string) =>
  part === whole ||
  (/^\p{L}+$/u.test(whole) && part.startsWith(whole) && /^\d+$/.test(part.slice(whole.length)))

/** What the mentions say of a panel's lesion. */
export function findingFor(mentions: readonly Mention[], lesion: Lesion, panel: ShownPanel): Finding {
  return findingOf(
    mentions
      .filter(mention => mention.lesion === lesion && speaksOf(mention, panel))
      .map(mention => mention.assertion),
  )
}

/** What the mentions say of a panel, lesion by lesion. */
export function findingsFor(mentions: readonly Mention[], panel: ShownPanel): PerLesion<Finding> {
  return perLesion(lesion => findingFor(mentions, lesion, panel))
}

/**
 * What was mined for one panel out of its figure's caption: the findings of the mentions that speak of it, and its own
 * flag where one is said of the panel, else the caption's.
 */
export function minedLabelFor(
  text: Pick<TextFindings, 'covid' | 'mentions' | 'panels'>,
  panel: ShownPanel,
): MinedLabel {
  const own = panel.label === null ? undefined : text.panels[panel.label]?.flag
  return {
    flag: own ?? text.covid.flag,
    evidence: text.covid.evidence,
    findings: findingsFor(text.mentions, panel),
  }
}
