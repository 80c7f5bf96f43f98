import type { LabelLine } from '../../data/records/mining.ts'
import { cueSpan, judge } from './assertion.ts'
import type { CompiledLexicon } from './compiled.ts'
import { readText } from './reading.ts'
import type { Token } from './tokens.ts'

/** A concept whose assertion is asked for: a span of the text, or words to look for in it. */
export type Target = { start: number; end: number } | string
export type AssertedTarget = NonNullable<LabelLine['targets']>[number]

/** What a text asserts of each target, in their order; one of words that do not occur is left out. */
export function assertTargets(
  text: string,
  targets: readonly Target[],
  compiled: CompiledLexicon,
): AssertedTarget[] {
  const { tokens, sentences } = readText(text, compiled)
  const out: AssertedTarget[] = []
  for (const target of targets) {
    const span = typeof target === 'string' ? locate(text, target) : target
    if (!span) continue
    const from = tokens.findIndex(token => token.end > span.start)
    if (from < 0) continue
    let to = from
    while (to < tokens.length && (tokens[to] as Token).start < span.end) to++
    const home = sentences.find(each => from >= each.sentence.from && from < each.sentence.to)
    const judged = home ? judge(home.cues, from, Math.max(to, from + 1)) : null
    const row: AssertedTarget = {
      start: span.start,
      end: span.end,
      text: text.slice(span.start, span.end),
      assertion: judged?.assertion ?? 'present',
    }
    if (judged && judged.cues.length > 0) row.cues = judged.cues.map(scoped => cueSpan(text, tokens, scoped))
    out.push(row)
  }
  return out
}

/** The words of a target in a text, whatever their case and blanks; where shouted, that place first. */
function locate(text: string, words: string): { start: number; end: number } | null {
  const escaped = words
    .trim()
    .split(/\s+/)
    .map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (escaped.join('') === '') return null
  const shouted = new RegExp(escaped.map(word => word.toUpperCase()).join('\\s+'))
  const found = shouted.exec(text) ?? new RegExp(escaped.join('\\s+'), 'i').exec(text)
  return found ? { start: found.index, end: found.index + found[0].length } : null
}
