import type { Assertion, Lesion } from '../../records/vocabulary.ts'
import { LESIONS } from '../../records/vocabulary.ts'
import type { Random } from '../random.ts'

/** A mention as the caption's writer meant it; offsets in UTF-16 units of the caption. */
export interface MeantMention {
  lesion: Lesion
  start: number
  end: number
  text: string
  assertion: Assertion
  panels: string[]
}

export interface MeantSkip {
  lesion: Lesion
  start: number
  end: number
  text: string
  reason: string
}

export interface MeantCaption {
  text: string
  mentions: MeantMention[]
  skipped: MeantSkip[]
}

/** The ways writers, translators and text layers spell a term; `<name>` in a script draws one. */
export const RULES: Record<string, readonly string[]> = {
  ggo: [
    'ground-glass opacities',
    'ground-glass opacities',
    'ground-glass opacity',
    'ground-glass opacity',
    'ground glass opacities',
    'ground-glass opacification',
    'ground glass shadows',
    'ground-glass attenuation',
    'ground-glass density',
    'GGOs',
    'GGO',
    'ground grass opacity',
    'groundglass opacities',
    'ground-glass changes',
  ],
  csld: [
    'consolidation',
    'consolidation',
    'consolidations',
    'consolidative opacities',
    'consolidative lesions',
  ],
  crpa: [
    'crazy-paving pattern',
    'crazy paving pattern',
    'crazy-paving sign',
    'crazy-paving appearance',
    'crazy paving',
  ],
  airbr: ['air bronchograms', 'air bronchogram', 'air-bronchogram sign', 'air bronchogram sign'],
  inse: [
    'interlobular septal thickening',
    'thickened interlobular septa',
    'thickening of the interlobular septa',
    'interlobular septum thickening',
  ],
  bilateral: ['bilateral', 'multiple bilateral', 'patchy bilateral', 'multifocal'],
  where: [
    'under the pleura',
    'in the dorsal lower lobes',
    'along the outer third of both lungs',
    'in both lower lobes',
  ],
  shows: ['shows', 'demonstrates', 'reveals', 'depicts'],
  show: ['show', 'demonstrate', 'reveal'],
  ct: ['Chest CT', 'Axial chest CT', 'Unenhanced chest CT', 'Thin-section CT', 'Non-contrast CT'],
  covid: [
    'COVID-19',
    'COVID-19 pneumonia',
    'coronavirus disease 2019',
    'SARS-CoV-2 infection',
    '2019-nCoV infection',
  ],
  proven: ['laboratory-confirmed', 'confirmed', 'RT-PCR-confirmed', 'nucleic-acid-confirmed'],
  sex: ['man', 'woman'],
  age: ['29', '34', '38', '41', '45', '47', '52', '56', '58', '61', '63', '67', '71', '74', '78'],
  completely: ['completely', 'almost completely', 'basically'],
}

const SIGNS: Record<string, Assertion> = { '+': 'present', '-': 'absent', '?': 'possible', '~': 'resolved' }

/** Replaces `<rule>` and `{one|other}` until none is left. */
function expand(script: string, random: Random): string {
  let text = script
  for (let depth = 0; depth < 20; depth++) {
    const before = text
    text = text
      .replace(/<([a-z]+)>/g, (_, name: string) => {
        const rule = RULES[name]
        if (!rule) throw new RangeError(`caption rule: ${name}: unknown; add it to RULES`)
        return random.pick(rule)
      })
      .replace(/\{([^{}]*)\}/g, (_, choices: string) => random.pick(choices.split('|')))
    if (text === before) return text
  }
  throw new RangeError(`caption script: endless rules: ${script.slice(0, 60)}`)
}

/**
 * Writes a caption from a script. `[GGO+A,B: words]` is a mention that is present (`+`, absent `-`, possible `?`,
 * resolved `~`) and bound to panels A and B (none: the whole figure); `[GGO!reason: words]` is a lesion word that is
 * no mention; `{a|b}` and `<rule>` are drawn by the stream.
 */
export function writeCaption(script: string, random: Random): MeantCaption {
  const source = expand(script, random)
  const caption: MeantCaption = { text: '', mentions: [], skipped: [] }
  let at = 0
  for (const match of source.matchAll(/\[(\w+)([-+?~!])([^:\]]*): ([^\]]+)\]/g)) {
    caption.text += source.slice(at, match.index)
    at = match.index + match[0].length
    const lesion = LESIONS.find(name => name === match[1])
    if (!lesion) throw new RangeError(`caption script: ${match[0]}: expected one of ${LESIONS.join(', ')}`)
    const text = match[4]!
    const start = caption.text.length
    caption.text += text
    const span = { lesion, start, end: start + text.length, text }
    if (match[2] === '!') caption.skipped.push({ ...span, reason: match[3]! })
    else
      caption.mentions.push({
        ...span,
        assertion: SIGNS[match[2]!]!,
        panels: match[3] ? match[3].split(',') : [],
      })
  }
  caption.text += source.slice(at)
  // Sentences begin with a capital, whatever term was drawn for their start; lengths stay the same.
  caption.text = caption.text.replace(
    /(^|\. )([a-z])(?=[a-z])/g,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  )
  for (const span of [...caption.mentions, ...caption.skipped])
    span.text = caption.text.slice(span.start, span.end)
  return caption
}
