import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PERSONAL_KINDS, type PersonalKind, personalSpans } from '../../../data/checks/personal-text.ts'
import { packagePath } from '../../../data/workspace/package-root.ts'

interface Marked {
  text: string
  spans: { kind: PersonalKind; start: number; end: number }[]
}

/** Takes `[[kind:words]]` out of a text, and keeps where they stood. */
function unmarked(marked: string): Marked {
  const spans: Marked['spans'] = []
  let text = ''
  let from = 0
  for (const match of marked.matchAll(/\[\[([a-z-]+):([^\]]+)\]\]/g)) {
    text += marked.slice(from, match.index)
    spans.push({ kind: match[1] as PersonalKind, start: text.length, end: text.length + match[2]!.length })
    text += match[2]
    from = match.index + match[0].length
  }
  return { text: text + marked.slice(from), spans }
}

const rows = readFileSync(packagePath('test', 'data', 'fixtures', 'personal-data', 'texts.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as { text: string; missed?: PersonalKind[] })
  .map(row => ({ ...unmarked(row.text), missed: row.missed ?? [] }))

describe('personal data in texts', () => {
  test.each(rows.filter(({ missed }) => missed.length === 0))('$text', ({ text, spans }) => {
    expect(
      personalSpans(text).map(({ kind, start, end }) => ({ kind, words: text.slice(start, end) })),
    ).toEqual(spans.map(({ kind, start, end }) => ({ kind, words: text.slice(start, end) })))
  })
  test('over the own texts, precision and recall by kind', () => {
    const counts = Object.fromEntries(PERSONAL_KINDS.map(kind => [kind, { found: 0, right: 0, there: 0 }]))
    for (const { text, spans, missed } of rows) {
      for (const kind of missed) counts[kind]!.there++
      for (const { kind } of spans) counts[kind]!.there++
      for (const { kind, start, end } of personalSpans(text)) {
        counts[kind]!.found++
        if (spans.some(span => span.kind === kind && span.start === start && span.end === end))
          counts[kind]!.right++
      }
    }
    const shown = Object.entries(counts).map(
      ([kind, { found, right, there }]) => `${kind}: precision ${right}/${found}, recall ${right}/${there}`,
    )
    console.log(shown.join('\n'))
    for (const { found, right, there } of Object.values(counts)) {
      expect(right / found).toBeGreaterThanOrEqual(0.95)
      expect(right / there).toBeGreaterThanOrEqual(0.8)
    }
  })
  test('long texts are looked through whole and fast, whatever they hold', () => {
    const filler = 'ground-glass opacity 1234 (555) Name A. '.repeat(2000)
    const text = `${filler}Patient name: John Harrow. ${filler}MRN: 00482913`
    const found = personalSpans(text).map(({ start, end }) => text.slice(start, end))
    expect(found).toContain('John Harrow')
    expect(found).toContain('00482913')
  })
  test('an empty text holds nothing', () => {
    expect(personalSpans('')).toEqual([])
  })
})
