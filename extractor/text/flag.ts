import type { FlagEvidence } from '../../data/records/mining.ts'
import type { MinedFlag } from '../../data/records/vocabulary.ts'
import type { FlagSign } from './flag-signs.ts'
import type { Token } from './tokens.ts'

/** The flag of a text from its signs, and the signs that gave it. */
export function flagOf(
  signs: readonly FlagSign[],
  hasPanelText: boolean,
  onePanel = true,
): { flag: MinedFlag; by: FlagSign[] } {
  const body = hasPanelText ? signs.filter(sign => sign.inPanel) : []
  const title = hasPanelText ? signs.filter(sign => !sign.inPanel) : [...signs]
  const pick = (list: readonly FlagSign[], ...says: FlagSign['says'][]) =>
    list.filter(sign => says.includes(sign.says))
  if (pick(body, 'positive').length > 0) return { flag: 'positive', by: pick(signs, 'positive') }
  const titled = pick(title, 'positive')
  const titleOther = pick(title, 'other', 'control', 'negative')
  if (pick(body, 'possible').length > 0 && titled.length === 0)
    return { flag: 'possible', by: pick(signs, 'possible') }
  const against = pick(body, 'negative', 'control')
  if (against.length > 0) return { flag: 'negative', by: against }
  const others = pick(body, 'other')
  if (others.length > 0 && (titled.length === 0 || titleOther.length > 0)) {
    const suspected = pick(title, 'possible')
    if (suspected.length > 0) return { flag: 'possible', by: suspected }
    return { flag: 'negative', by: others }
  }
  if (titled.length > 0) {
    // "Imaging of heart failure and COVID-19. B, …" does not say which of them B shows.
    if (hasPanelText && onePanel && titleOther.length > 0 && !saysBothOfOne(titled, titleOther))
      return { flag: 'unstated', by: [] }
    return { flag: 'positive', by: titled }
  }
  const possible = pick(title, 'possible')
  const denied = pick(title, 'negative', 'control')
  if (possible.length > 0) return { flag: 'possible', by: possible }
  if (denied.length > 0) return { flag: 'negative', by: denied }
  const other = pick(title, 'other')
  return other.length > 0 ? { flag: 'negative', by: other } : { flag: 'unstated', by: [] }
}

/** "a patient with both heart failure and COVID-19" has it. */
function saysBothOfOne(positive: readonly FlagSign[], others: readonly FlagSign[]): boolean {
  if (positive.some(sign => !others.some(other => other.sentence === sign.sentence)))
    return others.every(other => other.says === 'other')
  return positive.some(sign => sign.ofOnePatient)
}

/** The evidence as the miner's rows carry it. */
export function evidenceOf(
  text: string,
  tokens: readonly Token[],
  sign: FlagSign,
  source: 'text' | 'context',
): FlagEvidence {
  const start = (tokens[sign.from] as Token).start
  const end = (tokens[sign.to - 1] as Token).end
  return { start, end, text: text.slice(start, end), rule: `${sign.rule}.${sign.says}`, source }
}
