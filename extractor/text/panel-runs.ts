import { panelWords as words } from '../lexicon/word-lists.ts'
import type { LabelGroup } from './panel-groups.ts'
import { labelOf } from './panel-letters.ts'
import type { Token } from './tokens.ts'

/**
 * Letters that cannot be panels are left out: outside captions those of notes ("S: … O: … A: … P: …", "T: 38.2"),
 * inside them symbols ("the messenger (M)", "lead V3"), and what another figure is cited by ("as in Fig. 1A"). Panels
 * run from A on with few gaps, or are the one letter that a split caption begins with.
 */
export function consistent(tokens: readonly Token[], groups: LabelGroup[]): LabelGroup[] {
  const isBare = (group: LabelGroup) => {
    const first = tokens[group.from] as Token
    return first.kind === 'word' && first.text.length <= 3 && labelOf(first, false, '') !== null
  }
  const all = new Set(groups.flatMap(group => group.labels))
  const run = new Set<string>()
  for (let code = 65, gap = 0; code <= 90 && gap < 2; code++) {
    const letter = String.fromCharCode(code)
    if (all.has(letter)) {
      run.add(letter)
      gap = 0
    } else gap++
  }
  const startsAtA = all.has('A')
  const numbered = [...all].filter(label => /^[A-Z]\d+$/.test(label))
  const fits = (label: string) => {
    if (/^[A-Z]$/.test(label)) return startsAtA ? run.has(label) : label <= 'L'
    if (/^[A-Z]\d+$/.test(label)) return label <= 'I' && (numbered.length > 1 || run.size === 0)
    if (/^\d+[A-Z]$/.test(label)) return run.size < 2
    if (/^[IVX]{2,}$/.test(label)) return all.has('II') && (all.has('I') || all.has('III'))
    return true
  }
  const kept: LabelGroup[] = []
  for (const group of groups) {
    const labels = group.labels.filter(fits)
    if (labels.length > 0) kept.push({ ...group, labels })
  }
  if (words.figure.has(tokens[0]?.text ?? '')) return kept
  const bare = kept.filter(isBare)
  const follows = (label: string) =>
    !/^[B-Z]$/.test(label) || all.has(String.fromCharCode(label.charCodeAt(0) - 1))
  if (bare.every(group => group.labels.every(follows))) return kept
  const only = bare.length === 1 && bare[0]?.from === 0 && /^[A-H]$/.test(bare[0].labels[0] ?? '')
  return only ? kept : kept.filter(group => !isBare(group))
}

/** "a. b. c. d. Chest CT": a row of labels heads what follows it together. */
export function rowsJoined(groups: readonly LabelGroup[]): LabelGroup[] {
  const out: LabelGroup[] = []
  for (const group of groups) {
    const last = out[out.length - 1]
    if (last && last.to === group.from && last.atHead && group.atHead) {
      last.to = group.to
      last.labels = [...new Set([...last.labels, ...group.labels])]
    } else out.push({ ...group })
  }
  return out
}
