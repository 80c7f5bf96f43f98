import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMiner } from '../../../extractor/text/miner.ts'
import { negexRow, scoreNegex, scoreReports, scoreTexts } from '../../bench/extractor-text-score.mjs'
import { hasRealData, realData } from '../../real-data.ts'

const lines = (...path: string[]) =>
  readFileSync(join(realData, ...path), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe.skipIf(!hasRealData('reports'))('the development sets', { timeout: 60_000 }, () => {
  const miner = createMiner()

  it('captions: mentions .97 exact, .99 overlapping, .98 with assertion; findings .99; flags .96; panels .95', () => {
    const score = scoreTexts(
      lines('covid-ct', 'captions.jsonl').map(({ caption, gold }) => ({
        gold: {
          covid: gold.covid,
          mentions: gold.mentions.map((each: { start: number; text: string }) => ({
            ...each,
            end: each.start + each.text.length,
          })),
        },
        mined: miner.mine(caption),
      })),
    )
    expect(score.exact.f1).toBeGreaterThanOrEqual(0.97)
    expect(score.overlap.f1).toBeGreaterThanOrEqual(0.99)
    expect(score.strict.f1).toBeGreaterThanOrEqual(0.98)
    expect(score.finding.f1).toBeGreaterThanOrEqual(0.99)
    expect(score.flagAccuracy).toBeGreaterThanOrEqual(0.96)
    expect(score.panels.f1).toBeGreaterThanOrEqual(0.95)
  })

  it('OpenI: consolidation F1 .93', () => {
    const score = scoreReports(
      lines('reports', 'openi-consolidation.jsonl').map(({ text, consolidation }) => ({
        gold: consolidation,
        positive: miner.mine(text).findings.Csld === 'present',
      })),
    )
    expect(score.f1).toBeGreaterThanOrEqual(0.93)
  })

  it('NegEx sentences: accuracy .985, negated F1 .965', () => {
    const score = scoreNegex(
      lines('reports', 'negex.jsonl')
        .map(negexRow)
        .map(row => ({
          negated: row.negated,
          mined: miner.assertTargets(row.text, row.targets)[0]?.assertion,
        })),
    )
    expect(score.accuracy).toBeGreaterThanOrEqual(0.985)
    expect(score.negated.f1).toBeGreaterThanOrEqual(0.965)
  })
})
