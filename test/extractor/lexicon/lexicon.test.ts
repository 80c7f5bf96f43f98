import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { applyChange, readLexiconChange } from '../../../extractor/lexicon/change.ts'
import { compareMiners } from '../../../extractor/lexicon/compare.ts'
import { readLexicon } from '../../../extractor/lexicon/lexicon.ts'
import { checkLexicon } from '../../../extractor/lexicon/schema.ts'
import { createMiner } from '../../../extractor/text/miner.ts'
import { expand, membersOf } from '../../../extractor/text/patterns.ts'

const lexicon = readLexicon()
const miner = createMiner()

/** Some of the phrases a pattern stands for: the first, and others by a fixed stride. */
function phrasesOf(pattern: string): string[] {
  const sequences = expand(pattern, lexicon.classes)
  const wordOf = (element: string, nth: number): string => {
    if (element === '#') return '2'
    if (!element.startsWith('@') || element.length === 1) return element
    const { singles } = membersOf(element.slice(1), lexicon.classes)
    return wordOf(singles[nth % singles.length] as string, nth)
  }
  return [0, 7, 31, 101]
    .filter(nth => nth < Math.max(sequences.length, 1) || nth === 0)
    .map(nth =>
      (sequences[nth % sequences.length] as string[]).map(element => wordOf(element, nth)).join(' '),
    )
}

describe('the lexicon', { timeout: 60_000 }, () => {
  it('fits its schema', () => {
    expect(checkLexicon(lexicon)).toEqual(lexicon)
  })

  it('has every id once', () => {
    for (const entries of [lexicon.terms, lexicon.skips, lexicon.cues]) {
      const ids = entries.map(entry => entry.id)
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  it.each(lexicon.terms.map(term => [term.id, term] as const))(
    '%s: each of its patterns is found as its lesion',
    (_, term) => {
      for (const phrase of term.patterns.flatMap(phrasesOf)) {
        const found = miner
          .mine(`The lung shows ${phrase}.`)
          .mentions.filter(each => each.lesion === term.lesion)
        expect(
          found.map(each => each.text.toLowerCase()),
          phrase,
        ).toContain(phrase)
      }
    },
  )

  it.each(lexicon.skips.map(skip => [skip.id, skip] as const))(
    '%s: none of its patterns is a mention',
    (_, skip) => {
      for (const phrase of skip.patterns.flatMap(phrasesOf))
        expect(miner.mine(`There is ${phrase}.`).mentions, phrase).toEqual([])
    },
  )

  const says = { negated: 'absent', possible: 'possible', resolved: 'resolved' } as Record<string, string>
  it.each(lexicon.cues.filter(cue => cue.direction !== 'none').map(cue => [cue.id, cue] as const))(
    '%s: each of its patterns says what it is there to say',
    (_, cue) => {
      for (const phrase of cue.patterns.flatMap(phrasesOf)) {
        const text =
          cue.direction === 'forward'
            ? `${cue.opening ? '' : 'There '}${phrase} consolidation.`
            : `The consolidation ${phrase}.`
        const { mentions } = miner.mine(text)
        expect(mentions[0]?.assertion ?? 'skipped', text).toBe(says[cue.category] ?? 'skipped')
      }
    },
  )
})

describe('a change of the lexicon', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lexicon-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const written = (text: string) => {
    const file = join(folder, 'change.json')
    writeFileSync(file, text)
    return file
  }

  it('adds, replaces and removes entries, and leaves the given one alone', async () => {
    const change = await readLexiconChange(
      written(
        '{"terms":[{"id":"csld.white","lesion":"Csld","patterns":["white lung"]}],"cues":[{"id":"neg.deny","remove":true}]}',
      ),
    )
    const changed = applyChange(lexicon, change)
    expect(changed.terms.at(-1)?.id).toBe('csld.white')
    expect(changed.cues.some(cue => cue.id === 'neg.deny')).toBe(false)
    expect(lexicon.cues.some(cue => cue.id === 'neg.deny')).toBe(true)
  })

  it.each([
    ['{"terms":[{"id":"csld.x","lesion":"Lung","patterns":["x"]}]}'],
    ['{"nouns":[]}'],
    ['{"cues":[{"id":"neg.x","category":"negated","direction":"up","patterns":["x"]}]}'],
    ['no JSON'],
  ])('that is wrong is refused with what was expected: %s', async text => {
    await expect(readLexiconChange(written(text))).rejects.toMatchObject({ code: 'lexicon-invalid' })
  })

  it('with an unknown class is refused by its name', () => {
    const change = { terms: [{ id: 'csld.x', lesion: 'Csld' as const, patterns: ['@nowhere lung'] }] }
    expect(() => createMiner({ lexicon: applyChange(lexicon, change) })).toThrow('@nowhere: no such class')
  })

  it('is shown over a corpus: added, lost, flipped, flags; better or worse by the expert', () => {
    const change = {
      terms: [{ id: 'csld.white', lesion: 'Csld' as const, patterns: ['white lung'] }],
      cues: [{ id: 'neg.deny', remove: true as const }],
    }
    const changed = createMiner({ lexicon: applyChange(lexicon, change) })
    const mention = { lesion: 'Csld' as const, start: 0, end: 10, assertion: 'present' as const }
    const comparison = compareMiners(miner.mine, changed.mine, [
      { id: 'a', text: 'White lung.', gold: { covid: 'unstated', mentions: [mention] } },
      {
        id: 'b',
        text: 'The reader denies consolidation.',
        gold: { mentions: [{ ...mention, start: 18, end: 31, assertion: 'absent' }] },
      },
      { id: 'c', text: 'No GGO.' },
    ])
    expect(
      comparison.changes.map(each => [each.id, each.kind, each.before, each.after, each.verdict]),
    ).toEqual([
      ['a', 'added', null, 'present', 'better'],
      ['b', 'flipped', 'absent', 'present', 'worse'],
    ])
    expect(comparison.counts).toEqual({ added: 1, lost: 0, flipped: 1, flag: 0 })
  })
})
