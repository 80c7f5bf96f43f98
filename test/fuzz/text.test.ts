import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMiner } from '../../extractor/text/miner.ts'
import { measured, times } from '../long.ts'

const MEGABYTE = 1_000_000
/** Texts that make bad patterns slow: repeated until they are long. */
const SHAPES: Record<string, string> = {
  'one letter': 'a',
  blanks: ' ',
  'line ends': '\n',
  brackets: '(',
  'panel letters': '(A) (B), (C-D) ',
  terms: 'ground-glass opacities and consolidation with crazy paving ',
  negations: 'no no no without evidence of not ',
  'words without a stop': 'no ground glass or consolidation and no crazy paving or ',
  hyphens: 'ground-\n-glass--',
  'abbreviations and dots': 'e.g. Fig. 1. GGO (GGO), 1.2.3. et al. ',
  surrogates: '\u{1f4be}\ud800\u0301\u200b',
}

const miner = createMiner()
const repeated = (shape: string, length: number) =>
  shape.repeat(Math.ceil(length / shape.length)).slice(0, length)

/** Processor time, not the clock's: a busy machine makes a test wait, not work. The least of three. */
function seconds(text: string): number {
  const tries = [1, 2, 3].map(() => {
    const before = process.cpuUsage()
    miner.mine(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  return Math.min(...tries)
}

describe('any string', () => {
  test('is mined without an error, and every span is of the text as given', () => {
    const words = fc.constantFrom(
      ...Object.values(SHAPES),
      'COVID-19',
      'Figure 2',
      'GGO',
      '\u0000',
      '\r\n',
      'ß',
      'İ',
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc
        .array(fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 5 })), { maxLength: 60 })
        .map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(texts, fc.option(texts, { nil: undefined }), (text, context) => {
        const found = miner.mine(text, context)
        for (const { start, end, text: words } of found.mentions) {
          expect(start).toBeLessThan(end)
          expect(text.slice(start, end)).toBe(words)
        }
        for (const { start, end } of found.skipped)
          expect(0 <= start && start <= end && end <= text.length).toBe(true)
      }),
      { numRuns: times(20_000, 200), seed: 9 },
    )
  })

  test.each(Object.entries(SHAPES))(
    'of many %s takes time that grows with its length, not with its square',
    (name, shape) => {
      const size = times(MEGABYTE, MEGABYTE / 10)
      const short = seconds(repeated(shape, size / 8))
      const long = seconds(repeated(shape, size))
      measured(`${size} characters of ${name}: ${long.toFixed(2)} s`)
      // Eight times the text: a square would be 64 times. Room for the collector of garbage, and for a busy machine.
      expect(long).toBeLessThan(Math.max(0.5, 32 * short))
    },
  )
})
